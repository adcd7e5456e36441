// The only writer of audit events: numbers each and puts it into the transaction of the change that it tells of (INV-7).

import * as auditEvents from '../db/audit-events.ts';
import type { Tx } from '../db/database.ts';
import type { AuditEvent } from '../domain/audit/event.ts';
import type { IdKind } from '../domain/ids.ts';

export type AuditDeps = { readonly newId: (kind: IdKind) => string };

/** Appends an event in the transaction of the change that it tells of. */
export function recordEvent({ newId }: AuditDeps, tx: Tx, event: AuditEvent): Promise<void> {
  return auditEvents.insertEvent(tx, newId('event'), event);
}
