-- Up Migration
-- Why: an approval that is acted on without a credential redeems the same grant as a claim, so that whichever comes first refuses the
-- other, and names the digest of what was about to run, as the use of a credential does. INV-10's first view holds it to both,
-- and goes by the stages.
-- Locks: access exclusive on executions for its new column and rows, on approval_requests and grants for the moment of the change; on
-- the two views for the moment that it takes to replace them.
alter table placet.executions no force row level security;
alter table placet.approval_requests no force row level security;
alter table placet.grants no force row level security;

alter table placet.executions add column digest text;
alter table placet.executions disable trigger append_only;
update placet.executions x set digest = r.digest
from placet.approval_requests r where r.tenant_id = x.tenant_id and r.id = x.request_id;
alter table placet.executions enable always trigger append_only;
alter table placet.executions alter column digest set not null;
update placet.grants g set redeemed_at = x.started_at
from placet.executions x where x.tenant_id = g.tenant_id and x.request_id = g.request_id and g.redeemed_at is null;

alter table placet.executions force row level security;
alter table placet.approval_requests force row level security;
alter table placet.grants force row level security;

create or replace function placet.guard_execution() returns trigger
language plpgsql as $$
begin
  if exists (select from placet.approval_requests r
      where r.tenant_id = new.tenant_id and r.id = new.request_id and r.state <> 'approved') then
    raise exception 'approval request % is not approved', new.request_id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.approval_requests r
      where r.tenant_id = new.tenant_id and r.id = new.request_id and r.digest <> new.digest) then
    raise exception 'approval request % is for another digest', new.request_id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.leases l where l.tenant_id = new.tenant_id and l.request_id = new.request_id) then
    raise exception 'the credential of approval request % is claimed', new.request_id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.grants g
      where g.tenant_id = new.tenant_id and g.request_id = new.request_id and g.redeemed_at is null) then
    raise exception 'the grant of approval request % is not redeemed', new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

-- What was begun without a credential is told by its digest, and by no lease.
create or replace view placet.begun with (security_invoker = true) as
select l.tenant_id, l.request_id, l.id as lease_id, l.grant_id, l.digest, l.issued_at as at from placet.leases l
union all
select x.tenant_id, x.request_id, null, g.id, x.digest, x.started_at
from placet.executions x
left join placet.grants g on g.tenant_id = x.tenant_id and g.request_id = x.request_id
union all
select o.tenant_id, o.request_id, null, null, null, o.reported_at from placet.results o
where not exists (select from placet.leases l where l.tenant_id = o.tenant_id and l.request_id = o.request_id)
  and not exists (select from placet.executions x where x.tenant_id = o.tenant_id and x.request_id = o.request_id);

create or replace view placet.executed_without_approval with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from placet.begun e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
left join placet.grants g on g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
  and g.digest = r.digest and g.redeemed_at is not null
left join placet.plainly_approved v on v.tenant_id = r.tenant_id and v.request_id = r.id
where r.state <> 'approved'
  or e.digest <> r.digest
  or (e.grant_id is not null and g.id is null)
  or (r.effect = 'require' and v.request_id is null and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (select from placet.stages_at(r.tenant_id, r.id, e.at) as s where not s.is_full)));
