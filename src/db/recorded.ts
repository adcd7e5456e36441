// The rows of one request as they stand, for comparing them with what its events say. Changes nothing.

import type { Tx } from './database.ts';

/** What stands of a request beside its events; times are texts of JSON. */
export type Recorded = Readonly<
  Record<'request' | 'decisions' | 'escalations' | 'grant' | 'leases' | 'execution' | 'revocation' | 'results', unknown>
>;

const ROWS = `select
  (select to_jsonb(r) - '{tenant_id,revision,idempotency_key,body_digest,canonical,salts_sealed}'::text[]) as request,
  (select coalesce(jsonb_agg(to_jsonb(d) - '{tenant_id,once_in}'::text[] order by d.decided_at, d.id), '[]') from placet.decisions d
    where d.tenant_id = r.tenant_id and d.request_id = r.id) as decisions,
  (select coalesce(jsonb_agg(to_jsonb(x) - '{tenant_id,request_id}'::text[] order by x.stage, x.group_id), '[]')
    from placet.escalations x where x.tenant_id = r.tenant_id and x.request_id = r.id) as escalations,
  (select to_jsonb(g) - '{tenant_id,created_at}'::text[] from placet.grants g
    where g.tenant_id = r.tenant_id and g.request_id = r.id) as "grant",
  (select coalesce(jsonb_agg(to_jsonb(l) - '{tenant_id,kid,ended_at}'::text[] order by l.use), '[]') from placet.leases l
    where l.tenant_id = r.tenant_id and l.request_id = r.id) as leases,
  (select to_jsonb(x) - '{tenant_id,request_id}'::text[] from placet.executions x
    where x.tenant_id = r.tenant_id and x.request_id = r.id) as execution,
  (select to_jsonb(v) - '{tenant_id,request_id}'::text[] from placet.revocations v
    where v.tenant_id = r.tenant_id and v.request_id = r.id) as revocation,
  (select coalesce(jsonb_agg(to_jsonb(o) - '{tenant_id,request_id}'::text[] order by o.use), '[]') from placet.results o
    where o.tenant_id = r.tenant_id and o.request_id = r.id) as results
from placet.approval_requests r where r.id = $1`;

/** The rows of one request, or null. */
export async function readRecorded(tx: Tx, request_id: string): Promise<Recorded | null> {
  return (await tx.query<Recorded>(ROWS, [request_id])).rows[0] ?? null;
}

/** Ids of requests in their order, above `after` when given. */
export async function listIds(tx: Tx, after: string | null, limit: number): Promise<string[]> {
  const sql = 'select id from placet.approval_requests where ($1::text is null or id > $1) order by id limit $2';
  return (await tx.query<{ id: string }>(sql, [after, limit])).rows.map(({ id }) => id);
}
