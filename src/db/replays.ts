// What was asked before and how it was judged, page by page. Writes nothing.

import type { Effect } from '../domain/request/request.ts';
import type { Tx } from './database.ts';

export type JudgedRequest = {
  readonly id: string;
  readonly agent_name: string;
  readonly environment: string;
  readonly canonical: Buffer;
  readonly on_behalf_of: string | null;
  readonly effect: Effect;
  readonly rule: string | null;
  readonly created_at: Date;
};

/** Requests of agents since then, in the order of their ids, behind one. Changes of policy are judged by no rule and left out. */
export async function listJudged(
  tx: Tx,
  page: { readonly from_at: Date; readonly after: string; readonly limit: number },
): Promise<JudgedRequest[]> {
  const sql = `select r.id, a.name as agent_name, r.environment, r.canonical, r.on_behalf_of, r.effect, r.rule, r.created_at
    from placet.approval_requests r join placet.agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id
    where r.tenant_id = $1 and r.created_at >= $2 and r.id > $3 and not a.is_builtin order by r.id limit $4`;
  return (await tx.query<JudgedRequest>(sql, [tx.tenant_id, page.from_at, page.after, page.limit])).rows;
}
