-- Up Migration
-- Why: a change of policy that widens waits as an approval request of Placet's own. Its document stands beside it until it is
-- applied, and each version says by which door it came and under which request.
-- Locks: access exclusive on policy_versions and agents for the moment that it takes to change their catalogue.
alter table placet.policy_versions
  add column via text not null default 'cli' check (via in ('cli', 'api', 'slack')),
  add column request_id text,
  add constraint policy_versions_request_fkey foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id);

-- One for each author, with whom it shares the owner: it asks for changes of policy, and has no key.
alter table placet.agents add column is_builtin boolean not null default false;

create table placet.policy_proposals (
  tenant_id text not null references placet.tenants,
  request_id text not null,
  -- The version that it changes; 0 before the first. It is applied to no other.
  base_number integer not null check (base_number >= 0),
  document jsonb not null,
  source text not null,
  digest bytea not null check (length(digest) = 32),
  via text not null check (via in ('api', 'slack')),
  author_kind text not null check (author_kind in ('person', 'admin_token')),
  author_id text not null,
  created_at timestamptz not null default now(),
  -- How it ended once it was approved: applied, or the code that says why not.
  outcome text,
  ended_at timestamptz,
  primary key (tenant_id, request_id),
  foreign key (tenant_id, request_id) references placet.approval_requests (tenant_id, id),
  check ((outcome is null) = (ended_at is null))
);
call placet.isolate_tenants('policy_proposals');
grant insert, update (outcome, ended_at) on placet.policy_proposals to placet_app;
create index policy_proposals_open on placet.policy_proposals (tenant_id, base_number) where outcome is null;
alter table placet.policy_proposals owner to placet_owner;

-- What was approved is what is applied, and how that ended is said once.
create function placet.guard_proposal() returns trigger
language plpgsql as $$
begin
  if old.outcome is not null then
    raise exception 'proposal % has ended', old.request_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger guard_proposal before update on placet.policy_proposals for each row execute function placet.guard_proposal();
alter table placet.policy_proposals enable always trigger guard_proposal;
alter function placet.guard_proposal() owner to placet_owner;
