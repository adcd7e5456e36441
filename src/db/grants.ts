// Statements on grants: made with the approval, redeemed at most once (INV-6).

import type { Grant } from '../domain/credential/lease.ts';
import type { LockedTx } from './database.ts';

/** Makes the grant of an approved request. */
export async function insertGrant(tx: LockedTx, row: Omit<Grant, 'redeemed_at'>): Promise<void> {
  const sql = `insert into placet.grants (tenant_id, id, request_id, digest, credential, created_at, claim_expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)`;
  const values = [tx.tenant_id, row.id, row.request_id, row.digest, JSON.stringify(row.credential), tx.now];
  await tx.query(sql, [...values, row.claim_expires_at]);
}

/** Redeems a grant; false when it was redeemed before or its time is over: the row count decides, not an earlier read. */
export async function redeemGrant(tx: LockedTx, grant_id: string): Promise<boolean> {
  const sql = `update placet.grants set redeemed_at = $2
    where id = $1 and redeemed_at is null and claim_expires_at > $2 returning id`;
  return (await tx.query(sql, [grant_id, tx.now])).rowCount === 1;
}
