// The end of a program: waits for what time still has to do, then reads what the rows say of each request.

import { until } from '../support/wait.ts';
import { clock, type Found, keep, type Play } from './play.ts';

/** Requests that live longer than this are left pending. */
const SOON_MS = 10_000;

type Row = {
  readonly state: string;
  readonly decisions: readonly (readonly [string, string, string | null])[];
  readonly leases: readonly string[];
  readonly result: { readonly status: string; readonly detail: string | null } | null;
  readonly events: readonly (readonly [string, number])[];
};

/** Messages are told of in events of their own; how many there are depends on the worker's pace. */
const ROW = `select r.state,
  (select coalesce(jsonb_agg(jsonb_build_array(coalesce(p.name, p.email), d.decision, d.reason) order by d.decided_at, d.id), '[]')
    from placet.decisions d join placet.people_now p on p.tenant_id = d.tenant_id and p.id = d.person_id
    where d.request_id = r.id) as decisions,
  (select coalesce(jsonb_agg(l.state), '[]') from placet.leases l where l.request_id = r.id) as leases,
  (select jsonb_build_object('status', e.status, 'detail', e.detail) from placet.results e where e.request_id = r.id) as result,
  (select jsonb_agg(jsonb_build_array(t.type, t.count) order by t.type collate "C") from (
    select a.type, count(*)::integer as count from placet.audit_events a
    where a.request_id = r.id and a.type not like 'notify.%' group by a.type) t) as events
  from placet.approval_requests r where r.id = $1`;

/** Keeps the rows of every request as the last answers of the history. */
export async function readRows(play: Play): Promise<void> {
  for (const found of play.found.values()) await until(async () => !(await isDue(play, found)));
  for (const { id, agent, slot } of play.found.values()) {
    const begin = clock();
    const [row] = await play.product.database.asSuperuser<Row>(ROW, [id]);
    const end = clock();
    keep(play, 'rows', { kind: 'rows', agent, slot }, { begin, end, answer: answerOf(play, row) });
  }
}

/** What time has to end, and has a run that does so. */
async function isDue({ product }: Play, { id, expires_at_ms }: Found): Promise<boolean> {
  if (expires_at_ms === null) return false;
  const isSoon = expires_at_ms < clock() + SOON_MS;
  const sql = `select id from placet.approval_requests where id = $1 and state = 'pending' and $2
    union all select id from placet.leases where request_id = $1 and state = 'active' and expires_at < now()`;
  return (await product.database.asSuperuser(sql, [id, isSoon])).length > 0;
}

function answerOf({ cast }: Play, row: Row | undefined): string {
  if (row === undefined) return 'absent';
  const { state, decisions, leases, result, events } = row;
  const order = result === null ? null : { status: result.status, detail: result.detail };
  return cast.plain(JSON.stringify({ state, decisions, leases, result: order, events }));
}
