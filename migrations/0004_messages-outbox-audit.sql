-- Up Migration
-- Why: what was said in Slack, what is still to be told to Temporal, the audit events, and INV-10 as views.
-- Locks: none but on the tables made here.
create table placet.slack_messages (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^msg_[0-9a-hjkmnp-tv-z]{36}$'),
  request_id text not null,
  kind text not null check (kind in ('card', 'reminder', 'outcome')),
  -- The channel it belongs in (a DM's person for kind outcome); with the kind it names the one live copy.
  destination text not null,
  state text not null check (state in ('posting', 'posted', 'failed', 'superseded')),
  team_id text,
  channel_id text,
  ts text,
  revision integer not null default 0,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id),
  check ((state in ('posted', 'superseded')) = (ts is not null))
);
create unique index slack_messages_one_live on placet.slack_messages (tenant_id, request_id, kind, destination) where state <> 'superseded';
create index slack_messages_by_request on placet.slack_messages (tenant_id, request_id, id);
create unique index slack_messages_place on placet.slack_messages (tenant_id, channel_id, ts) where ts is not null;
call placet.isolate_tenants('slack_messages');
grant insert, update (state, team_id, channel_id, ts, revision, error, updated_at) on placet.slack_messages to placet_app;

-- Written in the transaction that changes the state, drained by the worker: start or nudge the request's workflow.
create table placet.outbox (
  tenant_id text not null references placet.tenants,
  id bigint generated always as identity,
  request_id text not null,
  kind text not null check (kind in ('start', 'nudge')),
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  next_attempt_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id)
);
create index outbox_due on placet.outbox (tenant_id, next_attempt_at, id);
call placet.isolate_tenants('outbox');
grant insert, delete, update (attempts, next_attempt_at) on placet.outbox to placet_app;

create function placet.notify_outbox() returns trigger
language plpgsql as $$
begin
  perform pg_notify('placet_outbox', '');
  return null;
end $$;
create trigger notify_outbox after insert on placet.outbox for each statement execute function placet.notify_outbox();

create table placet.audit_events (
  tenant_id text not null references placet.tenants,
  id text not null check (id ~ '^evt_[0-9a-hjkmnp-tv-z]{36}$'),
  -- The order of writing: ids come from several machines' clocks, and many events from one millisecond.
  position bigint generated always as identity,
  type text not null check (type ~ '^[a-z_]+\.[a-z_]+$'),
  outcome text not null check (outcome in ('success', 'failure')),
  actor_kind text not null check (actor_kind in ('agent', 'person', 'slack_account', 'operator', 'system')),
  actor_id text not null check (length(actor_id) between 1 and 200),
  request_id text,
  lease_id text,
  digest text,
  facts jsonb not null default '{}',
  occurred_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create unique index audit_events_in_order on placet.audit_events (tenant_id, position);
create index audit_events_by_request on placet.audit_events (tenant_id, request_id, position) where request_id is not null;
call placet.isolate_tenants('audit_events');
call placet.append_only('audit_events');

-- INV-10: both views are empty at any moment, whatever was killed.
-- What was issued (a lease) or happened (a result) without the whole approval of that very digest, in every stage.
create view placet.executed_without_approval with (security_invoker = true) as
select e.tenant_id, e.request_id, e.lease_id
from (
  select l.tenant_id, l.request_id, l.id as lease_id, l.grant_id, l.digest from placet.leases l
  union all
  select o.tenant_id, o.request_id, null, null, null from placet.results o
) e
join placet.approval_requests r on r.tenant_id = e.tenant_id and r.id = e.request_id
where r.state <> 'approved'
  or (e.lease_id is not null and (e.digest <> r.digest or not exists (
    select from placet.grants g
    where g.tenant_id = e.tenant_id and g.id = e.grant_id and g.request_id = e.request_id
      and g.digest = r.digest and g.redeemed_at is not null)))
  or (r.effect = 'require' and (
    jsonb_array_length(r.requirement -> 'stages') = 0
    or exists (
      select from placet.decisions d
      where d.tenant_id = r.tenant_id and d.request_id = r.id and d.decision = 'deny')
    or exists (
      select from jsonb_array_elements(r.requirement -> 'stages') with ordinality as s(stage, place)
      where (s.stage ->> 'quorum')::integer > (
        select count(distinct d.person_id) from placet.decisions d
        where d.tenant_id = r.tenant_id and d.request_id = r.id and d.stage = s.place - 1
          and d.decision = 'approve' and d.digest = r.digest and d.person_id <> all (r.excluded_people)))));

-- A request whose leases were used more than once together.
create view placet.executed_twice with (security_invoker = true) as
select l.tenant_id, l.request_id, count(*) as uses
from placet.leases l
where l.state = 'used'
group by l.tenant_id, l.request_id
having count(*) > 1;

grant select on placet.executed_without_approval, placet.executed_twice to placet_app, placet_auditor;
