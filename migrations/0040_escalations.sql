-- Up Migration
-- Why: a stage that nobody answers asks more groups, which its request has named from the beginning. Added groups are rows that are
-- never changed or removed, read by whoever counts: what a stage needs stands in SQL once, for INV-10 and for lists. And what is told
-- of a stage in the thread of a card is a message of its own.
-- Locks: access exclusive on slack_messages, for the moment that it takes to replace a check.
create table placet.escalations (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  stage integer not null check (stage >= 0),
  group_id text not null,
  name text not null,
  escalated_at timestamptz not null,
  primary key (tenant_id, request_id, stage, group_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id),
  foreign key (tenant_id, group_id) references placet.approver_groups (tenant_id, id)
);
call placet.isolate_tenants('escalations');
call placet.append_only('escalations');

-- Only while people are asked, and only groups that the request named when it was made: what it requires never changes under it.
create function placet.guard_escalation() returns trigger
language plpgsql as $$
begin
  if not exists (
    select from placet.approval_requests r
    where r.tenant_id = new.tenant_id and r.id = new.request_id and r.state = 'pending'
      and jsonb_path_query_array(r.requirement #> array['stages', new.stage::text], '$.escalate.to[*].group_id') ? new.group_id) then
    raise exception 'stage % of approval request % asks no such group', new.stage, new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_escalation before insert on placet.escalations
  for each row execute function placet.guard_escalation();
alter table placet.escalations enable always trigger guard_escalation;

-- The stages of a request with the groups that each asks, and whether it is full of approvals that counted at a moment: for this
-- very digest, by distinct people who are not behind the request, by accounts that were still theirs; whoever stands in two
-- distinct stages counts in the earlier one. With `each`, as many people as groups must be found for every set of its groups (Hall
-- 1935); people of groups that were added fill the quorum, and no share of another group. src/domain/request/stages.ts says the
-- same, and a test holds the two together.
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
  ), named as materialized (
    select (s.place - 1)::integer as stage, (s.stage ->> 'quorum')::integer as quorum,
      coalesce((s.stage ->> 'each')::boolean, false) as is_each,
      array(select a.approver ->> 'group_id' from jsonb_array_elements(s.stage -> 'approvers') as a(approver)) as named
    from r, jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
  ), asked as materialized (
    select n.stage, n.quorum, n.is_each, n.named, n.named || array(
        select e.group_id from placet.escalations e
        where e.tenant_id = of_tenant and e.request_id = of_request and e.stage = n.stage) as groups
    from named n
  ), present as materialized (
    select a.stage, c.person_id, coalesce(c.group_ids, case when a.is_each then '{}' else a.named end) as group_ids
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
grant execute on function placet.stages_at to placet_app, placet_auditor;

alter table placet.slack_messages
  drop constraint slack_messages_kind_check,
  add constraint slack_messages_kind_check check (kind in ('card', 'reminder', 'outcome', 'undeliverable', 'copy', 'stage'));

alter table placet.escalations owner to placet_owner;
alter function placet.guard_escalation() owner to placet_owner;
alter function placet.stages_at(text, text, timestamptz) owner to placet_owner;
