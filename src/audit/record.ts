// The only writer of audit events: numbers each and puts it into the transaction of the change that it tells of (INV-7).

import * as auditEvents from '../db/audit-events.ts';
import type { NumberedEvent } from '../db/audit-tables.ts';
import type { Tx } from '../db/database.ts';
import { type AuditEvent, actorOf } from '../domain/audit/event.ts';
import type { IdKind } from '../domain/ids.ts';
import { makeLeaf } from './leaf.ts';

export type AuditDeps = { readonly newId: (kind: IdKind) => string };

/** Appends an event in the transaction of the change that it tells of. */
export function recordEvent(deps: AuditDeps, tx: Tx, event: AuditEvent): Promise<void> {
  return auditEvents.insertEvent(tx, numberEvent(deps, tx.now, event));
}

/** Numbers an event for the one statement that writes it together with the row that it tells of. */
export function numberEvent({ newId }: AuditDeps, now: Date, event: AuditEvent): NumberedEvent {
  const { type, outcome, request_id = null, lease_id = null, digest = null, facts } = event;
  const actor = actorOf(event.actor);
  const about = { id: newId('event'), type, outcome, request_id, lease_id, digest, occurred_at: now };
  const { leaf, shown, values } = makeLeaf({ ...about, actor, facts });
  const actor_id = values.some(({ name }) => name === 'actor') ? null : actor.id;
  const row = { ...about, actor_kind: actor.kind, actor_id, facts: shown, leaf };
  return { row, values } as unknown as NumberedEvent;
}
