// Statements on results: what the agent or the tool says happened, once per request.

import type { ExecutionResult } from '../domain/credential/lease.ts';
import type { LockingTx } from './database.ts';
import { eventOf, insertEventOf, MOMENT, tellOf } from './news.ts';
import { type NumberedEvent, RESULTS } from './tables.ts';

const INSERT = `with t as ${MOMENT},
    q as (select r.tenant_id, r.id as request_id, $2::text as status, $3::text as detail, $4::text as result_digest, t.now as reported_at
      from placet.approval_requests r, t
      where r.id = $1 and r.state = 'approved' and ($2 <> 'succeeded' or coalesce((
        select l.state from placet.leases l where l.tenant_id = r.tenant_id and l.request_id = r.id
        order by l.issued_at desc limit 1), 'used') = 'used')),
    made as (${RESULTS.into} select q.tenant_id, ${RESULTS.written('q')} from q
      on conflict (tenant_id, request_id) do nothing returning m.tenant_id, m.request_id, m.reported_at as at),
    event as (${insertEventOf('$5', 'made')}),
    ${tellOf('made', '$6')}
    select at from made`;

/**
 * Records the first result of an approved request whose credential, where it was claimed, was used before it succeeds; with its
 * event and what is told of it. When, or null and nothing is changed.
 */
export async function insertResult(
  tx: LockingTx,
  { request_id, ...row }: Omit<ExecutionResult, 'reported_at'> & { readonly request_id: string },
  event: NumberedEvent,
): Promise<Date | null> {
  const values = [request_id, row.status, row.detail, row.result_digest, eventOf(event), 0];
  return (await tx.query<{ at: Date }>(INSERT, values)).rows[0]?.at ?? null;
}
