-- Up Migration
-- Why: a credential may be bound to a key of the agent (DPoP, RFC 9449): its lease keeps the thumbprint, and each proof that was taken
-- is kept, by its digest alone, until no clock would take it any more, so that none is taken twice by any process.
-- Locks: access exclusive on leases for the moment that its new column takes.
alter table placet.leases add column jkt text check (jkt ~ '^[A-Za-z0-9_-]{43}$');

create table placet.dpop_proofs (
  tenant_id text not null references placet.tenants,
  -- SHA-256 over the key's thumbprint and the proof's jti.
  digest bytea not null check (length(digest) = 32),
  expires_at timestamptz not null,
  primary key (tenant_id, digest)
);
create index dpop_proofs_by_end on placet.dpop_proofs (tenant_id, expires_at);
call placet.isolate_tenants('dpop_proofs');
grant insert, delete on placet.dpop_proofs to placet_app;

alter table placet.dpop_proofs owner to placet_owner;
