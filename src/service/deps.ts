// What nearly every use case needs: a transaction, the statements, and new ids. Types only, but for one helper.

import type { AgentIdentity, Transact, Tx } from '../db/database.ts';
import type { Store } from '../db/store.ts';
import type { AuditEvent } from '../domain/audit/event.ts';
import type { IdKind } from '../domain/ids.ts';

export type ServiceDeps = {
  readonly transact: Transact;
  readonly store: Store;
  readonly newId: (kind: IdKind) => string;
};

/** A claim and a use change some words of a card: they wait so long for what mostly follows, and are told with it. */
export const SMALL_NEWS_SECONDS = 1;

/** The authenticated requester: an agent, in its tenant and environment. */
export type Caller = AgentIdentity;

/** Appends an audit event in the transaction of the change that it tells of (INV-7). */
export function recordEvent(service: ServiceDeps, tx: Tx, event: AuditEvent): Promise<void> {
  return service.store.audit.insertEvent(tx, service.newId('event'), event);
}
