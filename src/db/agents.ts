// Agents and the hashes of their keys. A key itself never comes here.

import { PlacetError } from '../domain/errors.ts';
import type { Labels } from '../domain/people/labels.ts';
import { AGENT_KEYS, AGENTS, type NewAgent, type NewAgentKey, type StoredAgent } from './agent-tables.ts';
import type { Tx } from './database.ts';

export type AgentRow = StoredAgent & {
  readonly owner_email: string;
  /** The live keys, newest first: what its holder recognises it by, and its end. */
  readonly keys: readonly { readonly id: string; readonly hint: string; readonly expires_at: string }[];
};

/** Adds an agent; false when the name is taken, also by a revoked one. */
export async function insertAgent(tx: Tx, agent: Omit<NewAgent, 'is_builtin'>): Promise<boolean> {
  const sql = `${AGENTS.insert} on conflict (tenant_id, name) do nothing`;
  return (await tx.query(sql, AGENTS.valuesOf(tx, { ...agent, is_builtin: false }))).rowCount === 1;
}

/** Adds a key by its SHA-256; `expires_at` is a hard end. */
export async function insertKey(tx: Tx, key: NewAgentKey): Promise<void> {
  await tx.query(AGENT_KEYS.insert, AGENT_KEYS.valuesOf(tx, key));
}

/** The agent by which this person asks for changes of policy; made when it is missing. It has no key. */
export async function ensureBuiltin(
  tx: Tx,
  {
    id,
    owner_person_id,
    environment,
  }: { readonly id: string; readonly owner_person_id: string; readonly environment: string },
): Promise<string> {
  const name = `placet.${owner_person_id}`;
  await tx.query(
    `${AGENTS.insert} on conflict (tenant_id, name) do nothing`,
    AGENTS.valuesOf(tx, { id, name, owner_person_id, environment, labels: {}, is_builtin: true }),
  );
  const sql = 'select id from placet.agents where tenant_id = $1 and name = $2 and is_builtin';
  const found = (await tx.query<{ id: string }>(sql, [tx.tenant_id, name])).rows[0];
  if (found === undefined) throw new PlacetError('conflict', { name });
  return found.id;
}

/** These people never count for what the agent asks, nor for what of it is not yet decided or acted on. */
export async function addBehind(tx: Tx, agent_id: string, person_ids: readonly string[]): Promise<void> {
  const sql = `update placet.agents set behind_people = array(
      select distinct p from unnest(behind_people || $3::text[]) as p order by p)
    where tenant_id = $1 and id = $2`;
  await tx.query(sql, [tx.tenant_id, agent_id, person_ids]);
}

/** Whoever made a key of the agent so far, by their present ids. */
export async function listBehind(tx: Tx, agent_id: string): Promise<string[]> {
  const sql = `select p.person_id from placet.agents a
    join placet.people_now p on p.tenant_id = a.tenant_id and p.id = any (a.behind_people)
    where a.tenant_id = $1 and a.id = $2`;
  return (await tx.query<{ person_id: string }>(sql, [tx.tenant_id, agent_id])).rows.map(({ person_id }) => person_id);
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

/** Gives the agent these labels and no others; false when it has them already, or was revoked. */
export async function setLabels(tx: Tx, agent_id: string, labels: Labels): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update placet.agents set labels = $3::jsonb
     where tenant_id = $1 and id = $2 and revoked_at is null and labels <> $3::jsonb`,
    [tx.tenant_id, agent_id, JSON.stringify(labels)],
  );
  return rowCount === 1;
}

/** What a rule may ask of an agent beside name and environment: its labels, and its owner's address of now. */
export type LabelledAgent = { readonly labels: Labels; readonly owner: string };

/** The facts of each of these agents. */
export async function readAgentFacts(
  tx: Tx,
  agent_ids: readonly string[],
): Promise<ReadonlyMap<string, LabelledAgent>> {
  const sql = `select a.id, a.labels, coalesce(p.email, '') as owner from placet.agents a
    left join placet.people_now p on p.tenant_id = a.tenant_id and p.id = a.owner_person_id
    where a.tenant_id = $1 and a.id = any ($2)`;
  const { rows } = await tx.query<LabelledAgent & { readonly id: string }>(sql, [tx.tenant_id, agent_ids]);
  return new Map(rows.map(({ id, labels, owner }) => [id, { labels, owner }]));
}

/** Marks every key of the agent revoked, so that no later change of the agent brings one back. */
export async function revokeKeys(tx: Tx, agent_id: string): Promise<void> {
  await tx.query(
    'update placet.agent_keys set revoked_at = now() where tenant_id = $1 and agent_id = $2 and revoked_at is null',
    [tx.tenant_id, agent_id],
  );
}

/** The agent of this name, revoked or not. */
export async function findAgentByName(tx: Tx, name: string): Promise<StoredAgent | null> {
  const sql = `select ${AGENTS.select('a')} from placet.agents a where a.tenant_id = $1 and a.name = $2 and not a.is_builtin`;
  return (await tx.query<StoredAgent>(sql, [tx.tenant_id, name])).rows[0] ?? null;
}

/** Where an agent acts, who never counts for what it asks, and what rules may ask of it. */
export type AgentFacts = {
  readonly environment: string;
  readonly owner_person_id: string;
  readonly behind_people: readonly string[];
  readonly labels: Labels;
  /** The owner's address; empty where the owner has none by now. */
  readonly owner: string;
};

/** The same of the agent by this name, as people are now, or null. */
export async function findFacts(tx: Tx, name: string): Promise<AgentFacts | null> {
  const sql = `select a.environment, o.person_id as owner_person_id,
      array(select p.person_id from placet.people_now p where p.tenant_id = a.tenant_id and p.id = any (a.behind_people)) as behind_people,
      a.labels, coalesce(o.email, '') as owner
    from placet.agents a join placet.people_now o on o.tenant_id = a.tenant_id and o.id = a.owner_person_id
    where a.tenant_id = $1 and a.name = $2 and not a.is_builtin`;
  return (await tx.query<AgentFacts>(sql, [tx.tenant_id, name])).rows[0] ?? null;
}

/** All agents by name, revoked ones last, each with its live keys. */
export async function listAgents(tx: Tx, limit: number): Promise<AgentRow[]> {
  const { rows } = await tx.query<AgentRow>(
    `select ${AGENTS.select('a')}, p.email as owner_email,
       coalesce((
         select jsonb_agg(${AGENT_KEYS.json('k')} order by k.id desc)
         from placet.agent_keys k
         where k.tenant_id = a.tenant_id and k.agent_id = a.id
           and k.revoked_at is null and k.expires_at > now() and a.revoked_at is null), '[]') as keys
     from placet.agents a
     join placet.people_now p on p.tenant_id = a.tenant_id and p.id = a.owner_person_id
     where a.tenant_id = $1 and not a.is_builtin
     order by a.revoked_at is not null, a.name limit $2`,
    [tx.tenant_id, limit],
  );
  return rows;
}
