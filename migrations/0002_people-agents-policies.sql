-- Up Migration
-- Why: who exists: people with their Slack accounts, approver groups, agents with their keys, and the policy versions.
-- Locks: none but on the tables made here.
create table placet.people (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^prs_[0-9a-hjkmnp-tv-z]{36}$'),
  email text not null check (email = lower(email) and length(email) between 3 and 254),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  deactivated_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, email)
);
call placet.isolate_tenants('people');
grant insert, update (name, deactivated_at) on placet.people to placet_app;

create table placet.slack_accounts (
  tenant_id text not null references placet.tenants,
  team_id text not null check (length(team_id) between 1 and 64),
  user_id text not null check (length(user_id) between 1 and 64),
  person_id text not null,
  linked_by text not null check (linked_by in ('policy', 'email')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, team_id, user_id),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
-- One account per person and team may come from an e-mail match; further ones only from the policy file.
create unique index slack_accounts_one_by_email on placet.slack_accounts (tenant_id, team_id, person_id) where linked_by = 'email';
create index slack_accounts_person on placet.slack_accounts (tenant_id, person_id);
call placet.isolate_tenants('slack_accounts');
grant insert, delete, update (person_id, linked_by) on placet.slack_accounts to placet_app;

create table placet.approver_groups (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^grp_[0-9a-hjkmnp-tv-z]{36}$'),
  name text not null check (length(name) between 1 and 100),
  slack_user_group text,
  channel text not null check (length(channel) between 1 and 64),
  created_at timestamptz not null default now(),
  -- Out of the newest policy; pending requests that name the group keep it.
  retired_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call placet.isolate_tenants('approver_groups');
grant insert, update (slack_user_group, channel, retired_at) on placet.approver_groups to placet_app;

create table placet.approver_group_members (
  tenant_id text not null references placet.tenants,
  group_id text not null,
  person_id text not null,
  added_at timestamptz not null default now(),
  primary key (tenant_id, group_id, person_id),
  foreign key (tenant_id, group_id) references placet.approver_groups (tenant_id, id),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
create index approver_group_members_person on placet.approver_group_members (tenant_id, person_id);
call placet.isolate_tenants('approver_group_members');
grant insert, delete on placet.approver_group_members to placet_app;

create table placet.agents (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^agt_[0-9a-hjkmnp-tv-z]{36}$'),
  name text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  owner_person_id text not null,
  environment text not null check (environment ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, owner_person_id) references placet.people (tenant_id, id)
);
call placet.isolate_tenants('agents');
grant insert, update (revoked_at) on placet.agents to placet_app;

create table placet.agent_keys (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^agk_[0-9a-hjkmnp-tv-z]{36}$'),
  agent_id text not null,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  hint text not null check (length(hint) between 4 and 12),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, agent_id) references placet.agents (tenant_id, id)
);
create index agent_keys_agent on placet.agent_keys (tenant_id, agent_id);
call placet.isolate_tenants('agent_keys');
grant insert, update (revoked_at, expires_at) on placet.agent_keys to placet_app;

create table placet.policy_versions (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^pol_[0-9a-hjkmnp-tv-z]{36}$'),
  number integer not null check (number > 0),
  document jsonb not null,
  source text not null,
  digest bytea not null check (length(digest) = 32),
  applied_by text not null,
  applied_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, number)
);
call placet.isolate_tenants('policy_versions');
call placet.append_only('policy_versions');

-- Finds an agent by the hash of its key before any tenant is known; gives out nothing that the key's holder may not know.
-- Definer's rights, so the owner may read these two tables beyond one tenant, and only through this function.
create policy key_lookup on placet.agent_keys for select to placet_owner using (true);
create policy key_lookup on placet.agents for select to placet_owner using (true);
create function placet.find_agent_by_key(hash bytea)
returns table (tenant_id text, agent_id text, name text, environment text, owner_person_id text, key_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select a.tenant_id, a.id, a.name, a.environment, a.owner_person_id, k.id
  from placet.agent_keys k
  join placet.agents a on a.tenant_id = k.tenant_id and a.id = k.agent_id
  where k.secret_hash = hash and k.revoked_at is null and k.expires_at > now() and a.revoked_at is null;
end;
revoke all on function placet.find_agent_by_key(bytea) from public;
grant execute on function placet.find_agent_by_key(bytea) to placet_app;

-- The tenants, for the worker's sweep and outbox, which serve all of them.
create policy list_tenants on placet.tenants for select to placet_owner using (true);
create function placet.list_tenants() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select id from placet.tenants order by id;
end;
revoke all on function placet.list_tenants() from public;
grant execute on function placet.list_tenants() to placet_app;
