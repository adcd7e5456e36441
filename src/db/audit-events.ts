// Statements on audit events. A state change and its event go through the same transaction (INV-7).

import { type AuditEvent, actorOf, type RecordedEvent } from '../domain/audit/event.ts';
import type { Tx } from './database.ts';

/** Appends one event; the facts are typed per event type, so nothing else can slip in (INV-8). */
export async function insertEvent(tx: Tx, id: string, event: AuditEvent): Promise<void> {
  const sql = `insert into placet.audit_events
      (tenant_id, id, type, outcome, actor_kind, actor_id, request_id, lease_id, digest, facts, occurred_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
  const actor = actorOf(event.actor);
  const values = [tx.tenant_id, id, event.type, event.outcome, actor.kind, actor.id];
  const subject = [event.request_id ?? null, event.lease_id ?? null, event.digest ?? null];
  await tx.query(sql, [...values, ...subject, JSON.stringify(event.facts), tx.now]);
}

/** The newest events, or those of one request, in the order of writing, newest first. */
export async function listEvents(
  tx: Tx,
  filter: { readonly request_id: string | null; readonly type: string | null; readonly limit: number },
): Promise<RecordedEvent[]> {
  const sql = `select id, type, outcome, actor_kind, actor_id, request_id, lease_id, digest, facts, occurred_at
    from placet.audit_events where ($1::text is null or request_id = $1) and ($2::text is null or type = $2)
    order by position desc limit $3`;
  return (await tx.query<RecordedEvent>(sql, [filter.request_id, filter.type, filter.limit])).rows;
}
