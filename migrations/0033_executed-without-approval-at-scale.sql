-- Up Migration
-- Why: INV-10's first view asked for each lease and result who its approvers are now, by nested look-ups: minutes for 400,000. Now
-- whoever is plainly in order is found for all at once, by joins and one grouping, and only the rest is judged one by one as before:
-- a request whose approvers include a merged person, or an account that more than one person has had, or none.
-- current_tenant() may run in parallel workers, so that long reads may use them.
-- Locks: access exclusive on the view and the function's row, for the moment that it takes to replace them.
alter function placet.current_tenant() parallel safe;

-- Accounts that one person has had all along, who was never merged with another and has an address.
create view placet.settled_accounts with (security_invoker = true) as
select i.tenant_id, i.provider, i.subject, min(i.person_id) as person_id
from placet.person_identities i
group by i.tenant_id, i.provider, i.subject
having min(i.person_id) = max(i.person_id)
  and not exists (
    select from placet.people p where p.tenant_id = i.tenant_id
      and (p.merged_into = min(i.person_id) or (p.id = min(i.person_id) and p.merged_into is not null)))
  and exists (select from placet.person_emails e where e.tenant_id = i.tenant_id and e.person_id = min(i.person_id));

-- Requests whose every stage has its quorum of settled approvers for this very digest, none of them behind it, and no denial.
create view placet.plainly_approved with (security_invoker = true) as
with approvals as (
  select d.tenant_id, d.request_id, d.stage, d.digest, count(*) as count, array_agg(d.person_id) as people
  from placet.decisions d
  join placet.settled_accounts a
    on a.tenant_id = d.tenant_id and a.provider = d.via and a.subject = d.account and a.person_id = d.person_id
  where d.decision = 'approve'
  group by d.tenant_id, d.request_id, d.stage, d.digest
)
select r.tenant_id, r.id as request_id
from placet.approval_requests r
cross join lateral jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
left join approvals a on a.tenant_id = r.tenant_id and a.request_id = r.id and a.stage = s.place - 1 and a.digest = r.digest
where r.effect = 'require'
group by r.tenant_id, r.id
having bool_and(coalesce(a.count, 0) >= (s.stage ->> 'quorum')::integer and not coalesce(a.people && r.excluded_people, false))
except all
select d.tenant_id, d.request_id from placet.decisions d where d.decision = 'deny' group by d.tenant_id, d.request_id;
grant select on placet.settled_accounts, placet.plainly_approved to placet_app, placet_auditor;

-- When each action was begun: by the claim of its credential, or, where there is none, by the latest that its result tells of.
create view placet.begun with (security_invoker = true) as
select l.tenant_id, l.request_id, l.id as lease_id, l.grant_id, l.digest, l.issued_at as at from placet.leases l
union all
select o.tenant_id, o.request_id, null, null, null, o.reported_at from placet.results o
where not exists (select from placet.leases l where l.tenant_id = o.tenant_id and l.request_id = o.request_id);
grant select on placet.begun to placet_app, placet_auditor;

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
    or exists (
      select from jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
      where (s.stage ->> 'quorum')::integer > (
        select count(distinct d.person_id) from placet.decisions_now d
        where d.tenant_id = r.tenant_id and d.request_id = r.id and d.stage = s.place - 1
          and d.decision = 'approve' and d.digest = r.digest
          and (d.account_moved_at is null or d.account_moved_at > e.at)
          and not exists (
            select from placet.excluded_now x
            where x.tenant_id = r.tenant_id and x.request_id = r.id and x.person_id = d.person_id)))));

-- They belong to whom everything belongs, as after the first installation.
alter view placet.settled_accounts owner to placet_owner;
alter view placet.plainly_approved owner to placet_owner;
alter view placet.begun owner to placet_owner;
