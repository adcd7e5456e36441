-- Up Migration
-- Why: an event says what may be shown, as the bytes that the log will hold of it. Personal data, free text and parameters it only
-- commits to: each value stands here beside its salt, so that it can be sealed and erased, and the event stays what it was.
-- An event of before has no leaf yet.
-- Locks: access exclusive on audit_events while its rows are read once, about a second for five million.
alter table placet.audit_events
  add column leaf bytea check (length(leaf) between 1 and 65535),
  alter column actor_id drop not null;

create table placet.event_values (
  tenant_id text not null references placet.tenants,
  event_id text not null,
  -- The fact's name; "digest" for the action's digest, and "actor" for the id of an actor that is named elsewhere.
  name text not null check (name ~ '^[a-z_]{1,63}$'),
  -- Whose value it is: what erasing that person removes.
  person_id text,
  salt bytea not null check (length(salt) = 16),
  -- The canonical form (RFC 8785) of the value.
  value bytea not null,
  primary key (tenant_id, event_id, name)
);
create index event_values_by_person on placet.event_values (tenant_id, person_id) where person_id is not null;
call placet.isolate_tenants('event_values');
grant insert on placet.event_values to placet_app;
alter table placet.event_values owner to placet_owner;
