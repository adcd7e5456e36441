-- Up Migration
-- Why: rules match agents by what an operator says of them, such as their team, so that a new agent needs no new rule.
-- Locks: access exclusive on agents, for the moment that it takes to change its catalogue.
alter table placet.agents
  add column labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object');
grant update (labels) on placet.agents to placet_app;
