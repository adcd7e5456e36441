-- Up Migration
-- Why: a rule may let one approval be acted on several times, and within a window. How often and until when stands in the grant's row,
-- and claims and uses are counted there, over all its leases: each lease is one use, and one of them is active at a time. A claim
-- whose answer was lost is answered again, by the key that its lease keeps. A result is that of one use. INV-10's second view
-- finds more uses than the grant allows.
-- Locks: access exclusive on grants, leases and results, while the grants are counted, an index of leases and the key of results
-- are built; on one view for the moment that it takes to replace it.
alter table placet.grants no force row level security;
alter table placet.leases no force row level security;
alter table placet.executions no force row level security;

alter table placet.grants
  add column uses_max integer not null default 1 check (uses_max between 1 and 100),
  -- The end of its window: nothing under it lasts longer. Null where each lease ends by itself.
  add column ends_at timestamptz,
  add column redemptions integer not null default 0,
  add column uses integer not null default 0;
alter table placet.grants disable trigger guard_grant;
update placet.grants g set redemptions = 1, uses = case when
    exists (select from placet.leases l where l.tenant_id = g.tenant_id and l.grant_id = g.id and l.state = 'used')
    or exists (select from placet.executions x where x.tenant_id = g.tenant_id and x.request_id = g.request_id)
  then 1 else 0 end
where g.redeemed_at is not null;
alter table placet.grants enable always trigger guard_grant;
alter table placet.grants
  add constraint grants_counted check (uses between 0 and redemptions and redemptions <= uses_max),
  add constraint grants_redeemed check ((redemptions = 0) = (redeemed_at is null)),
  add constraint grants_window check (ends_at <= created_at + interval '12 hours' and claim_expires_at <= ends_at);
grant update (redemptions, uses) on placet.grants to placet_app;

create or replace function placet.guard_grant() returns trigger
language plpgsql as $$
begin
  if old.redeemed_at is not null and new.redeemed_at is distinct from old.redeemed_at then
    raise exception 'grant % is redeemed for good', old.id using errcode = 'restrict_violation';
  end if;
  if new.redemptions < old.redemptions or new.uses < old.uses then
    raise exception 'what grant % was used for is never taken back', old.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

alter table placet.leases
  -- Which use of its grant it is, from 1.
  add column use integer not null default 1 check (use > 0),
  -- Of the claim that it was issued for: the same claim again is answered with the same lease.
  add column idempotency_key text check (length(idempotency_key) between 1 and 255),
  drop constraint leases_tenant_id_grant_id_key,
  add constraint leases_one_a_use unique (tenant_id, grant_id, use);
-- The last lease of a request, in the order that this gives.
drop index placet.leases_by_request;
create index leases_by_request on placet.leases (tenant_id, request_id, use);
create unique index leases_one_active on placet.leases (tenant_id, grant_id) where state = 'active';

create function placet.guard_lease_grant() returns trigger
language plpgsql as $$
begin
  if not exists (select from placet.grants g where g.tenant_id = new.tenant_id and g.id = new.grant_id
      and new.use <= g.redemptions and (g.ends_at is null or new.expires_at <= g.ends_at)) then
    raise exception 'lease % goes beyond its grant', new.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_lease_grant before insert on placet.leases for each row execute function placet.guard_lease_grant();
alter table placet.leases enable always trigger guard_lease_grant;

alter table placet.results
  add column use integer not null default 1 check (use > 0),
  drop constraint results_pkey,
  add primary key (tenant_id, request_id, use);

alter table placet.grants force row level security;
alter table placet.leases force row level security;
alter table placet.executions force row level security;

create or replace view placet.executed_twice with (security_invoker = true) as
select t.tenant_id, t.request_id, t.uses
from (
  select u.tenant_id, u.request_id, count(*) as uses
  from (
    select l.tenant_id, l.request_id from placet.leases l where l.state = 'used'
    union all
    select x.tenant_id, x.request_id from placet.executions x
  ) u
  group by u.tenant_id, u.request_id
  having count(*) > 1
) t
left join placet.grants g on g.tenant_id = t.tenant_id and g.request_id = t.request_id
where t.uses > coalesce(g.uses_max, 1);

alter function placet.guard_lease_grant() owner to placet_owner;
