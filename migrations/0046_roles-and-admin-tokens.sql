-- Up Migration
-- Why: owners whom an operator names, beside the roles that the policy gives; and admin tokens, by which programs use the API of
-- admins. Their acts are the log's own kind of actor.
-- Locks: access exclusive on audit_events while its rows are read once, about a second for five million.
create table placet.person_roles (
  tenant_id text not null references placet.tenants,
  person_id text not null,
  -- The others come from the policy, whose newest version is read each time.
  role text not null check (role in ('owner')),
  from_at timestamptz not null default now(),
  until_at timestamptz check (until_at >= from_at),
  primary key (tenant_id, person_id, role, from_at),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
create unique index person_roles_live on placet.person_roles (tenant_id, person_id, role) where until_at is null;
call placet.isolate_tenants('person_roles');
grant insert, update (until_at) on placet.person_roles to placet_app;

create table placet.admin_tokens (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^tok_[0-9a-hjkmnp-tv-z]{36}$'),
  name text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  role text not null check (role in ('owner', 'admin', 'policy_editor', 'auditor', 'viewer')),
  owner_person_id text not null,
  -- Null when an operator made it, who is no person here.
  maker_person_id text,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  hint text not null check (length(hint) between 4 and 12),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, owner_person_id) references placet.people (tenant_id, id),
  foreign key (tenant_id, maker_person_id) references placet.people (tenant_id, id)
);
call placet.isolate_tenants('admin_tokens');
grant insert, update (revoked_at, last_used_at) on placet.admin_tokens to placet_app;

alter table placet.audit_events
  drop constraint audit_events_actor_kind_check,
  add constraint audit_events_actor_kind_check
    check (actor_kind in ('agent', 'person', 'slack_account', 'token', 'admin_token', 'operator', 'system'));

alter table placet.person_roles owner to placet_owner;
alter table placet.admin_tokens owner to placet_owner;

-- Whose admin tokens made a key of the agent: they hold or held its secret, so they never count for what it asks.
-- Locks: access exclusive on agents for the moment that it takes to change its catalogue.
alter table placet.agents add column behind_people text[] not null default '{}';
grant update (behind_people) on placet.agents to placet_app;
drop function placet.find_agent_by_key(text, bytea);
create function placet.find_agent_by_key(tenant text, hash bytea)
returns table (tenant_id text, agent_id text, name text, environment text, owner_person_id text, behind_people text[], key_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select a.tenant_id, a.id, a.name, a.environment, coalesce(o.merged_into, o.id), a.behind_people, k.id
  from placet.agent_keys k
  join placet.agents a on a.tenant_id = k.tenant_id and a.id = k.agent_id
  join placet.people o on o.tenant_id = a.tenant_id and o.id = a.owner_person_id
  where k.secret_hash = hash and k.tenant_id = tenant
    and k.revoked_at is null and k.expires_at > now() and a.revoked_at is null;
end;
alter function placet.find_agent_by_key(text, bytea) owner to placet_owner;
revoke all on function placet.find_agent_by_key(text, bytea) from public;
grant execute on function placet.find_agent_by_key(text, bytea) to placet_app;
