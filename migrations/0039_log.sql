-- Up Migration
-- Why: one log a tenant, which an outsider can check: the leaves of its events in one order without gaps, the hashes of the complete
-- subtrees above them, and the checkpoints that were signed. Events wait in a queue, filled by a trigger in the transaction of the
-- event, so that none is forgotten and nobody who asks or decides waits for another one's turn in the log.
-- Locks: share row exclusive on audit_events for the moment that it takes to make the trigger.
create table placet.logs (
  tenant_id text primary key references placet.tenants,
  -- The name of the log, which is that of its key too; it never changes.
  origin text not null check (origin ~ '^[^[:space:]+[:cntrl:]]{1,200}$'),
  public_key bytea not null check (length(public_key) = 32),
  private_sealed bytea not null,
  size bigint not null default 0 check (size >= 0),
  -- Never goes back, whatever the clock does.
  sequenced_at timestamptz not null default '-infinity',
  created_at timestamptz not null default now(),
  -- One process signs at a time.
  signer text,
  signer_until timestamptz
);

create table placet.log_queue (
  tenant_id text not null,
  position bigint not null,
  event_id text not null,
  primary key (tenant_id, position)
);

create table placet.log_leaves (
  tenant_id text not null references placet.logs,
  index bigint not null check (index >= 0),
  event_id text not null,
  hash bytea not null check (length(hash) = 32),
  sequenced_at timestamptz not null,
  primary key (tenant_id, index),
  unique (tenant_id, event_id),
  foreign key (tenant_id, event_id) references placet.audit_events (tenant_id, id)
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
call placet.isolate_tenants('log_queue');
call placet.isolate_tenants('log_leaves');
call placet.isolate_tenants('log_nodes');
call placet.isolate_tenants('log_checkpoints');
call placet.append_only('log_leaves');
call placet.append_only('log_nodes');
call placet.append_only('log_checkpoints');
grant insert, update (size, sequenced_at, signer, signer_until) on placet.logs to placet_app;
grant insert, delete on placet.log_queue to placet_app;
alter table placet.logs owner to placet_owner;
alter table placet.log_queue owner to placet_owner;
alter table placet.log_leaves owner to placet_owner;
alter table placet.log_nodes owner to placet_owner;
alter table placet.log_checkpoints owner to placet_owner;

create function placet.guard_log() returns trigger
language plpgsql as $$
begin
  if new.size < old.size or new.sequenced_at < old.sequenced_at then
    raise exception 'the log % never goes back', old.origin using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_log before update on placet.logs for each row execute function placet.guard_log();
alter table placet.logs enable always trigger guard_log;

-- An event of before has no leaf, and comes into no queue.
create function placet.queue_events() returns trigger
language plpgsql as $$
begin
  insert into placet.log_queue (tenant_id, position, event_id)
    select tenant_id, position, id from new_rows where leaf is not null;
  return null;
end $$;
create trigger queue_events after insert on placet.audit_events
  referencing new table as new_rows for each statement execute function placet.queue_events();
alter table placet.audit_events enable always trigger queue_events;

-- What was written since events have leaves, and before this.
alter table placet.audit_events no force row level security;
insert into placet.log_queue (tenant_id, position, event_id)
  select tenant_id, position, id from placet.audit_events where leaf is not null;
alter table placet.audit_events force row level security;
