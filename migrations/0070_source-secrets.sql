-- Up Migration
-- Why: who is on call may be told only to whoever shows a secret. It is written and never shown again, sealed under the master key
-- and for one host, so that a policy which names another address takes it nowhere.
-- Locks: none beyond those of new tables.
create table placet.source_secrets (
  tenant_id text not null references placet.tenants,
  host text not null check (length(host) between 1 and 260),
  secret_sealed bytea not null,
  set_at timestamptz not null,
  primary key (tenant_id, host)
);
call placet.isolate_tenants('source_secrets');
grant insert, delete on placet.source_secrets to placet_app;
grant update (secret_sealed, set_at) on placet.source_secrets to placet_app;
revoke select on placet.source_secrets from placet_auditor;
grant select (tenant_id, host, set_at) on placet.source_secrets to placet_auditor;
alter table placet.source_secrets owner to placet_owner;
