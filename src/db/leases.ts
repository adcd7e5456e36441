// Statements on leases: issued once per grant, ended once.

import type { Lease, LeaseState } from '../domain/credential/lease.ts';
import type { Effect } from '../domain/request/request.ts';
import type { LockedTx, Tx } from './database.ts';
import { LEASES, type NewLease } from './tables.ts';

/** Issues a lease: the row stands before the credential leaves the process. */
export async function insertLease(tx: LockedTx, row: NewLease): Promise<void> {
  await tx.query(LEASES.insert, LEASES.valuesOf(tx, row));
}

export type LeaseToUse = Lease & {
  /** The audience that its credential was issued for. */
  readonly audience: string;
  /** How its request was judged: only one that needed people has a workflow. */
  readonly effect: Effect;
  /** A result stands already: nothing may run after it. */
  readonly has_result: boolean;
};

/** One lease with what its use needs to know, or null. */
export async function readLease(tx: Tx, lease_id: string): Promise<LeaseToUse | null> {
  const sql = `select ${LEASES.select('l')},
      g.credential ->> 'audience' as audience, r.effect,
      exists (select from placet.results e where e.tenant_id = l.tenant_id and e.request_id = l.request_id) as has_result
    from placet.leases l join placet.grants g on g.tenant_id = l.tenant_id and g.id = l.grant_id
    join placet.approval_requests r on r.tenant_id = l.tenant_id and r.id = l.request_id where l.id = $1`;
  return (await tx.query<LeaseToUse>(sql, [lease_id])).rows[0] ?? null;
}

/** Spends an active lease whose time is not over and whose digest fits; false when another was faster. */
export async function markUsed(tx: LockedTx, lease_id: string, digest: string): Promise<boolean> {
  const sql = `update placet.leases set state = 'used', used_at = $3, ended_at = $3
    where id = $1 and digest = $2 and state = 'active' and expires_at > $3 returning id`;
  return (await tx.query(sql, [lease_id, digest, tx.now])).rowCount === 1;
}

/** Ends an active lease: expired once its time is over, revoked at any moment; false when it was not active. */
export async function endLease(
  tx: LockedTx,
  lease_id: string,
  state: Exclude<LeaseState, 'active' | 'used'>,
): Promise<boolean> {
  const sql = `update placet.leases set state = $2, ended_at = $3
    where id = $1 and state = 'active' and ($2 = 'revoked' or expires_at <= $3) returning id`;
  return (await tx.query(sql, [lease_id, state, tx.now])).rowCount === 1;
}
