-- Up Migration
-- Why: a policy names its actions in its own words, says how much is at stake and which parameters are looked at first. A card
-- goes on to say what it said, whatever is applied later.
-- Locks: access exclusive on approval_requests, for the moment that it takes to change its catalogue.
alter table placet.approval_requests
  add column presentation jsonb check (jsonb_typeof(presentation) = 'object');
