-- Up Migration
-- Why: the views of INV-10 read what is in doubt, and the whole record as before where it was not watched (0067).
-- Locks: access exclusive on tenants and on the views, for the moment that it takes to replace them.
alter view placet.executed_without_approval rename to executed_without_approval_in_all;
alter view placet.executed_twice rename to executed_twice_in_all;

-- The first view's rule for one request: nothing in it is found for all at once.
create view placet.judged_one_by_one with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from placet.begun e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
left join placet.grants g on g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
  and g.digest = r.digest and g.redeemed_at is not null
where r.state <> 'approved'
  or e.digest <> r.digest
  or (e.grant_id is not null and g.id is null)
  or (r.effect = 'require' and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (select from placet.stages_at(r.tenant_id, r.id, e.at) as s where not s.is_full)));

-- A new tenant has no row that was not watched.
alter table placet.tenants alter column watched_by set default placet.watchers();

create view placet.executed_without_approval with (security_invoker = true) as
select j.tenant_id, j.request_id, j.lease_id
from placet.tenants t
join placet.doubts d on d.tenant_id = t.id
cross join lateral (
  select o.tenant_id, o.request_id, o.lease_id from placet.judged_one_by_one o
  where o.tenant_id = d.tenant_id and o.request_id = d.request_id offset 0) as j
where t.watched_by = placet.watchers()
union all
select a.tenant_id, a.request_id, a.lease_id
from placet.executed_without_approval_in_all a
where (select count(*) from placet.tenants t where t.watched_by is distinct from placet.watchers()) > 0
  and a.tenant_id in (select t.id from placet.tenants t where t.watched_by is distinct from placet.watchers());

create view placet.executed_twice with (security_invoker = true) as
select d.tenant_id, d.request_id, u.uses
from placet.tenants t
join placet.doubts d on d.tenant_id = t.id
cross join lateral (
  select count(*) as uses from (
    select from placet.leases l where l.tenant_id = d.tenant_id and l.request_id = d.request_id and l.state = 'used'
    union all
    select from placet.executions x where x.tenant_id = d.tenant_id and x.request_id = d.request_id) as e offset 0) as u
where t.watched_by = placet.watchers() and u.uses > coalesce((
  select g.uses_max from placet.grants g where g.tenant_id = d.tenant_id and g.request_id = d.request_id), 1)
union all
select a.tenant_id, a.request_id, a.uses
from placet.executed_twice_in_all a
where (select count(*) from placet.tenants t where t.watched_by is distinct from placet.watchers()) > 0
  and a.tenant_id in (select t.id from placet.tenants t where t.watched_by is distinct from placet.watchers());
grant select on placet.judged_one_by_one, placet.executed_without_approval, placet.executed_twice to placet_app, placet_auditor;

-- Reads the whole record of each tenant that is not watched by the triggers as they stand, and watches it from then on. Run by
-- `placet migrate`: after this migration, after a restore, and after somebody switched triggers off.
create procedure placet.watch_all()
language plpgsql as $$
declare tenant text;
begin
  set local role placet_owner;
  for tenant in select t.id from placet.tenants t where t.watched_by is distinct from placet.watchers() loop
    perform set_config('placet.tenant_id', tenant, true);
    delete from placet.doubts where tenant_id = tenant;
    insert into placet.doubts (tenant_id, request_id)
    select a.tenant_id, a.request_id from placet.executed_without_approval_in_all a where a.tenant_id = tenant
    union
    select b.tenant_id, b.request_id from placet.begun b where b.tenant_id = tenant
    group by b.tenant_id, b.request_id having count(*) > 1;
    update placet.tenants set watched_by = placet.watchers() where id = tenant;
  end loop;
  perform set_config('placet.tenant_id', '', true);
  reset role;
end $$;


alter procedure placet.watch_all() owner to placet_owner;
alter view placet.judged_one_by_one owner to placet_owner;
alter view placet.executed_without_approval owner to placet_owner;
alter view placet.executed_twice owner to placet_owner;
revoke all on procedure placet.watch_all() from public;
