// Proposals: changes of policy that wait for a second person, each beside its approval request. What is proposed never changes.

import type { PolicyDocument } from '../domain/policy/policy.ts';
import { POLICY_PROPOSALS, type Proposal } from './admin-tables.ts';
import type { LockedTx, Tx } from './database.ts';

/** Adds a proposal with its request. */
export async function insertProposal(tx: Tx, proposal: Proposal): Promise<void> {
  await tx.query(POLICY_PROPOSALS.insert, POLICY_PROPOSALS.valuesOf(tx, proposal));
}

export type StoredProposal = Proposal & { readonly outcome: string | null };

/** The proposal of a request, or null. */
export async function readProposal(tx: Tx, request_id: string): Promise<StoredProposal | null> {
  const sql = `select ${POLICY_PROPOSALS.select('o')} from placet.policy_proposals o where o.tenant_id = $1 and o.request_id = $2`;
  return (
    (await tx.query<StoredProposal & { document: PolicyDocument }>(sql, [tx.tenant_id, request_id])).rows[0] ?? null
  );
}

/** Says how an approved proposal ended; false when that was said before. */
export async function endProposal(tx: LockedTx, request_id: string, outcome: string): Promise<boolean> {
  const sql = `update placet.policy_proposals set outcome = $3, ended_at = $4
    where tenant_id = $1 and request_id = $2 and outcome is null`;
  return (await tx.query(sql, [tx.tenant_id, request_id, outcome, tx.now])).rowCount === 1;
}

/** Requests of proposals that wait: of this author, or on another version than the newest. */
export async function listPending(
  tx: Tx,
  of: { readonly author_id: string } | { readonly base_below: number },
): Promise<string[]> {
  const sql = `select r.id from placet.policy_proposals o
    join placet.approval_requests r on r.tenant_id = o.tenant_id and r.id = o.request_id
    where o.tenant_id = $1 and r.state = 'pending' and (o.author_id = $2 or o.base_number < $3) order by r.id`;
  const author_id = 'author_id' in of ? of.author_id : null;
  const base_below = 'base_below' in of ? of.base_below : null;
  return (await tx.query<{ id: string }>(sql, [tx.tenant_id, author_id, base_below])).rows.map(({ id }) => id);
}

/** The request of a proposal that waits with the same document on the same version by the same author, or null. */
export async function findSame(
  tx: Tx,
  { author_id, base_number, digest }: Pick<Proposal, 'author_id' | 'base_number' | 'digest'>,
): Promise<string | null> {
  const sql = `select r.id from placet.policy_proposals o
    join placet.approval_requests r on r.tenant_id = o.tenant_id and r.id = o.request_id
    where o.tenant_id = $1 and r.state = 'pending' and r.expires_at > $5
      and o.author_id = $2 and o.base_number = $3 and o.digest = $4`;
  const values = [tx.tenant_id, author_id, base_number, Buffer.from(digest), tx.now];
  return (await tx.query<{ id: string }>(sql, values)).rows[0]?.id ?? null;
}
