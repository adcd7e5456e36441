-- Up Migration
-- Why: INV-10's views read the whole record: seconds for 400,000 leases. Now what begins an execution is judged by the same rule when
-- it is written, and the views can read the requests that are in doubt: those that failed it, and those of which a row was changed
-- later, whoever changed it. The triggers that see to it always fire; `watchers` tells them and their functions as they stand, so
-- that it is known when one of them was switched off, were it only for a moment.
-- Locks: share row exclusive on each table that gets a trigger, share on decisions while an index of it is built, access exclusive
-- on tenants for the moment that its new column takes.
create table placet.doubts (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  primary key (tenant_id, request_id)
);
call placet.isolate_tenants('doubts');
create index decisions_by_person on placet.decisions (tenant_id, person_id, request_id);

-- The triggers below and their functions, as they stand: switched off and on again, they are others.
create function placet.watchers() returns text
language sql stable parallel safe as $$
  select md5(string_agg(concat_ws(' ', t.tgrelid, t.tgname, t.tgenabled, t.xmin, p.oid, p.xmin), ',' order by t.tgrelid, t.tgname))
  from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
  where t.tgname like 'watch\_%' and p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'placet')
$$;
-- By what all rows of a tenant were watched. Null once something happened that no trigger sees row by row.
alter table placet.tenants add column watched_by text;
create policy watch on placet.tenants to placet_owner using (true) with check (true);

-- Puts requests in doubt. Whoever writes by hand may have named no tenant, and writes of several.
create function placet.doubt(of_tenant text, request_ids text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
begin
  perform set_config('placet.tenant_id', of_tenant, true);
  insert into placet.doubts (tenant_id, request_id) select distinct of_tenant, i.id from unnest(request_ids) as i(id)
  on conflict do nothing;
  perform set_config('placet.tenant_id', named, true);
end $$;

-- Takes those out of doubt that were begun once and with their approval; all others are in doubt from now on.
create function placet.judge(of_tenant text, request_ids text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
  good text[];
begin
  perform set_config('placet.tenant_id', of_tenant, true);
  select coalesce(array_agg(i.id), '{}') into good
  from (select distinct u.id from unnest(request_ids) as u(id)) as i
  join placet.approval_requests r on r.tenant_id = of_tenant and r.id = i.id
  cross join lateral (select count(*) as times from placet.leases l where l.tenant_id = of_tenant and l.request_id = i.id offset 0) as l
  cross join lateral (
    select count(*) as times from placet.executions x where x.tenant_id = of_tenant and x.request_id = i.id offset 0) as x
  cross join lateral (
    select count(*) as times from placet.judged_one_by_one j where j.tenant_id = of_tenant and j.request_id = i.id offset 0) as bad
  where bad.times = 0 and (l.times + x.times = 1
      or l.times + x.times = 0 and exists (select from placet.results o where o.tenant_id = of_tenant and o.request_id = i.id));
  delete from placet.doubts d using unnest(good) as g(id) where d.tenant_id = of_tenant and d.request_id = g.id;
  insert into placet.doubts (tenant_id, request_id)
  select distinct of_tenant, i.id from unnest(request_ids) as i(id) where not exists (select from unnest(good) as g(id) where g.id = i.id)
  on conflict do nothing;
  perform set_config('placet.tenant_id', named, true);
end $$;

-- Takes out of doubt what is in order, of a page of what is, and returns its last id: an operator's correction puts much in doubt.
create function placet.judge_doubts(beyond text, rows_max integer) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  of_tenant constant text := placet.current_tenant();
  page text[];
begin
  select array_agg(p.request_id order by p.request_id) into page from (
    select d.request_id from placet.doubts d
    where d.tenant_id = of_tenant and d.request_id > beyond order by d.request_id limit rows_max) as p;
  if page is null then return null; end if;
  perform placet.judge(of_tenant, page);
  return page[cardinality(page)];
end $$;

-- An execution begins with a lease, with a row of its own, or is told of by a result alone.
create function placet.watch_begun() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform placet.judge(n.tenant_id, array_agg(n.request_id)) from new_rows n group by n.tenant_id;
  return null;
end $$;

-- A result tells of what was judged when it began; what began by no row of its own is judged now.
create function placet.watch_result() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
begin
  perform set_config('placet.tenant_id', new.tenant_id, true);
  if not exists (select from placet.leases l where l.tenant_id = new.tenant_id and l.request_id = new.request_id)
      and not exists (select from placet.executions x where x.tenant_id = new.tenant_id and x.request_id = new.request_id) then
    perform placet.judge(new.tenant_id, array[new.request_id]);
  end if;
  perform set_config('placet.tenant_id', named, true);
  return null;
end $$;

-- People decide while a request is pending, so that a decision beside another state is no click of theirs.
create function placet.watch_decision() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
begin
  perform set_config('placet.tenant_id', new.tenant_id, true);
  if not exists (
    select from placet.approval_requests r where r.tenant_id = new.tenant_id and r.id = new.request_id and r.state = 'pending') then
    perform placet.judge(new.tenant_id, array[new.request_id]);
  end if;
  perform set_config('placet.tenant_id', named, true);
  return null;
end $$;

-- What comes after the execution that it was to allow, as when rows are restored in another order, may end a doubt.
create function placet.watch_late() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  named constant text := coalesce(current_setting('placet.tenant_id', true), '');
  request text := to_jsonb(new) ->> tg_argv[0];
begin
  perform set_config('placet.tenant_id', new.tenant_id, true);
  if exists (select from placet.doubts d where d.tenant_id = new.tenant_id and d.request_id = request) then
    perform placet.judge(new.tenant_id, array[request]);
  end if;
  perform set_config('placet.tenant_id', named, true);
  return null;
end $$;

-- Rows that prove an approval do not change or go: a request of which one does is in doubt, the earlier one and the later one.
create function placet.watch_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform placet.doubt(old.tenant_id, array[to_jsonb(old) ->> tg_argv[0]]);
  if tg_op = 'UPDATE' then perform placet.doubt(new.tenant_id, array[to_jsonb(new) ->> tg_argv[0]]); end if;
  return null;
end $$;

-- What is said of people later: two are one, an account or an address is another's. All that they decided is in doubt.
create function placet.watch_person() returns trigger
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
  select array_agg(distinct d.request_id) into found
  from placet.people p
  join placet.decisions d on d.tenant_id = p.tenant_id and d.person_id = p.id
  join placet.approval_requests r on r.tenant_id = d.tenant_id and r.id = d.request_id and r.state in ('pending', 'approved')
  where p.tenant_id = of_tenant and (p.id = any (people) or p.merged_into = any (people));
  perform placet.doubt(of_tenant, found);
  perform set_config('placet.tenant_id', named, true);
  return null;
end $$;

-- Rows that go all at once are seen by no trigger of a row.
create function placet.watch_truncate() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update placet.tenants set watched_by = null;
  return null;
end $$;

create trigger watch_begun after insert on placet.leases referencing new table as new_rows
  for each statement execute function placet.watch_begun();
create trigger watch_begun after insert on placet.executions referencing new table as new_rows
  for each statement execute function placet.watch_begun();
create trigger watch_result after insert on placet.results for each row execute function placet.watch_result();
create trigger watch_decision after insert on placet.decisions for each row execute function placet.watch_decision();
create trigger watch_late after insert on placet.approval_requests
  for each row when (new.state <> 'pending' and new.effect = 'require') execute function placet.watch_late('id');
create trigger watch_late after insert on placet.grants for each row execute function placet.watch_late('request_id');
create trigger watch_late after insert on placet.escalations for each row execute function placet.watch_late('request_id');
create trigger watch_change after update on placet.approval_requests for each row when (
  (old.state = 'approved' and new.state <> 'approved')
  or (old.tenant_id, old.id, old.digest, old.effect, old.excluded_people) is distinct from
    (new.tenant_id, new.id, new.digest, new.effect, new.excluded_people)
  or old.requirement is distinct from new.requirement) execute function placet.watch_change('id');
create trigger watch_change after update on placet.grants for each row when (
  (old.redeemed_at is not null and new.redeemed_at is null)
  or (old.tenant_id, old.id, old.request_id, old.digest) is distinct from (new.tenant_id, new.id, new.request_id, new.digest))
  execute function placet.watch_change('request_id');
create trigger watch_change after update on placet.leases for each row when (
  (old.tenant_id, old.request_id, old.grant_id, old.digest, old.issued_at) is distinct from
    (new.tenant_id, new.request_id, new.grant_id, new.digest, new.issued_at)) execute function placet.watch_change('request_id');
create trigger watch_person after update of merged_into on placet.people
  for each row when (old.merged_into is distinct from new.merged_into) execute function placet.watch_person('id');
create trigger watch_removal after delete on placet.people for each row execute function placet.watch_person('id');
create trigger watch_person after insert or update of tenant_id, provider, subject, person_id, from_at or delete
  on placet.person_identities for each row execute function placet.watch_person('person_id');
create trigger watch_person after update of tenant_id, person_id or delete
  on placet.person_emails for each row execute function placet.watch_person('person_id');

do $$
declare name text;
begin
  foreach name in array array['decisions', 'escalations', 'executions', 'results'] loop
    execute format('create trigger watch_change after update on placet.%I for each row execute function placet.watch_change(%L)',
      name, 'request_id');
  end loop;
  foreach name in array array['approval_requests', 'decisions', 'escalations', 'executions', 'grants', 'leases', 'results'] loop
    execute format('create trigger watch_removal after delete on placet.%I for each row execute function placet.watch_change(%L)',
      name, case name when 'approval_requests' then 'id' else 'request_id' end);
    execute format(
      'create trigger watch_truncate after truncate on placet.%I for each statement execute function placet.watch_truncate()', name);
  end loop;
  for name in select format('alter table %s enable always trigger %I', t.tgrelid::regclass, t.tgname) from pg_trigger t
    where t.tgname like 'watch\_%' and t.tgfoid in (select p.oid from pg_proc p where p.pronamespace = 'placet'::regnamespace) loop
    execute name;
  end loop;
end $$;

do $$
declare made text;
begin
  for made in select format('alter function %s owner to placet_owner', p.oid::regprocedure) from pg_proc p
    where p.pronamespace = 'placet'::regnamespace and p.proname ~ '^(watch|doubt|judge)' loop
    execute made;
  end loop;
end $$;
alter table placet.doubts owner to placet_owner;
revoke all on function placet.doubt(text, text[]), placet.judge(text, text[]), placet.judge_doubts(text, integer) from public;
grant execute on function placet.judge_doubts(text, integer) to placet_app;
