-- Up Migration
-- Why: the three roles, the tenant that every row belongs to, and the guards that later tables share.
-- Locks: none but on the tables made here. Roles belong to the whole cluster, so they are made only when missing.
do $$
declare role_name text;
begin
  foreach role_name in array array['placet_owner', 'placet_app', 'placet_auditor'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin nosuperuser nocreatedb nocreaterole nobypassrls', role_name);
      exception when duplicate_object or unique_violation then null; -- another migration of the same cluster was faster
      end;
    end if;
  end loop;
end $$;

create schema placet;
grant usage on schema placet to placet_app, placet_auditor;

create table placet.tenants (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default now()
);

-- The tenant of this transaction; null when none was set, which matches no row.
create function placet.current_tenant() returns text
language sql stable
return nullif(current_setting('placet.tenant_id', true), '');

-- Forces row-level security: a row is seen and written only inside its own tenant, by the owner too (INV-9).
create procedure placet.isolate_tenants(table_name text)
language plpgsql as $$
begin
  execute format('alter table placet.%I enable row level security', table_name);
  execute format('alter table placet.%I force row level security', table_name);
  execute format(
    'create policy one_tenant on placet.%I using (tenant_id = placet.current_tenant()) with check (tenant_id = placet.current_tenant())',
    table_name
  );
  execute format('grant select on placet.%I to placet_app, placet_auditor', table_name);
end $$;

create function placet.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;

-- Append-only: no update, delete or truncate, for the owner too and also under session_replication_role (INV-3, INV-7).
create procedure placet.append_only(table_name text)
language plpgsql as $$
begin
  execute format(
    'create trigger append_only before update or delete on placet.%I for each row execute function placet.refuse_change()', table_name);
  execute format(
    'create trigger append_only_truncate before truncate on placet.%I for each statement execute function placet.refuse_change()', table_name);
  execute format('alter table placet.%I enable always trigger append_only', table_name);
  execute format('alter table placet.%I enable always trigger append_only_truncate', table_name);
  execute format('grant insert on placet.%I to placet_app', table_name);
end $$;

alter table placet.tenants enable row level security;
alter table placet.tenants force row level security;
create policy one_tenant on placet.tenants using (id = placet.current_tenant()) with check (id = placet.current_tenant());
grant select, insert on placet.tenants to placet_app;
grant select on placet.tenants to placet_auditor;
