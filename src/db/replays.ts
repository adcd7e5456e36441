// What was asked before and how it was judged, page by page. Writes nothing.

import type { Labels } from '../domain/people/labels.ts';
import type { Effect } from '../domain/request/request.ts';
import type { Tx } from './database.ts';

export type JudgedRequest = {
  readonly id: string;
  readonly agent_name: string;
  readonly environment: string;
  /** As they are now, as is the address of its owner: what they were then is not kept. */
  readonly labels: Labels;
  readonly owner: string;
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
  const sql = `select r.id, a.name as agent_name, r.environment, a.labels, coalesce(p.email, '') as owner, r.canonical, r.on_behalf_of, r.effect, r.rule, r.created_at
    from placet.approval_requests r join placet.agents a on a.tenant_id = r.tenant_id and a.id = r.agent_id
      left join placet.people_now p on p.tenant_id = a.tenant_id and p.id = a.owner_person_id
    where r.tenant_id = $1 and r.created_at >= $2 and r.id > $3 and not a.is_builtin order by r.id limit $4`;
  return (await tx.query<JudgedRequest>(sql, [tx.tenant_id, page.from_at, page.after, page.limit])).rows;
}
