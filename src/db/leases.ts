// Statements on leases: issued once per grant (src/db/grants.ts), ended once.

import type { Lease, LeaseState } from '../domain/credential/lease.ts';
import type { Effect } from '../domain/request/request.ts';
import type { LockedTx, LockingTx, Tx } from './database.ts';
import { eventOf, insertEventOf, MOMENT, tellOf } from './news.ts';
import { LEASES, type NumberedEvent } from './tables.ts';

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

const SPEND = `with t as ${MOMENT},
    used as (update placet.leases l set state = 'used', used_at = t.now, ended_at = t.now from t
      where l.id = $1 and l.request_id = $2 and l.digest = $3 and l.state = 'active' and l.expires_at > t.now
        and not exists (select from placet.results e where e.tenant_id = l.tenant_id and e.request_id = l.request_id)
      returning l.tenant_id, l.request_id, l.used_at as at),
    event as (${insertEventOf('$4', 'used')}),
    ${tellOf('used', '$5')}
    select at from used`;

/**
 * Spends an active lease whose time is not over, whose digest fits and whose request has no result, with its event and what is
 * told of it; when, or null and nothing is changed. The rule is useRefusal's.
 */
export async function spendLease(
  tx: LockingTx,
  lease: Pick<Lease, 'id' | 'request_id' | 'digest'>,
  { event, tell_seconds }: { readonly event: NumberedEvent; readonly tell_seconds: number },
): Promise<Date | null> {
  const values = [lease.id, lease.request_id, lease.digest, eventOf(event), tell_seconds];
  return (await tx.query<{ at: Date }>(SPEND, values)).rows[0]?.at ?? null;
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
