// Statements on grants: made with the approval, redeemed at most once (INV-6).

import type { Grant } from '../domain/credential/lease.ts';
import type { LockedTx, Tx } from './database.ts';
import { eventOf, insertEventOf, tellOf } from './news.ts';
import { GRANTS, LEASES, type NewGrant, type NewLease, type NumberedEvent } from './tables.ts';

/** Makes the grant of an approved request. */
export async function insertGrant(tx: LockedTx, row: NewGrant): Promise<void> {
  await tx.query(GRANTS.insert, GRANTS.valuesOf(tx, row));
}

/** The grant of a request, or null. */
export async function readGrant(tx: Tx, request_id: string): Promise<Grant | null> {
  const sql = `select ${GRANTS.select('g')} from placet.grants g where g.request_id = $1`;
  return (await tx.query<Grant>(sql, [request_id])).rows[0] ?? null;
}

const TAKE = `update placet.grants set redeemed_at = $2
      where id = $1 and redeemed_at is null and claim_expires_at > $2`;

const REDEEM = `with g as (${TAKE} returning tenant_id, request_id, redeemed_at as at),
    l as (${LEASES.insertRecords('$3', 'g')}),
    event as (${insertEventOf('$4', 'g')}),
    ${tellOf('g', '$5')}
    select from g`;

/**
 * Redeems a grant and issues its lease, with the event and what is told of it; false, and nothing is changed, when it was
 * redeemed before or its time is over: the row count decides, not an earlier read. The lease stands before the credential
 * leaves the process.
 */
export async function redeemGrant(
  tx: LockedTx,
  lease: NewLease,
  { event, tell_seconds }: { readonly event: NumberedEvent; readonly tell_seconds: number },
): Promise<boolean> {
  const values = [lease.grant_id, tx.now, LEASES.recordsOf([lease]), eventOf(event), tell_seconds];
  return (await tx.query(REDEEM, values)).rowCount === 1;
}

/**
 * Redeems a grant for an action that is begun without its credential, by the very update of a claim: whichever comes first
 * refuses the other. False, and nothing is changed, as there.
 */
export async function redeemWithoutLease(tx: LockedTx, grant_id: string): Promise<boolean> {
  return (await tx.query(TAKE, [grant_id, tx.now])).rowCount === 1;
}
