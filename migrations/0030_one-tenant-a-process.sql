-- Up Migration
-- Why: one set of processes serves one tenant. An agent key is looked for in that tenant alone, nobody lists tenants any
-- more, and a notification of the outbox says whose rows are new.
-- Locks: access exclusive on tenants, share row exclusive on outbox, for the moment that it takes to change their catalogue.
drop function placet.find_agent_by_key(bytea);

-- Finds an agent of this tenant by the hash of its key, in one statement; gives out nothing that the key's holder may not
-- know. Definer's rights, because a transaction with its tenant set would be two more round trips for each call.
create function placet.find_agent_by_key(tenant text, hash bytea)
returns table (tenant_id text, agent_id text, name text, environment text, owner_person_id text, key_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select a.tenant_id, a.id, a.name, a.environment, coalesce(o.merged_into, o.id), k.id
  from placet.agent_keys k
  join placet.agents a on a.tenant_id = k.tenant_id and a.id = k.agent_id
  join placet.people o on o.tenant_id = a.tenant_id and o.id = a.owner_person_id
  where k.secret_hash = hash and k.tenant_id = tenant
    and k.revoked_at is null and k.expires_at > now() and a.revoked_at is null;
end;
alter function placet.find_agent_by_key(text, bytea) owner to placet_owner;
revoke all on function placet.find_agent_by_key(text, bytea) from public;
grant execute on function placet.find_agent_by_key(text, bytea) to placet_app;

drop function placet.list_tenants();
drop policy list_tenants on placet.tenants;

create or replace function placet.notify_outbox() returns trigger
language plpgsql as $$
begin
  perform pg_notify('placet_outbox', added.tenant_id) from (select distinct tenant_id from new_rows) as added;
  return null;
end $$;
drop trigger notify_outbox on placet.outbox;
create trigger notify_outbox after insert on placet.outbox referencing new table as new_rows
for each statement execute function placet.notify_outbox();
