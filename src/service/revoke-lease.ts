// Revoke: takes back what an approval gave, for good: its live lease ends, and nothing more is claimed, begun or used under it.
// What runs already goes on: nobody can take that back.

import { recordEvent } from '../audit/record.ts';
import type { LockedTx, Tx } from '../db/database.ts';
import { inOrder } from '../db/in-order.ts';
import * as leases from '../db/leases.ts';
import { REVOCABLE } from '../db/record-parts.ts';
import * as revocations from '../db/revocations.ts';
import { type Revocation, revokeRefusal } from '../domain/credential/lease.ts';
import { PlacetError } from '../domain/errors.ts';
import { isId } from '../domain/ids.ts';
import type { Administrator, AgentPrincipal, PersonPrincipal } from '../domain/people/principal.ts';
import { isReserved } from '../domain/policy/actions.ts';
import type { RevocableRecord } from '../domain/request/record.ts';
import { isPast } from '../domain/work/message.ts';
import { requireMay } from './admin/author.ts';
import { endLease } from './clock/end-lease.ts';
import type { ServiceDeps } from './deps.ts';
import { lockUnderPolicy } from './locked.ts';
import { tell } from './news.ts';

/** Whoever takes it back: the agent that asked, one who approved it, the agent's owner, or who may revoke whatever was given. */
export type Revoker = AgentPrincipal | PersonPrincipal | Administrator;

export type RevokeInput = {
  readonly tenant_id: string;
  /** The approval, or a live lease of it: with that one goes all that its approval gave. */
  readonly of: { readonly request_id: string } | { readonly lease_id: string };
  readonly by: Revoker;
};

export type Revoked = {
  readonly kind: 'revoked' | 'unchanged';
  readonly request_id: string;
  /** The last lease; null where none was claimed. */
  readonly lease_id: string | null;
  readonly revoked_at: Date;
};

/**
 * Takes it back; once more is the same answer. Throws not_found for what is not there or another agent's, permission_missing,
 * not_approved, and nothing_to_revoke where all of it was used or its time is over.
 */
export function revokeLease(deps: ServiceDeps, { tenant_id, of, by }: RevokeInput): Promise<Revoked> {
  return deps.transact(tenant_id, async (begun) => {
    const request_id = 'request_id' in of ? of.request_id : await requestOf(begun, of.lease_id);
    const locked = request_id === null ? null : await lockUnderPolicy(begun, request_id, REVOCABLE);
    if (locked === null) throw new PlacetError('not_found');
    const { tx, record } = locked;
    await requireRevoker(tx, by, record);
    return revokeLocked(deps, tx, { record, by, only_lease: 'lease_id' in of ? of.lease_id : null });
  });
}

async function requestOf(tx: Tx, lease_id: string): Promise<string | null> {
  return isId('lease', lease_id) ? ((await leases.readLease(tx, lease_id))?.request_id ?? null) : null;
}

async function requireRevoker(tx: Tx, by: Revoker, { request, agent, decisions }: RevocableRecord): Promise<void> {
  if (by.kind === 'agent') {
    if (request.agent_id !== by.id) throw new PlacetError('not_found');
    return;
  }
  const has_decided = decisions.some(({ person_id }) => person_id === by.id);
  if (by.kind === 'person' && by.is_active && (has_decided || agent.owner.id === by.id)) return;
  await requireMay(tx, by, 'leases.revoke');
}

type Revoking = {
  readonly record: RevocableRecord;
  readonly by: Revoker;
  /** The lease that it has to be; null for the approval itself. */
  readonly only_lease: string | null;
};

async function revokeLocked(deps: ServiceDeps, tx: LockedTx, { record, by, only_lease }: Revoking): Promise<Revoked> {
  const { request, grant, lease, execution, revocation, result } = record;
  const about = { request_id: request.id, lease_id: lease?.id ?? null };
  if (revocation !== null) return { kind: 'unchanged', ...about, revoked_at: revocation.revoked_at };
  const { state, closed_at: approved_at } = request;
  const facts = { state, approved_at, grant, lease, execution, has_result: result !== null };
  // A change of the policy is the product's own: it is applied at once, and another change takes it back.
  const isOver = isReserved(request.action) || (only_lease !== null && !isLiveLease(record, only_lease, tx.now));
  const refusal = isOver ? 'nothing_to_revoke' : revokeRefusal(facts, tx.now);
  if (refusal !== null) throw new PlacetError(refusal);
  await endLive(deps, tx, { record, by });
  const row = { ...revokerOf(by), revoked_at: tx.now };
  const { id: request_id, digest } = request;
  await inOrder(tx, [
    (tx: LockedTx) => revocations.insertRevocation(tx, request_id, row),
    (tx: LockedTx) =>
      recordEvent(deps, tx, {
        type: 'approval.revoked',
        outcome: 'success',
        actor: by,
        request_id,
        digest,
        facts: { via: by.via },
      }),
    (tx: LockedTx) => tell(tx, request),
  ]);
  return { kind: 'revoked', ...about, revoked_at: row.revoked_at };
}

/** One that is over by now ended by itself: that is what it is called. */
async function endLive(deps: ServiceDeps, tx: LockedTx, { record, by }: Omit<Revoking, 'only_lease'>): Promise<void> {
  const { request, lease } = record;
  if (lease?.state !== 'active') return;
  if (isPast(lease.expires_at, tx.now)) return endLease(deps, tx, { request, lease });
  if (!(await leases.endLease(tx, lease.id, 'revoked')))
    throw new PlacetError('internal', {}, new Error('a lease ended under its lock'));
  await recordEvent(deps, tx, {
    type: 'lease.revoked',
    outcome: 'success',
    actor: by,
    request_id: request.id,
    lease_id: lease.id,
    digest: request.digest,
    facts: {},
  });
}

function isLiveLease({ lease }: RevocableRecord, lease_id: string, now: Date): boolean {
  return lease?.id === lease_id && lease.state === 'active' && !isPast(lease.expires_at, now);
}

function revokerOf(by: Revoker): Omit<Revocation, 'revoked_at'> {
  const account = by.kind === 'person' ? by.account : null;
  return { by_kind: by.kind, by_id: by.id, account };
}
