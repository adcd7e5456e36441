-- Up Migration
-- Why: what Slack refuses is tried again while people are still asked, after growing waits. So a message has the number of
-- refusals in a row and the moment of the next try, a card since when nobody can be asked by it, and a post since when one
-- may stand whose answer never came. Two more kinds: the notice that nobody can be asked, and a copy that is not the live card.
-- Locks: access exclusive on slack_messages, for the moment that it takes to change its catalogue; its rows are read once for
-- the check.
alter table placet.slack_messages
  add column attempts integer not null default 0,
  add column next_attempt_at timestamptz,
  add column undelivered_at timestamptz,
  add column tried_at timestamptz,
  add column posted_at timestamptz,
  drop constraint slack_messages_kind_check,
  add constraint slack_messages_kind_check check (kind in ('card', 'reminder', 'outcome', 'undeliverable', 'copy'));
grant update (attempts, next_attempt_at, undelivered_at, tried_at, posted_at) on placet.slack_messages to placet_app;
