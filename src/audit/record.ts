// The only writer of audit events: numbers each and puts it into the transaction of the change that it tells of (INV-7).

import * as auditEvents from '../db/audit-events.ts';
import type { Tx } from '../db/database.ts';
import type { EventRow, NumberedEvent } from '../db/tables.ts';
import { type AuditEvent, actorOf } from '../domain/audit/event.ts';
import type { IdKind } from '../domain/ids.ts';

export type AuditDeps = { readonly newId: (kind: IdKind) => string };

/** Appends an event in the transaction of the change that it tells of. */
export function recordEvent(deps: AuditDeps, tx: Tx, event: AuditEvent): Promise<void> {
  return auditEvents.insertEvent(tx, numberEvent(deps, tx.now, event));
}

/** Numbers an event for the one statement that writes it together with the row that it tells of. */
export function numberEvent({ newId }: AuditDeps, now: Date, event: AuditEvent): NumberedEvent {
  const { type, outcome, actor, request_id = null, lease_id = null, digest = null, facts } = event;
  const { kind: actor_kind, id: actor_id } = actorOf(actor);
  const id = newId('event');
  const row: EventRow = {
    id,
    type,
    outcome,
    actor_kind,
    actor_id,
    request_id,
    lease_id,
    digest,
    facts,
    occurred_at: now,
  };
  return row as NumberedEvent;
}
