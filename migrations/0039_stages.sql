-- Up Migration
-- Why: a request may have several stages. A person decides on it once or, where its stages are not distinct, once in each; a
-- decision keeps which groups of its stage its person was in. What a stage needs stands in SQL once, for INV-10 and for lists.
-- Locks: access exclusive on decisions, while two indexes of it are built anew; on three views, for the moment that it takes to
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

-- The stages of a request with the groups that each asks, and whether it is full of approvals that counted at a moment: for this
-- very digest, by distinct people who are not behind the request, by accounts that were still theirs; whoever stands in two
-- distinct stages counts in the earlier one. With `each`, as many people as groups must be found for every set of its groups (Hall
-- 1935). src/domain/request/stages.ts says the same, and a test holds the two together.
create function placet.stages_at(of_tenant text, of_request text, at timestamptz)
returns table (stage integer, group_ids text[], is_full boolean)
language sql stable parallel safe
begin atomic
  with r as materialized (
    select q.requirement, q.digest from placet.approval_requests q where q.tenant_id = of_tenant and q.id = of_request
  ), counted as materialized (
    select d.stage, d.person_id, d.group_ids
    from placet.decisions_now d join r on r.digest = d.digest
    where d.tenant_id = of_tenant and d.request_id = of_request and d.decision = 'approve'
      and (d.account_moved_at is null or d.account_moved_at > at)
      and not exists (
        select from placet.excluded_now x
        where x.tenant_id = d.tenant_id and x.request_id = d.request_id and x.person_id = d.person_id)
  ), asked as materialized (
    select (s.place - 1)::integer as stage, (s.stage ->> 'quorum')::integer as quorum,
      coalesce((s.stage ->> 'each')::boolean, false) as is_each,
      array(select a.approver ->> 'group_id' from jsonb_array_elements(s.stage -> 'approvers') as a(approver)) as named
    from r, jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
  ), present as materialized (
    select a.stage, c.person_id, coalesce(c.group_ids, case when a.is_each then '{}' else a.named end) as group_ids
    from asked a join counted c on c.stage = a.stage cross join r
    where (c.group_ids is null or c.group_ids && a.named)
      and (r.requirement ->> 'distinct_stages' = 'false' or not exists (
        select from counted e where e.person_id = c.person_id and e.stage < c.stage))
  )
  select a.stage, a.named,
    cardinality(a.named) > 0
      and a.quorum <= (select count(distinct p.person_id) from present p where p.stage = a.stage and p.group_ids && a.named)
      and not (a.is_each and exists (
        select from generate_series(1, (1 << cardinality(a.named)) - 1) as m(mask)
        where bit_count(m.mask::bit(32)) > (
          select count(distinct p.person_id)
          from present p, unnest(a.named) with ordinality as g(group_id, place)
          where p.stage = a.stage and m.mask & (1 << (g.place::integer - 1)) <> 0 and g.group_id = any (p.group_ids))))
  from asked a;
end;
grant execute on function placet.stages_at to placet_app, placet_auditor;

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

create or replace view placet.executed_without_approval with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from placet.begun e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
left join placet.grants g on g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
  and g.digest = r.digest and g.redeemed_at is not null
left join placet.plainly_approved v on v.tenant_id = r.tenant_id and v.request_id = r.id
where r.state <> 'approved'
  or (e.lease_id is not null and (e.digest <> r.digest or g.id is null))
  or (r.effect = 'require' and v.request_id is null and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (select from placet.stages_at(r.tenant_id, r.id, e.at) as s where not s.is_full)));

alter function placet.set_once_in() owner to placet_owner;
alter function placet.stages_at(text, text, timestamptz) owner to placet_owner;
