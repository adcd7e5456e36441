// Statements on grants: made with the approval, redeemed at most once (INV-6).

import type { Grant } from '../domain/credential/lease.ts';
import type { LockedTx, Tx } from './database.ts';
import { GRANTS, type NewGrant } from './tables.ts';

/** Makes the grant of an approved request. */
export async function insertGrant(tx: LockedTx, row: NewGrant): Promise<void> {
  await tx.query(GRANTS.insert, GRANTS.valuesOf(tx, row));
}

/** The grant of a request, or null. */
export async function readGrant(tx: Tx, request_id: string): Promise<Grant | null> {
  const sql = `select ${GRANTS.select('g')} from placet.grants g where g.request_id = $1`;
  return (await tx.query<Grant>(sql, [request_id])).rows[0] ?? null;
}

/** Redeems a grant; false when it was redeemed before or its time is over: the row count decides, not an earlier read. */
export async function redeemGrant(tx: LockedTx, grant_id: string): Promise<boolean> {
  const sql = `update placet.grants set redeemed_at = $2
    where id = $1 and redeemed_at is null and claim_expires_at > $2 returning id`;
  return (await tx.query(sql, [grant_id, tx.now])).rowCount === 1;
}
