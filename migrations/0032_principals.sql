-- Up Migration
-- Why: whoever holds a credential, a tool mostly, acts under its own name: the credential's lease. And merging is for good by
-- constraint: a person that was merged follows the one that it was merged into, and is never taken out of it.
-- And a request keeps whom it is for, so that its credential names that person, whoever has the address by the claim.
-- Locks: access exclusive on audit_events while its rows are read once, about a second for five million; on people for the moment
-- that it takes to change its catalogue; on approval_requests while its rows are read once, and those that are for somebody written.
alter table placet.audit_events
  drop constraint audit_events_actor_kind_check,
  add constraint audit_events_actor_kind_check
    check (actor_kind in ('agent', 'person', 'slack_account', 'token', 'operator', 'system'));

-- After the statement, when all rows of one merge have been moved.
drop trigger guard_merge on placet.people;
create or replace function placet.guard_merge() returns trigger
language plpgsql as $$
begin
  if old.merged_into is not null and not exists (
    select from placet.people k where k.tenant_id = new.tenant_id and k.id = old.merged_into and k.merged_into = new.merged_into) then
    raise exception 'person % is merged for good', old.id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.people k where k.tenant_id = new.tenant_id and k.id = new.merged_into and k.merged_into is not null) then
    raise exception 'person % is merged itself', new.merged_into using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger guard_merge after update of merged_into on placet.people
  for each row when (new.merged_into is distinct from old.merged_into) execute function placet.guard_merge();
alter table placet.people enable always trigger guard_merge;

alter table placet.approval_requests no force row level security;
alter table placet.approval_requests
  add column on_behalf_of_person_id text,
  add constraint approval_requests_on_behalf_of_person_fkey
    foreign key (tenant_id, on_behalf_of_person_id) references placet.people (tenant_id, id);
-- Who never counts was kept from the first release on, the agent's owner first and then, or with it in one, whom it is for.
update placet.approval_requests set on_behalf_of_person_id = excluded_people[cardinality(excluded_people)]
  where on_behalf_of is not null;
alter table placet.approval_requests
  add constraint approval_requests_on_behalf_of_person check ((on_behalf_of is null) = (on_behalf_of_person_id is null));
alter table placet.approval_requests force row level security;
