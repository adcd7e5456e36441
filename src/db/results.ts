// Statements on results: what the agent or the tool says happened, once for each use of a request.

import type { ExecutionResult, LeaseState } from '../domain/credential/lease.ts';
import type { RequestState } from '../domain/request/request.ts';
import type { JsonRow } from './columns.ts';
import type { LockingTx, Tx } from './database.ts';
import { eventOf, insertEventOf, MOMENT, tellOf } from './news.ts';
import { type NumberedEvent, RESULTS } from './tables.ts';

/** Of which use something is told: that of the lease, whose credential tells it, else the one that was claimed last. */
type UseOf = { readonly request_id: string; readonly lease_id: string | null };

const USE = `coalesce((select l.use from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id and l.id = $2),
        (select greatest(g.redemptions, 1) from placet.grants g where g.tenant_id = r.tenant_id and g.request_id = r.id), 1)`;
const LEASE_STATE = `(select l.state from placet.leases l
        where l.tenant_id = r.tenant_id and l.request_id = r.id and l.use = u.use)`;

/** Taken back before anything began under it: there is nothing to tell of. */
const NEVER_BEGUN = `(exists (select from placet.revocations v where v.tenant_id = r.tenant_id and v.request_id = r.id)
          and not exists (select from placet.executions x where x.tenant_id = r.tenant_id and x.request_id = r.id)
          and ${LEASE_STATE} is null)`;

const INSERT = `with t as ${MOMENT},
    q as (select r.tenant_id, r.id as request_id, u.use, $3::text as status, $4::text as detail, $5::text as result_digest,
        t.now as reported_at
      from placet.approval_requests r, lateral (select ${USE} as use) u, t
      where r.id = $1 and r.state = 'approved' and ($3 <> 'succeeded' or coalesce(${LEASE_STATE}, 'used') = 'used')
        and not ${NEVER_BEGUN}),
    made as (${RESULTS.into} select q.tenant_id, ${RESULTS.written('q')} from q
      on conflict (tenant_id, request_id, use) do nothing returning m.tenant_id, m.request_id, m.reported_at as at),
    event as (${insertEventOf('$6', 'made')}),
    ${tellOf('made', '$7')}
    select at from made`;

/**
 * Records the first result of a use of an approved request whose credential, where it was claimed, was used before it succeeds;
 * with its event and what is told of it. When, or null and nothing is changed.
 */
export async function insertResult(
  tx: LockingTx,
  { request_id, lease_id, ...row }: Omit<ExecutionResult, 'reported_at'> & UseOf,
  event: NumberedEvent,
): Promise<Date | null> {
  const values = [request_id, lease_id, row.status, row.detail, row.result_digest, eventOf(event), 0];
  return (await tx.query<{ at: Date }>(INSERT, values)).rows[0]?.at ?? null;
}

/** What a report finds: the request, the lease of its use where that was claimed, and the result that stands. */
export type Reported = {
  readonly state: RequestState;
  readonly lease_state: LeaseState | null;
  /** It was revoked before anything began under it. */
  readonly is_revoked: boolean;
  readonly result: ExecutionResult | null;
};

/** The same for whoever tells, or null where there is no such request. */
export async function readReported(tx: Pick<Tx, 'query'>, { request_id, lease_id }: UseOf): Promise<Reported | null> {
  const sql = `select r.state, ${LEASE_STATE} as lease_state, ${NEVER_BEGUN} as is_revoked,
      (select ${RESULTS.json('e')} from placet.results e
        where e.tenant_id = r.tenant_id and e.request_id = r.id and e.use = u.use) as result
    from placet.approval_requests r, lateral (select ${USE} as use) u where r.id = $1`;
  type Row = Omit<Reported, 'result'> & { readonly result: JsonRow<ExecutionResult> | null };
  const [row] = (await tx.query<Row>(sql, [request_id, lease_id])).rows;
  return row === undefined ? null : { ...row, result: row.result === null ? null : RESULTS.ofJson(row.result) };
}
