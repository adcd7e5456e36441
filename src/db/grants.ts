// Statements on grants: made with the approval, redeemed no more often than they say (INV-6).

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

const takeWith = (more: string) => `update placet.grants g
      set redeemed_at = coalesce(g.redeemed_at, $2), redemptions = g.redemptions + 1${more}
      where g.id = $1 and g.redemptions < g.uses_max and g.claim_expires_at > $2 and not exists (
        select from placet.leases a where a.tenant_id = g.tenant_id and a.grant_id = g.id and a.state = 'active')
      and not exists (select from placet.revocations v where v.tenant_id = g.tenant_id and v.request_id = g.request_id)`;

/** A key that was answered once is never answered with another lease, however late its call comes again. */
const IS_NEW_KEY = `not exists (select from placet.leases k where k.tenant_id = g.tenant_id and k.grant_id = g.id
        and k.idempotency_key = $3::jsonb -> 0 ->> 'idempotency_key')`;

const REDEEM = `with g as (${takeWith('')} and ${IS_NEW_KEY} returning g.tenant_id, g.request_id, $2::timestamptz as at),
    l as (${LEASES.insertRecords('$3', 'g')}),
    event as (${insertEventOf('$4', 'g')}),
    ${tellOf('g', '$5')}
    select from g`;

/**
 * Redeems a grant once more and issues the lease, with the event and what is told of it; false, and nothing is changed, when it
 * was redeemed as often as it says, a lease of it is active, or its time is over: the row count decides, not an earlier read.
 * The lease stands before the credential leaves the process.
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
 * Redeems and uses a grant for an action that is begun without its credential, by the very update of a claim: whichever comes
 * first refuses the other. False, and nothing is changed, as there.
 */
export async function redeemWithoutLease(tx: LockedTx, grant_id: string): Promise<boolean> {
  const sql = `${takeWith(', uses = g.uses + 1')} and g.redemptions = 0`;
  return (await tx.query(sql, [grant_id, tx.now])).rowCount === 1;
}
