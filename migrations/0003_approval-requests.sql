-- Up Migration
-- Why: the record of each approval request: what was asked, who decided, what was granted, issued, used and reported.
-- Locks: none but on the tables made here.
create table placet.approval_requests (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^apr_[0-9a-hjkmnp-tv-z]{36}$'),
  agent_id text not null,
  environment text not null,
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  body_digest bytea not null check (length(body_digest) = 32),
  action text not null check (length(action) between 1 and 200),
  resource text not null check (length(resource) between 1 and 500),
  -- RFC 8785 bytes of {v, action, resource, parameters}: what is digested and shown. The jsonb beside it is for search only.
  -- Four times a body's limit, because 9e15 is written with 16 digits there.
  canonical bytea not null check (length(canonical) <= 262144),
  parameters jsonb not null,
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  justification text check (length(justification) <= 3000),
  on_behalf_of text,
  excluded_people text[] not null,
  effect text not null check (effect in ('allow', 'deny', 'require')),
  state text not null check (state in ('pending', 'approved', 'denied', 'expired', 'cancelled')),
  policy_id text,
  policy_number integer,
  rule text,
  requirement jsonb,
  credential jsonb,
  needs_review boolean not null,
  revision integer not null default 1,
  created_at timestamptz not null,
  expires_at timestamptz,
  closed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, agent_id, idempotency_key),
  foreign key (tenant_id, agent_id) references placet.agents (tenant_id, id),
  foreign key (tenant_id, policy_id) references placet.policy_versions (tenant_id, id),
  check ((effect = 'require') = (requirement is not null)),
  check ((effect = 'require') = (expires_at is not null)),
  check ((state = 'pending') = (closed_at is null)),
  check (effect = 'require' or state = case effect when 'allow' then 'approved' else 'denied' end)
);
create index approval_requests_open on placet.approval_requests (tenant_id, expires_at, id) where state = 'pending';
create index approval_requests_closed on placet.approval_requests (tenant_id, closed_at) where effect = 'require';
create index approval_requests_by_agent on placet.approval_requests (tenant_id, agent_id, id desc);
create index approval_requests_by_state on placet.approval_requests (tenant_id, state, id desc);
call placet.isolate_tenants('approval_requests');
-- Only the state may change: what was asked, its digest, requirement and credential stay as they were judged.
grant insert, update (state, revision, closed_at) on placet.approval_requests to placet_app;

create function placet.guard_request_state() returns trigger
language plpgsql as $$
begin
  if old.state <> 'pending' and new.state <> old.state then
    raise exception 'approval request % is % for good', old.id, old.state using errcode = 'restrict_violation';
  end if;
  if new.revision < old.revision then
    raise exception 'the revision of approval request % never goes back', old.id using errcode = 'restrict_violation';
  end if;
  if new.state is distinct from old.state or new.revision is distinct from old.revision then
    perform pg_notify('placet_request', new.tenant_id || '/' || new.id);
  end if;
  return new;
end $$;
create trigger guard_request_state before update on placet.approval_requests
  for each row execute function placet.guard_request_state();
alter table placet.approval_requests enable always trigger guard_request_state;

create table placet.decisions (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^dec_[0-9a-hjkmnp-tv-z]{36}$'),
  request_id text not null,
  stage integer not null check (stage >= 0),
  person_id text not null,
  decision text not null check (decision in ('approve', 'deny')),
  reason text check (length(reason) <= 500),
  -- The digest of what the approver's screen was drawn from.
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  slack_team_id text not null,
  slack_user_id text not null,
  decided_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, request_id, person_id),
  -- An account that was given to another person meanwhile is still one pair of eyes (INV-1).
  unique (tenant_id, request_id, slack_team_id, slack_user_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
call placet.isolate_tenants('decisions');
call placet.append_only('decisions');

-- Who opened the modal that shows all of the content, and which content that was.
create table placet.content_views (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  person_id text not null,
  digest text not null,
  viewed_at timestamptz not null,
  primary key (tenant_id, request_id, person_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id),
  foreign key (tenant_id, person_id) references placet.people (tenant_id, id)
);
call placet.isolate_tenants('content_views');
call placet.append_only('content_views');

create table placet.grants (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^grt_[0-9a-hjkmnp-tv-z]{36}$'),
  request_id text not null,
  digest text not null,
  credential jsonb not null,
  created_at timestamptz not null,
  claim_expires_at timestamptz not null,
  redeemed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, request_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id)
);
call placet.isolate_tenants('grants');
grant insert, update (redeemed_at) on placet.grants to placet_app;

create function placet.guard_grant() returns trigger
language plpgsql as $$
begin
  if old.redeemed_at is not null then
    raise exception 'grant % is redeemed for good', old.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_grant before update on placet.grants for each row execute function placet.guard_grant();
alter table placet.grants enable always trigger guard_grant;

create table placet.signing_keys (
  tenant_id text not null references placet.tenants,
  kid text not null check (length(kid) = 43),
  public_jwk jsonb not null check (not public_jwk ? 'd'),
  private_sealed bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  primary key (tenant_id, kid)
);
create unique index signing_keys_one_active on placet.signing_keys (tenant_id) where retired_at is null;
call placet.isolate_tenants('signing_keys');
grant insert, update (retired_at) on placet.signing_keys to placet_app;
revoke select on placet.signing_keys from placet_auditor;
grant select (tenant_id, kid, public_jwk, created_at, retired_at) on placet.signing_keys to placet_auditor;

create table placet.leases (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^lse_[0-9a-hjkmnp-tv-z]{36}$'),
  grant_id text not null,
  request_id text not null,
  digest text not null,
  kid text not null,
  state text not null check (state in ('active', 'used', 'expired', 'revoked')),
  issued_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > issued_at and expires_at <= issued_at + interval '900 seconds'),
  used_at timestamptz,
  ended_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, grant_id),
  foreign key (tenant_id, grant_id) references placet.grants (tenant_id, id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id),
  foreign key (tenant_id, kid) references placet.signing_keys (tenant_id, kid),
  check ((state = 'used') = (used_at is not null)),
  constraint leases_used_in_time check (used_at < expires_at),
  check ((state = 'active') = (ended_at is null))
);
create index leases_by_request on placet.leases (tenant_id, request_id);
create index leases_active on placet.leases (tenant_id, expires_at) where state = 'active';
call placet.isolate_tenants('leases');
-- A lease is issued once and ends once; nothing else about it changes.
grant insert, update (state, used_at, ended_at) on placet.leases to placet_app;

create function placet.guard_lease_state() returns trigger
language plpgsql as $$
begin
  if old.state <> 'active' then
    raise exception 'lease % is % for good', old.id, old.state using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_lease_state before update on placet.leases for each row execute function placet.guard_lease_state();
alter table placet.leases enable always trigger guard_lease_state;

create table placet.results (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  status text not null check (status in ('succeeded', 'failed')),
  detail text check (length(detail) <= 2000),
  result_digest text check (result_digest ~ '^sha256:[0-9a-f]{64}$'),
  reported_at timestamptz not null,
  primary key (tenant_id, request_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id)
);
call placet.isolate_tenants('results');
call placet.append_only('results');
