-- Up Migration
-- Why: one log a tenant, which an outsider can check: the leaves of its events in one order without gaps, the hashes of the complete
-- subtrees above them, and the checkpoints that were signed. An event gets nothing but a salt in the transaction of its change: the
-- sequencer makes its leaf of the rows, which the app cannot change, so nobody who asks or decides waits for the log.
-- Locks: access exclusive on audit_events while its rows are read once, about a second for five million; share row exclusive on tenants
-- for the moment that it takes to refer to it.

-- 128 random bits, of which the salt of each value that the leaf commits to is made. An event of before the log has none.
alter table placet.audit_events add column salt bytea check (length(salt) = 16);
alter table placet.audit_events
  alter column salt set default substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16);

create table placet.logs (
  tenant_id text primary key references placet.tenants,
  -- The name of the log, which is that of its key too; it never changes.
  origin text not null check (origin ~ '^[^[:space:]+[:cntrl:]]{1,200}$'),
  public_key bytea not null check (length(public_key) = 32),
  private_sealed bytea not null,
  size bigint not null default 0 check (size >= 0),
  -- Up to this position each event has its place, and none can come any more.
  settled bigint not null default 0 check (settled >= 0),
  -- Never goes back, whatever the clock does.
  sequenced_at timestamptz not null default '-infinity',
  created_at timestamptz not null default now(),
  -- One process signs at a time.
  signer text,
  signer_until timestamptz
);

create table placet.log_leaves (
  tenant_id text not null references placet.logs,
  index bigint not null check (index >= 0),
  -- Of the event.
  position bigint not null,
  leaf bytea not null check (length(leaf) between 1 and 65535),
  hash bytea not null check (length(hash) = 32),
  sequenced_at timestamptz not null,
  primary key (tenant_id, index),
  unique (tenant_id, position)
);

-- The roots of complete subtrees of 256 (level 1), 65,536 (level 2), … leaves: what tiles above the leaves are made of.
create table placet.log_nodes (
  tenant_id text not null references placet.logs,
  level smallint not null check (level between 1 and 7),
  index bigint not null check (index >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (tenant_id, level, index)
);

create table placet.log_checkpoints (
  tenant_id text not null references placet.logs,
  size bigint not null check (size >= 1),
  root bytea not null check (length(root) = 32),
  note text not null,
  signed_at timestamptz not null,
  primary key (tenant_id, size)
);

call placet.isolate_tenants('logs');
call placet.isolate_tenants('log_leaves');
call placet.isolate_tenants('log_nodes');
call placet.isolate_tenants('log_checkpoints');
call placet.append_only('log_leaves');
call placet.append_only('log_nodes');
call placet.append_only('log_checkpoints');
grant insert, update (size, settled, sequenced_at, signer, signer_until) on placet.logs to placet_app;
alter table placet.logs owner to placet_owner;
alter table placet.log_leaves owner to placet_owner;
alter table placet.log_nodes owner to placet_owner;
alter table placet.log_checkpoints owner to placet_owner;

create function placet.guard_log() returns trigger
language plpgsql as $$
begin
  if new.size < old.size or new.sequenced_at < old.sequenced_at or new.settled < old.settled then
    raise exception 'the log % never goes back', old.origin using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_log before update on placet.logs for each row execute function placet.guard_log();
alter table placet.logs enable always trigger guard_log;
alter function placet.guard_log() owner to placet_owner;
