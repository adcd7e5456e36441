-- Up Migration
-- Why: somebody who is away may have a delegate, who decides in that place and is looked at together with it; and groups may stand in
-- for one that could not be reached when a request was made. What a stage needs stands in SQL once, so it is defined anew; and what
-- was decided in somebody's place is in doubt as well once something is said of that person (0067).
-- Locks: access exclusive on decisions while its catalogue changes and an index of it is built; on two views while they are replaced.

create table placet.absences (
  tenant_id text not null references placet.tenants,
  address text not null check (address = lower(address) and length(address) between 3 and 254),
  until_at timestamptz not null,
  delegate text check (delegate = lower(delegate) and length(delegate) between 3 and 254),
  primary key (tenant_id, address)
);
create index absences_delegate on placet.absences (tenant_id, delegate) where delegate is not null;
call placet.isolate_tenants('absences');
-- As the newest policy has them: each apply writes them anew, and is an event.
grant insert, delete on placet.absences to placet_app;

-- People who are away, or were, with who they and their delegates are now.
create view placet.absences_now with (security_invoker = true) as
select a.tenant_id, w.person_id, w.name, w.is_active, a.until_at, d.person_id as delegate_person_id
from placet.absences a
join placet.person_emails e on e.tenant_id = a.tenant_id and e.address = a.address and e.until_at is null
join placet.people_now w on w.tenant_id = e.tenant_id and w.id = e.person_id
left join placet.person_emails f on f.tenant_id = a.tenant_id and f.address = a.delegate and f.until_at is null
left join placet.people_now d on d.tenant_id = f.tenant_id and d.id = f.person_id;
grant select on placet.absences_now to placet_app, placet_auditor;

-- In whose place a decision was made, and the groups which that gave: [{person_id, group_ids}]; null for a right of its own.
alter table placet.decisions add column stands_in_for jsonb;
create index decisions_in_others_places on placet.decisions (tenant_id, request_id) where stands_in_for is not null;

create or replace view placet.decisions_now with (security_invoker = true) as
select d.tenant_id, d.id, d.request_id, d.stage, p.person_id, p.name, p.email, d.decision, d.reason, d.digest, d.via, d.account,
  d.decided_at,
  (select min(i.from_at)
    from placet.person_identities i join placet.people_now w on w.tenant_id = i.tenant_id and w.id = i.person_id
    where i.tenant_id = d.tenant_id and i.provider = d.via and i.subject = d.account and i.from_at > d.decided_at
      and w.person_id <> p.person_id) as account_moved_at,
  d.group_ids, d.once_in,
  case when d.stands_in_for is not null then (
    select coalesce(jsonb_agg(jsonb_build_object('person_id', w.person_id, 'name', w.name, 'group_ids', s.stead -> 'group_ids')
      order by w.person_id), '[]')
    from jsonb_array_elements(d.stands_in_for) as s(stead)
    join placet.people_now w on w.tenant_id = d.tenant_id and w.id = s.stead ->> 'person_id') end as stands_in_for
from placet.decisions d
join placet.people_now p on p.tenant_id = d.tenant_id and p.id = d.person_id;

-- As before; what was decided in somebody's place is judged one by one.
create or replace view placet.plainly_approved with (security_invoker = true) as
with approvals as (
  select d.tenant_id, d.request_id, d.stage, d.digest, d.once_in, d.person_id, d.group_ids
  from placet.decisions d
  join placet.settled_accounts a
    on a.tenant_id = d.tenant_id and a.provider = d.via and a.subject = d.account and a.person_id = d.person_id
  where d.decision = 'approve' and d.stands_in_for is null
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

-- As before, and: a decision in others' places counts by the groups of those who are not behind the request, did not decide
-- themselves where one voice is all they have, and had nobody stand in for them before; and people of groups that stand in are as
-- good as those of the groups that they stand in for.
create or replace function placet.stages_at(of_tenant text, of_request text, at timestamptz)
returns table (stage integer, group_ids text[], is_full boolean)
language sql stable parallel safe
begin atomic
  with r as materialized (
    select q.requirement, q.digest from placet.approval_requests q where q.tenant_id = of_tenant and q.id = of_request
  ), excluded as materialized (
    select x.person_id from placet.excluded_now x where x.tenant_id = of_tenant and x.request_id = of_request
  ), made as materialized (
    select d.* from placet.decisions_now d where d.tenant_id = of_tenant and d.request_id = of_request
  ), counted as materialized (
    select d.stage, d.person_id,
      case when d.stands_in_for is null then d.group_ids else array(
        select g.group_id from jsonb_array_elements(d.stands_in_for) as s(stead), jsonb_array_elements_text(s.stead -> 'group_ids') as g(group_id)
        where s.stead ->> 'person_id' not in (select x.person_id from excluded x) and not exists (
          select from made m where m.once_in = d.once_in and (m.person_id = s.stead ->> 'person_id'
            or (m.decided_at, m.id) < (d.decided_at, d.id)
              and m.stands_in_for @> jsonb_build_array(jsonb_build_object('person_id', s.stead ->> 'person_id'))))) end as group_ids
    from made d join r on r.digest = d.digest
    where d.decision = 'approve' and (d.account_moved_at is null or d.account_moved_at > at)
      and d.person_id not in (select x.person_id from excluded x)
  ), named as materialized (
    select (s.place - 1)::integer as stage, (s.stage ->> 'quorum')::integer as quorum,
      coalesce((s.stage ->> 'each')::boolean, false) as is_each,
      array(select a.approver ->> 'group_id' from jsonb_array_elements(s.stage -> 'approvers') as a(approver)) as named,
      array(select a.approver ->> 'group_id' from jsonb_array_elements(s.stage #> '{stand_ins,approvers}') as a(approver)) as stand_ins,
      array(select a.approver ->> 'group_id' from jsonb_array_elements(s.stage #> '{stand_ins,for}') as a(approver)) as stood_for
    from r, jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
  ), asked as materialized (
    select n.stage, n.quorum, n.is_each, n.named, n.stand_ins, n.stood_for, n.named || array(
        select e.group_id from placet.escalations e
        where e.tenant_id = of_tenant and e.request_id = of_request and e.stage = n.stage) || n.stand_ins as groups
    from named n
  ), present as materialized (
    select a.stage, c.person_id,
      case when c.group_ids && a.stand_ins then c.group_ids || a.stood_for
        else coalesce(c.group_ids, case when a.is_each then '{}' else a.named end) end as group_ids
    from asked a join counted c on c.stage = a.stage cross join r
    where (c.group_ids is null or c.group_ids && a.groups)
      and (r.requirement ->> 'distinct_stages' = 'false' or not exists (
        select from counted e where e.person_id = c.person_id and e.stage < c.stage))
  )
  select a.stage, a.groups,
    cardinality(a.named) > 0
      and a.quorum <= (select count(distinct p.person_id) from present p where p.stage = a.stage and p.group_ids && a.groups)
      and not (a.is_each and exists (
        select from generate_series(1, (1 << cardinality(a.named)) - 1) as m(mask)
        where bit_count(m.mask::bit(32)) > (
          select count(distinct p.person_id)
          from present p, unnest(a.named) with ordinality as g(group_id, place)
          where p.stage = a.stage and m.mask & (1 << (g.place::integer - 1)) <> 0 and g.group_id = any (p.group_ids))))
  from asked a;
end;

-- As before, and all that was decided in these people's places; also of somebody whose row is gone.
create or replace function placet.watch_person() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
  of_tenant text := case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end;
  people text[] := '{}';
  found text[];
begin
  perform set_config('placet.tenant_id', of_tenant, true);
  if tg_op <> 'INSERT' then people := people || array[to_jsonb(old) ->> tg_argv[0], to_jsonb(old) ->> 'merged_into']; end if;
  if tg_op <> 'DELETE' then people := people || array[to_jsonb(new) ->> tg_argv[0], to_jsonb(new) ->> 'merged_into']; end if;
  if tg_table_name = 'person_identities' and tg_op <> 'DELETE' then
    people := people || array(
      select i.person_id from placet.person_identities i
      where i.tenant_id = of_tenant and i.provider = new.provider and i.subject = new.subject);
    -- The one person that the account has had all along: nothing moved.
    if tg_op = 'INSERT' and new.person_id = all (array_remove(people, null)) then
      perform set_config('placet.tenant_id', named, true);
      return null;
    end if;
  end if;
  with them as materialized (
    select u.id from unnest(people) as u(id) where u.id is not null
    union
    select p.id from placet.people p where p.tenant_id = of_tenant and p.merged_into = any (people)
  ), theirs as (
    select d.request_id from them t join placet.decisions d on d.tenant_id = of_tenant and d.person_id = t.id
    union
    select d.request_id from placet.decisions d
    where d.tenant_id = of_tenant and d.stands_in_for is not null and exists (
      select from jsonb_array_elements(d.stands_in_for) as s(stead) where s.stead ->> 'person_id' in (select t.id from them t))
  )
  select array_agg(r.id) into found
  from theirs d join placet.approval_requests r on r.tenant_id = of_tenant and r.id = d.request_id and r.state in ('pending', 'approved');
  perform placet.doubt(of_tenant, found);
  perform set_config('placet.tenant_id', named, true);
  return null;
end $$;

alter table placet.absences owner to placet_owner;
alter view placet.absences_now owner to placet_owner;
