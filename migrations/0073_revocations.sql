-- Up Migration
-- Why: what an approval gave can be taken back, for good: its live lease ends as revoked, and nothing more is claimed, begun or used
-- under it. Who did it and when is a row of its own that is never changed or removed, so that nothing revoked comes back. No
-- revocation stands beside a live lease, and INV-10's first view finds what was begun or used after one.
-- Locks: share row exclusive on leases for its new trigger; access exclusive on the views for the moment that it takes to replace them.
create table placet.revocations (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  by_kind text not null check (by_kind in ('agent', 'person', 'admin_token', 'operator', 'system')),
  by_id text not null check (length(by_id) between 1 and 255),
  -- The account that a person did it with.
  account text check ((by_kind = 'person') = (account is not null)),
  revoked_at timestamptz not null,
  primary key (tenant_id, request_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id)
);
call placet.isolate_tenants('revocations');
call placet.append_only('revocations');

-- Whoever writes any of these holds the request's lock, so neither sees a half-done other.
create function placet.guard_revocation() returns trigger
language plpgsql as $$
begin
  if exists (select from placet.approval_requests r
      where r.tenant_id = new.tenant_id and r.id = new.request_id and r.state <> 'approved') then
    raise exception 'approval request % is not approved', new.request_id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.leases l
      where l.tenant_id = new.tenant_id and l.request_id = new.request_id and l.state = 'active') then
    raise exception 'a lease of approval request % is live', new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_revocation before insert on placet.revocations for each row execute function placet.guard_revocation();
alter table placet.revocations enable always trigger guard_revocation;

create function placet.guard_unrevoked() returns trigger
language plpgsql as $$
begin
  if exists (select from placet.revocations v where v.tenant_id = new.tenant_id and v.request_id = new.request_id) then
    raise exception 'what approval request % gave was revoked', new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_unrevoked before insert on placet.leases for each row execute function placet.guard_unrevoked();
alter table placet.leases enable always trigger guard_unrevoked;
create trigger guard_unrevoked before insert on placet.executions for each row execute function placet.guard_unrevoked();
alter table placet.executions enable always trigger guard_unrevoked;

create or replace function placet.guard_lease_state() returns trigger
language plpgsql as $$
begin
  if old.state <> 'active' then
    raise exception 'lease % is % for good', old.id, old.state using errcode = 'restrict_violation';
  end if;
  if new.state = 'used' and exists (
      select from placet.revocations v where v.tenant_id = new.tenant_id and v.request_id = new.request_id) then
    raise exception 'what approval request % gave was revoked', new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

-- What was begun, and when it was used, where that is known apart.
create or replace view placet.begun with (security_invoker = true) as
select l.tenant_id, l.request_id, l.id as lease_id, l.grant_id, l.digest, l.issued_at as at, l.used_at from placet.leases l
union all
select x.tenant_id, x.request_id, null, g.id, x.digest, x.started_at, null
from placet.executions x
left join placet.grants g on g.tenant_id = x.tenant_id and g.request_id = x.request_id
union all
select o.tenant_id, o.request_id, null, null, null, o.reported_at, null from placet.results o
where not exists (select from placet.leases l where l.tenant_id = o.tenant_id and l.request_id = o.request_id)
  and not exists (select from placet.executions x where x.tenant_id = o.tenant_id and x.request_id = o.request_id);

create or replace view placet.executed_without_approval_in_all with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from placet.begun e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
left join placet.grants g on g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
  and g.digest = r.digest and g.redeemed_at is not null
left join placet.plainly_approved v on v.tenant_id = r.tenant_id and v.request_id = r.id
left join placet.revocations w on w.tenant_id = r.tenant_id and w.request_id = r.id
where r.state <> 'approved'
  or e.digest <> r.digest
  or (e.grant_id is not null and g.id is null)
  or greatest(e.at, e.used_at) > w.revoked_at
  or (r.effect = 'require' and v.request_id is null and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (select from placet.stages_at(r.tenant_id, r.id, e.at) as s where not s.is_full)));

create or replace view placet.judged_one_by_one with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from placet.begun e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
left join placet.grants g on g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
  and g.digest = r.digest and g.redeemed_at is not null
left join placet.revocations w on w.tenant_id = r.tenant_id and w.request_id = r.id
where r.state <> 'approved'
  or e.digest <> r.digest
  or (e.grant_id is not null and g.id is null)
  or greatest(e.at, e.used_at) > w.revoked_at
  or (r.effect = 'require' and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (select from placet.stages_at(r.tenant_id, r.id, e.at) as s where not s.is_full)));

-- A lease that is used where a revocation stands, and a revocation of what was begun: both are judged, as in 0067.
create function placet.watch_revoked() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
begin
  perform set_config('placet.tenant_id', new.tenant_id, true);
  if exists (select from placet.revocations v where v.tenant_id = new.tenant_id and v.request_id = new.request_id)
      and exists (select from placet.begun b where b.tenant_id = new.tenant_id and b.request_id = new.request_id) then
    perform placet.judge(new.tenant_id, array[new.request_id]);
  end if;
  perform set_config('placet.tenant_id', named, true);
  return null;
end $$;
create trigger watch_use after update on placet.leases for each row when (
  old.used_at is distinct from new.used_at) execute function placet.watch_revoked();
create trigger watch_revocation after insert on placet.revocations for each row execute function placet.watch_revoked();
create trigger watch_change after update on placet.revocations for each row execute function placet.watch_change('request_id');
create trigger watch_removal after delete on placet.revocations for each row execute function placet.watch_change('request_id');
create trigger watch_truncate after truncate on placet.revocations for each statement execute function placet.watch_truncate();
alter table placet.leases enable always trigger watch_use;
alter table placet.revocations enable always trigger watch_revocation;
alter table placet.revocations enable always trigger watch_change;
alter table placet.revocations enable always trigger watch_removal;
alter table placet.revocations enable always trigger watch_truncate;

alter table placet.revocations owner to placet_owner;
alter function placet.guard_revocation() owner to placet_owner;
alter function placet.guard_unrevoked() owner to placet_owner;
alter function placet.watch_revoked() owner to placet_owner;
