// Agents and the hashes of their keys. A key itself never comes here.

import type { Tx } from './database.ts';

export type AgentRow = {
  readonly id: string;
  readonly name: string;
  readonly owner_email: string;
  readonly environment: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  /** The live keys, newest first: what its holder recognises it by, and its end. */
  readonly keys: readonly AgentKeyRow[];
};

export type AgentKeyRow = { readonly id: string; readonly hint: string; readonly expires_at: string };

/** Adds an agent; false when the name is taken, also by a revoked one. */
export async function insertAgent(
  tx: Tx,
  agent: {
    readonly id: string;
    readonly name: string;
    readonly owner_person_id: string;
    readonly environment: string;
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into placet.agents (tenant_id, id, name, owner_person_id, environment)
     values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, name) do nothing`,
    [tx.tenant_id, agent.id, agent.name, agent.owner_person_id, agent.environment],
  );
  return rowCount === 1;
}

/** Adds a key by its SHA-256; `expires_at` is a hard end. */
export async function insertKey(
  tx: Tx,
  key: {
    readonly id: string;
    readonly agent_id: string;
    readonly secret_hash: Uint8Array;
    readonly hint: string;
    readonly expires_at: Date;
  },
): Promise<void> {
  await tx.query(
    `insert into placet.agent_keys (tenant_id, id, agent_id, secret_hash, hint, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [tx.tenant_id, key.id, key.agent_id, Buffer.from(key.secret_hash), key.hint, key.expires_at],
  );
}

/** Lets the agent's live keys but one end at `ends_at` at the latest; none lives longer by this. */
export async function shortenKeys(
  tx: Tx,
  keys: { readonly agent_id: string; readonly but: string; readonly ends_at: Date },
): Promise<void> {
  await tx.query(
    `update placet.agent_keys
     set expires_at = least(expires_at, $4::timestamptz),
       revoked_at = case when $4::timestamptz <= now() then now() end
     where tenant_id = $1 and agent_id = $2 and id <> $3 and revoked_at is null and expires_at > now()`,
    [tx.tenant_id, keys.agent_id, keys.but, keys.ends_at],
  );
}

/** Revokes the agent and with it all its keys; false when it was revoked before. */
export async function revokeAgent(tx: Tx, agent_id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update placet.agents set revoked_at = now() where tenant_id = $1 and id = $2 and revoked_at is null',
    [tx.tenant_id, agent_id],
  );
  return rowCount === 1;
}

/** Marks every key of the agent revoked, so that no later change of the agent brings one back. */
export async function revokeKeys(tx: Tx, agent_id: string): Promise<void> {
  await tx.query(
    'update placet.agent_keys set revoked_at = now() where tenant_id = $1 and agent_id = $2 and revoked_at is null',
    [tx.tenant_id, agent_id],
  );
}

/** The agent of this name, revoked or not. */
export async function findAgentByName(
  tx: Tx,
  name: string,
): Promise<Pick<AgentRow, 'id' | 'name' | 'environment' | 'revoked_at'> | null> {
  const { rows } = await tx.query<Pick<AgentRow, 'id' | 'name' | 'environment' | 'revoked_at'>>(
    'select id, name, environment, revoked_at from placet.agents where tenant_id = $1 and name = $2',
    [tx.tenant_id, name],
  );
  return rows[0] ?? null;
}

/** All agents by name, revoked ones last, each with its live keys. */
export async function listAgents(tx: Tx, limit: number): Promise<AgentRow[]> {
  const { rows } = await tx.query<AgentRow>(
    `select a.id, a.name, p.email as owner_email, a.environment, a.created_at, a.revoked_at,
       coalesce((
         select jsonb_agg(jsonb_build_object('id', k.id, 'hint', k.hint, 'expires_at', k.expires_at) order by k.id desc)
         from placet.agent_keys k
         where k.tenant_id = a.tenant_id and k.agent_id = a.id
           and k.revoked_at is null and k.expires_at > now() and a.revoked_at is null), '[]') as keys
     from placet.agents a
     join placet.people_now p on p.tenant_id = a.tenant_id and p.id = a.owner_person_id
     where a.tenant_id = $1
     order by a.revoked_at is not null, a.name limit $2`,
    [tx.tenant_id, limit],
  );
  return rows;
}
