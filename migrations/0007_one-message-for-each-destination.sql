-- Up Migration
-- Why: no message was ever superseded: what Slack refused is failed, and what is behind the record is drawn again in its
-- place. So the state goes, and one message for each kind and destination is the whole rule.
-- Locks: slack_messages against reads and writes while its rows are read for two checks and an index.
alter table placet.slack_messages
  drop constraint slack_messages_state_check,
  drop constraint slack_messages_check,
  add constraint slack_messages_state_check check (state in ('posting', 'posted', 'failed')),
  add constraint slack_messages_place_check check ((state = 'posted') = (ts is not null));
drop index placet.slack_messages_one_live;
create unique index slack_messages_by_destination on placet.slack_messages (tenant_id, request_id, kind, destination);
