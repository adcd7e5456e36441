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
