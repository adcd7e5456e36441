-- Up Migration
-- Why: Slack limits each method in each channel, and says how long to wait. One row for each is where all replicas take their
-- turn; a message that waits for its turn says in which queue. The rows are unlogged: after a crash nobody holds a turn.
-- Locks: access exclusive on slack_messages, for the moment that it takes to change its catalogue and to build an index that
-- has no rows yet.
create unlogged table placet.slack_queues (
  tenant_id text not null references placet.tenants,
  team_id text not null,
  method text not null,
  -- The channel, or the person of a direct message.
  channel text not null,
  not_before timestamptz not null default '-infinity',
  -- Between two calls, once Slack has named a limit; 0 while it has not.
  pace_ms integer not null default 0 check (pace_ms >= 0),
  held_by text,
  held_until timestamptz,
  primary key (tenant_id, team_id, method, channel)
);
call placet.isolate_tenants('slack_queues');
grant insert, update (not_before, pace_ms, held_by, held_until) on placet.slack_queues to placet_app;
alter table placet.slack_queues owner to placet_owner;

alter table placet.slack_messages add column queue text;
grant update (queue) on placet.slack_messages to placet_app;
create index slack_messages_in_queue on placet.slack_messages (tenant_id, queue) where queue is not null;
