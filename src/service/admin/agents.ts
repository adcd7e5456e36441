// Agents and their keys: create, rotate, revoke, list. A key is given out once, by create or rotate, and stored as a hash.

import { recordEvent } from '../../audit/record.ts';
import type { AgentRow } from '../../db/agents.ts';
import * as agents from '../../db/agents.ts';
import type { Tx } from '../../db/database.ts';
import { PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import { type Labels, labelsFault } from '../../domain/people/labels.ts';
import type { Administrator } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { type FindAccount, ownerFor } from './owner.ts';
import { peopleOf, requireStill } from './tokens.ts';

/** More than one screen can show; a tenant with more needs a search, not a list. */
export const AGENTS_LISTED_MAX = 1_000;
const DAY_MS = 86_400_000;

export type AgentDeps = ServiceDeps & {
  /** A fresh key with its SHA-256 and the few characters that its holder recognises it by. */
  readonly makeAgentKey: () => { readonly key: string; readonly hash: Uint8Array; readonly hint: string };
};

export type CreateAgentDeps = AgentDeps & { readonly findAccount: FindAccount };

export type IssuedKey = {
  readonly agent_id: string;
  readonly name: string;
  readonly environment: string;
  /** Shown this once. */
  readonly key: string;
  readonly expires_at: Date;
};

/**
 * Adds an agent with its first key. Throws conflict for a taken name, and owner_unknown for an owner whom neither the record
 * nor Slack knows, unless `is_new_owner` says that it is somebody new.
 */
export async function createAgent(
  deps: CreateAgentDeps,
  input: {
    readonly tenant_id: string;
    readonly name: string;
    readonly owner_email: string;
    readonly is_new_owner: boolean;
    readonly environment: string;
    readonly labels?: Labels;
    readonly days: number;
    readonly by: Administrator;
  },
): Promise<IssuedKey> {
  const { labels = {} } = input;
  checkLabels(labels);
  const address = addressOf(input.owner_email);
  // Slack is asked before anything is locked.
  const found = await deps.findAccount(address);
  return deps.transact(input.tenant_id, async (tx) => {
    const behind = await answerFor(tx, input.by);
    const { is_new_owner: is_new } = input;
    const owner_person_id = await ownerFor(deps, tx, { address, found, is_new, by: input.by });
    const agent = {
      id: deps.newId('agent'),
      name: input.name,
      owner_person_id,
      environment: input.environment,
      labels,
    };
    if (!(await agents.insertAgent(tx, agent))) throw new PlacetError('conflict', { name: input.name });
    const { id: agent_id, ...facts } = agent;
    if (behind.length > 0) await agents.addBehind(tx, agent_id, behind);
    await recordEvent(deps, tx, {
      outcome: 'success',
      actor: input.by,
      type: 'agent.created',
      facts: { agent_id, ...facts },
    });
    const { key, key_id, expires_at } = await issueKey(deps, tx, agent_id, input.days);
    await recordEvent(deps, tx, {
      outcome: 'success',
      actor: input.by,
      type: 'agent_key.created',
      facts: { agent_id, key_id, expires_at: expires_at.toISOString() },
    });
    return { agent_id, name: input.name, environment: input.environment, key, expires_at };
  });
}

/** An admin token may do it still, and whoever is behind the token is behind what the agent asks from now on. */
async function answerFor(tx: Tx, by: Administrator): Promise<readonly string[]> {
  if (by.kind !== 'admin_token') return [];
  await requireStill(tx, by, 'agents.change');
  return peopleOf(by);
}

/** Issues a new key; the old ones end after the overlap, or at once when it is 0. Throws not_found, conflict when revoked. */
export async function rotateAgent(
  deps: AgentDeps,
  input: {
    readonly tenant_id: string;
    readonly name: string;
    readonly overlap_seconds: number;
    readonly days: number;
    readonly by: Administrator;
  },
): Promise<IssuedKey & { readonly old_keys_end_at: Date }> {
  return deps.transact(input.tenant_id, async (tx) => {
    const behind = await answerFor(tx, input.by);
    const agent = await agents.findAgentByName(tx, input.name);
    if (agent === null) throw new PlacetError('not_found', { agent: input.name });
    if (agent.revoked_at !== null) throw new PlacetError('conflict', { name: input.name, reason: 'agent_revoked' });
    if (behind.length > 0) await agents.addBehind(tx, agent.id, behind);
    const { key, key_id, expires_at } = await issueKey(deps, tx, agent.id, input.days);
    const old_keys_end_at = new Date(tx.now.getTime() + input.overlap_seconds * 1_000);
    await agents.shortenKeys(tx, { agent_id: agent.id, but: key_id, ends_at: old_keys_end_at });
    await recordEvent(deps, tx, {
      outcome: 'success',
      actor: input.by,
      type: 'agent_key.rotated',
      facts: { agent_id: agent.id, key_id, old_keys_end_at: old_keys_end_at.toISOString() },
    });
    return { agent_id: agent.id, name: agent.name, environment: agent.environment, key, expires_at, old_keys_end_at };
  });
}

/** Gives an agent these labels and no others; the same again changes nothing. Throws not_found, conflict when revoked. */
export async function labelAgent(
  deps: ServiceDeps,
  input: {
    readonly tenant_id: string;
    readonly name: string;
    readonly labels: Labels;
    readonly by: Administrator;
  },
): Promise<{ readonly agent_id: string; readonly name: string; readonly kind: 'labelled' | 'unchanged' }> {
  const { labels } = input;
  checkLabels(labels);
  return deps.transact(input.tenant_id, async (tx) => {
    await answerFor(tx, input.by);
    const agent = await agents.findAgentByName(tx, input.name);
    if (agent === null) throw new PlacetError('not_found', { agent: input.name });
    if (agent.revoked_at !== null) throw new PlacetError('conflict', { name: input.name, reason: 'agent_revoked' });
    const { id: agent_id, name } = agent;
    if (!(await agents.setLabels(tx, agent_id, labels))) return { agent_id, name, kind: 'unchanged' };
    await recordEvent(deps, tx, {
      outcome: 'success',
      actor: input.by,
      type: 'agent.labelled',
      facts: { agent_id, labels },
    });
    return { agent_id, name, kind: 'labelled' };
  });
}

/** Revokes an agent and all its keys for good; again changes nothing. Throws not_found. */
export async function revokeAgent(
  deps: AgentDeps,
  input: { readonly tenant_id: string; readonly name: string; readonly by: Administrator },
): Promise<{ readonly agent_id: string; readonly name: string; readonly kind: 'revoked' | 'unchanged' }> {
  return deps.transact(input.tenant_id, async (tx) => {
    await answerFor(tx, input.by);
    const agent = await agents.findAgentByName(tx, input.name);
    if (agent === null) throw new PlacetError('not_found', { agent: input.name });
    if (!(await agents.revokeAgent(tx, agent.id))) {
      return { agent_id: agent.id, name: agent.name, kind: 'unchanged' };
    }
    await agents.revokeKeys(tx, agent.id);
    await recordEvent(deps, tx, {
      outcome: 'success',
      actor: input.by,
      type: 'agent.revoked',
      facts: { agent_id: agent.id },
    });
    return { agent_id: agent.id, name: agent.name, kind: 'revoked' };
  });
}

/** All agents of the tenant with their live keys' hints, revoked agents last. */
export async function listAgents(
  deps: ServiceDeps,
  { tenant_id }: { readonly tenant_id: string },
): Promise<readonly AgentRow[]> {
  return deps.transact(tenant_id, (tx) => agents.listAgents(tx, AGENTS_LISTED_MAX));
}

function checkLabels(labels: Labels): void {
  const fault = labelsFault(labels);
  if (fault !== null) throw new PlacetError('invalid_request', { errors: [{ path: '/labels', message: fault }] });
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
  await agents.insertKey(tx, { id: key_id, agent_id, secret_hash: hash, hint, expires_at });
  return { key, key_id, expires_at };
}
