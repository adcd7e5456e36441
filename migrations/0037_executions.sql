-- Up Migration
-- Why: a run that is started again has to learn that its action was begun before, also where no credential is claimed. And a
-- card tells in how many other pending requests its agent asks for the same.
-- Locks: share on approval_requests while its pending rows are indexed, share row exclusive on leases for its new trigger.
create table placet.executions (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  -- Of the one attempt that began it: its repeat is answered as the first call was, anybody else's is refused.
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  started_at timestamptz not null,
  primary key (tenant_id, request_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id)
);
call placet.isolate_tenants('executions');
call placet.append_only('executions');

-- An approval is one run: begun without a credential, or by the claim of one, never both (INV-10). Whoever writes holds the
-- request's lock, so neither sees a half-done other.
create function placet.guard_execution() returns trigger
language plpgsql as $$
begin
  if exists (select from placet.approval_requests r
      where r.tenant_id = new.tenant_id and r.id = new.request_id and r.state <> 'approved') then
    raise exception 'approval request % is not approved', new.request_id using errcode = 'restrict_violation';
  end if;
  if exists (select from placet.leases l where l.tenant_id = new.tenant_id and l.request_id = new.request_id) then
    raise exception 'the credential of approval request % is claimed', new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_execution before insert on placet.executions for each row execute function placet.guard_execution();
alter table placet.executions enable always trigger guard_execution;

create function placet.guard_lease_execution() returns trigger
language plpgsql as $$
begin
  if exists (select from placet.executions x where x.tenant_id = new.tenant_id and x.request_id = new.request_id) then
    raise exception 'approval request % was begun without a credential', new.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_lease_execution before insert on placet.leases
  for each row execute function placet.guard_lease_execution();
alter table placet.leases enable always trigger guard_lease_execution;

-- Both views of INV-10 see what was begun without a credential, also before its result is told.
create or replace view placet.begun with (security_invoker = true) as
select l.tenant_id, l.request_id, l.id as lease_id, l.grant_id, l.digest, l.issued_at as at from placet.leases l
union all
select x.tenant_id, x.request_id, null, null, null, x.started_at from placet.executions x
union all
select o.tenant_id, o.request_id, null, null, null, o.reported_at from placet.results o
where not exists (select from placet.leases l where l.tenant_id = o.tenant_id and l.request_id = o.request_id)
  and not exists (select from placet.executions x where x.tenant_id = o.tenant_id and x.request_id = o.request_id);

create or replace view placet.executed_twice with (security_invoker = true) as
select u.tenant_id, u.request_id, count(*) as uses
from (
  select l.tenant_id, l.request_id from placet.leases l where l.state = 'used'
  union all
  select x.tenant_id, x.request_id from placet.executions x
) u
group by u.tenant_id, u.request_id
having count(*) > 1;

create index approval_requests_same on placet.approval_requests (tenant_id, agent_id, digest) where state = 'pending';

alter table placet.executions owner to placet_owner;
alter function placet.guard_execution() owner to placet_owner;
alter function placet.guard_lease_execution() owner to placet_owner;
