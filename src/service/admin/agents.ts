// Agents and their keys: create, rotate, revoke, list. A key is given out once, by create or rotate, and stored as a hash.

import type { AgentRow } from '../../db/agents.ts';
import type { Tx } from '../../db/database.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import { PlacetError } from '../../domain/errors.ts';
import { type ServiceDeps, recordEvent } from '../deps.ts';

/** More than one screen can show; a tenant with more needs a search, not a list. */
const AGENTS_LISTED_MAX = 1_000;
const DAY_MS = 86_400_000;

export type AgentDeps = ServiceDeps & {
  /** A fresh key with its SHA-256 and the few characters that its holder recognises it by. */
  readonly makeAgentKey: () => { readonly key: string; readonly hash: Uint8Array; readonly hint: string };
};

export type IssuedKey = {
  readonly agent_id: string;
  readonly name: string;
  readonly environment: string;
  /** Shown this once. */
  readonly key: string;
  readonly expires_at: Date;
};

/** Adds an agent with its first key; its owner becomes a person when the e-mail is new. Throws conflict for a taken name. */
export async function createAgent(
  deps: AgentDeps,
  asked: {
    readonly tenant_id: string;
    readonly name: string;
    readonly owner_email: string;
    readonly environment: string;
    readonly days: number;
    readonly operator: string;
  },
): Promise<IssuedKey> {
  return deps.transact(asked.tenant_id, async (tx) => {
    const owner_person_id = await deps.store.people.ensurePerson(tx, {
      id: deps.newId('person'),
      email: asked.owner_email,
      name: null,
    });
    const agent = {
      id: deps.newId('agent'),
      name: asked.name,
      owner_person_id,
      environment: asked.environment,
    };
    if (!(await deps.store.agents.insertAgent(tx, agent))) throw new PlacetError('conflict', { name: asked.name });
    const { id: agent_id, ...facts } = agent;
    await recordEvent(deps, tx, { ...by(asked.operator), type: 'agent.created', facts: { agent_id, ...facts } });
    const { key, key_id, expires_at } = await issueKey(deps, tx, agent_id, asked.days);
    await recordEvent(deps, tx, {
      ...by(asked.operator),
      type: 'agent_key.created',
      facts: { agent_id, key_id, expires_at: expires_at.toISOString() },
    });
    return { agent_id, name: asked.name, environment: asked.environment, key, expires_at };
  });
}

/** Issues a new key; the old ones end after the overlap, or at once when it is 0. Throws not_found, conflict when revoked. */
export async function rotateAgent(
  deps: AgentDeps,
  asked: {
    readonly tenant_id: string;
    readonly name: string;
    readonly overlap_seconds: number;
    readonly days: number;
    readonly operator: string;
  },
): Promise<IssuedKey & { readonly old_keys_end_at: Date }> {
  return deps.transact(asked.tenant_id, async (tx) => {
    const agent = await deps.store.agents.findAgentByName(tx, asked.name);
    if (agent === null) throw new PlacetError('not_found', { agent: asked.name });
    if (agent.revoked_at !== null) throw new PlacetError('conflict', { name: asked.name, reason: 'agent_revoked' });
    const { key, key_id, expires_at } = await issueKey(deps, tx, agent.id, asked.days);
    const old_keys_end_at = new Date(tx.now.getTime() + asked.overlap_seconds * 1_000);
    await deps.store.agents.shortenKeys(tx, { agent_id: agent.id, but: key_id, ends_at: old_keys_end_at });
    await recordEvent(deps, tx, {
      ...by(asked.operator),
      type: 'agent_key.rotated',
      facts: { agent_id: agent.id, key_id, old_keys_end_at: old_keys_end_at.toISOString() },
    });
    return { agent_id: agent.id, name: agent.name, environment: agent.environment, key, expires_at, old_keys_end_at };
  });
}

/** Revokes an agent and all its keys for good; again changes nothing. Throws not_found. */
export async function revokeAgent(
  deps: AgentDeps,
  asked: { readonly tenant_id: string; readonly name: string; readonly operator: string },
): Promise<{ readonly agent_id: string; readonly name: string; readonly kind: 'revoked' | 'unchanged' }> {
  return deps.transact(asked.tenant_id, async (tx) => {
    const agent = await deps.store.agents.findAgentByName(tx, asked.name);
    if (agent === null) throw new PlacetError('not_found', { agent: asked.name });
    if (!(await deps.store.agents.revokeAgent(tx, agent.id))) {
      return { agent_id: agent.id, name: agent.name, kind: 'unchanged' };
    }
    await deps.store.agents.revokeKeys(tx, agent.id);
    await recordEvent(deps, tx, { ...by(asked.operator), type: 'agent.revoked', facts: { agent_id: agent.id } });
    return { agent_id: agent.id, name: agent.name, kind: 'revoked' };
  });
}

/** All agents of the tenant with their live keys' hints, revoked agents last. */
export async function listAgents(deps: ServiceDeps, tenant_id: string): Promise<readonly AgentRow[]> {
  return deps.transact(tenant_id, (tx) => deps.store.agents.listAgents(tx, AGENTS_LISTED_MAX));
}

async function issueKey(
  deps: AgentDeps,
  tx: Tx,
  agent_id: string,
  days: number,
): Promise<{ key: string; key_id: string; expires_at: Date }> {
  const { key, hash, hint } = deps.makeAgentKey();
  const key_id = deps.newId('agentKey');
  const expires_at = new Date(tx.now.getTime() + days * DAY_MS);
  await deps.store.agents.insertKey(tx, { id: key_id, agent_id, secret_hash: hash, hint, expires_at });
  return { key, key_id, expires_at };
}

function by(operator: string): Pick<AuditEvent, 'actor' | 'outcome'> {
  return { outcome: 'success', actor: { kind: 'operator', id: operator } };
}
