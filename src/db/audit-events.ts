// Statements on audit events. A state change and its event go through the same transaction (INV-7). Only src/audit makes events.

import type { RecordedEvent } from '../domain/audit/event.ts';
import type { Tx } from './database.ts';
import { AUDIT_EVENTS, type NumberedEvent } from './tables.ts';

/** Appends one event. */
export async function insertEvent(tx: Tx, event: NumberedEvent): Promise<void> {
  await tx.query(AUDIT_EVENTS.insert, AUDIT_EVENTS.valuesOf(tx, event));
}

/** The newest events, or those of one request, in the order of writing, newest first. */
export async function listEvents(
  tx: Tx,
  filter: { readonly request_id: string | null; readonly type: string | null; readonly limit: number },
): Promise<RecordedEvent[]> {
  // Two statements, so that those of one request are found by its index whatever was listed before.
  const of = filter.request_id === null ? '$1::text is null' : 'v.request_id = $1';
  const sql = `select ${AUDIT_EVENTS.select('v')} from placet.audit_events v
    where ${of} and ($2::text is null or v.type = $2)
    order by v.position desc limit $3`;
  return (await tx.query<RecordedEvent>(sql, [filter.request_id, filter.type, filter.limit])).rows;
}

export type EventFilter = {
  readonly request_id: string | null;
  readonly type: string | null;
  readonly actor_id: string | null;
  readonly from_at: Date | null;
  readonly until_at: Date | null;
};

/** Where in the order of writing an event stands, or null. */
export async function findPosition(tx: Tx, id: string): Promise<string | null> {
  const sql = 'select position from placet.audit_events where tenant_id = $1 and id = $2';
  return (await tx.query<{ position: string }>(sql, [tx.tenant_id, id])).rows[0]?.position ?? null;
}

/** Events that the filter takes, newest first, below a position. */
export async function pageEvents(
  tx: Tx,
  filter: EventFilter & { readonly before: string | null; readonly limit: number },
): Promise<RecordedEvent[]> {
  const { request_id, type, actor_id, from_at, until_at, before, limit } = filter;
  const wanted: readonly (readonly [condition: string, value: unknown])[] = [
    ['v.request_id =', request_id],
    ['v.type =', type],
    ['v.actor_id =', actor_id],
    ['v.occurred_at >=', from_at],
    ['v.occurred_at <', until_at],
    ['v.position <', before],
  ];
  // A text for each choice of conditions: one for all of them would have one plan, which reads every event of the tenant.
  const chosen = wanted.filter(([, value]) => value !== null);
  const conditions = ['v.tenant_id = $1', ...chosen.map(([condition], place) => `${condition} $${place + 2}`)];
  const sql = `select ${AUDIT_EVENTS.select('v')} from placet.audit_events v
    where ${conditions.join(' and ')} order by v.position desc limit $${chosen.length + 2}`;
  const values = [tx.tenant_id, ...chosen.map(([, value]) => value), limit];
  return (await tx.query<RecordedEvent>(sql, values)).rows;
}
