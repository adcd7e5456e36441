-- Up Migration
-- Why: a request may have several stages. A person decides on it once or, where its stages are not distinct, once in each; a
-- decision keeps which groups of its stage its person was in.
-- Locks: access exclusive on decisions, while two indexes of it are built anew; on two views, for the moment that it takes to
-- replace them.
alter table placet.decisions
  -- Null in rows of before: there was no stage then that looked at them.
  add column group_ids text[],
  -- Within what its person decides once: -1 for the whole request, else the stage.
  add column once_in integer not null default -1;

create function placet.set_once_in() returns trigger
language plpgsql as $$
begin
  new.once_in := case when exists (
    select from placet.approval_requests r
    where r.tenant_id = new.tenant_id and r.id = new.request_id and r.requirement ->> 'distinct_stages' = 'false')
    then new.stage else -1 end;
  return new;
end $$;
create trigger set_once_in before insert on placet.decisions for each row execute function placet.set_once_in();
alter table placet.decisions enable always trigger set_once_in;

alter table placet.decisions
  drop constraint decisions_tenant_id_request_id_person_id_key,
  drop constraint decisions_one_account,
  add constraint decisions_one_person unique (tenant_id, request_id, person_id, once_in),
  add constraint decisions_one_account unique (tenant_id, request_id, via, account, once_in);

create or replace view placet.decisions_now with (security_invoker = true) as
select d.tenant_id, d.id, d.request_id, d.stage, p.person_id, p.name, p.email, d.decision, d.reason, d.digest, d.via, d.account,
  d.decided_at,
  (select min(i.from_at)
    from placet.person_identities i join placet.people_now w on w.tenant_id = i.tenant_id and w.id = i.person_id
    where i.tenant_id = d.tenant_id and i.provider = d.via and i.subject = d.account and i.from_at > d.decided_at
      and w.person_id <> p.person_id) as account_moved_at,
  d.group_ids, d.once_in
from placet.decisions d
join placet.people_now p on p.tenant_id = d.tenant_id and p.id = d.person_id;

-- Requests whose every stage has its quorum of settled approvers of its own groups for this very digest, none of them behind it,
-- and no denial. One with `each` is judged one by one.
create or replace view placet.plainly_approved with (security_invoker = true) as
with approvals as (
  select d.tenant_id, d.request_id, d.stage, d.digest, d.once_in, d.person_id, d.group_ids
  from placet.decisions d
  join placet.settled_accounts a
    on a.tenant_id = d.tenant_id and a.provider = d.via and a.subject = d.account and a.person_id = d.person_id
  where d.decision = 'approve'
), full_stages as (
  select r.tenant_id, r.id as request_id,
    not coalesce((s.stage ->> 'each')::boolean, false) and count(a.person_id) >= (s.stage ->> 'quorum')::integer
      and not coalesce(array_agg(a.person_id) && r.excluded_people, false) as is_full
  from placet.approval_requests r
  cross join lateral jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
  left join approvals a on a.tenant_id = r.tenant_id and a.request_id = r.id and a.stage = s.place - 1 and a.digest = r.digest
    and a.once_in = case when r.requirement ->> 'distinct_stages' = 'false' then a.stage else -1 end
    and (a.group_ids is null or jsonb_path_query_array(s.stage, '$.approvers[*].group_id') ?| a.group_ids)
  where r.effect = 'require'
  group by r.tenant_id, r.id, s.place, s.stage
)
select f.tenant_id, f.request_id from full_stages f group by f.tenant_id, f.request_id having bool_and(f.is_full)
except all
select d.tenant_id, d.request_id from placet.decisions d where d.decision = 'deny' group by d.tenant_id, d.request_id;

alter function placet.set_once_in() owner to placet_owner;
