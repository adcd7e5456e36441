-- Up Migration
-- Why: a rule may deny what is asked outside its hours, although it requires approval within them; the record says so.
-- Locks: access exclusive on approval_requests, for the moment that it takes to change its catalogue.
alter table placet.approval_requests
  add column denial text check (denial in ('outside_hours')),
  add constraint approval_requests_denial_check1 check (denial is null or effect = 'deny');
