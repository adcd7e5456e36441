// Statements on leases: issued under a grant (src/db/grants.ts), each for one use, ended once.

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
  /** A result of its use stands already: nothing may run after it. */
  readonly has_result: boolean;
};

/** One lease with what its use needs to know, or null. */
export async function readLease(tx: Tx, lease_id: string): Promise<LeaseToUse | null> {
  const sql = `select ${LEASES.select('l')},
      g.credential ->> 'audience' as audience, r.effect,
      exists (select from placet.results e
        where e.tenant_id = l.tenant_id and e.request_id = l.request_id and e.use = l.use) as has_result
    from placet.leases l join placet.grants g on g.tenant_id = l.tenant_id and g.id = l.grant_id
    join placet.approval_requests r on r.tenant_id = l.tenant_id and r.id = l.request_id where l.id = $1`;
  return (await tx.query<LeaseToUse>(sql, [lease_id])).rows[0] ?? null;
}

const SPEND = `with t as ${MOMENT},
    counted as (update placet.grants g set uses = g.uses + 1 from placet.leases l, t
      where l.id = $1 and l.request_id = $2 and l.digest = $3 and l.state = 'active' and l.expires_at > t.now
        and g.tenant_id = l.tenant_id and g.id = l.grant_id and g.uses < g.uses_max and g.uses < g.redemptions
        and not exists (select from placet.results e
          where e.tenant_id = l.tenant_id and e.request_id = l.request_id and e.use = l.use)
      returning l.tenant_id, l.id as lease_id),
    used as (update placet.leases l set state = 'used', used_at = t.now, ended_at = t.now from t, counted c
      where l.tenant_id = c.tenant_id and l.id = c.lease_id and l.state = 'active'
      returning l.tenant_id, l.request_id, l.used_at as at),
    event as (${insertEventOf('$4', 'used')}),
    ${tellOf('used', '$5')}
    select at from used`;

/**
 * Spends an active lease whose time is not over, whose digest fits and whose use has no result, and counts it in its grant, with
 * its event and what is told of it; when, or null and nothing is changed. The rule is useRefusal's.
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
