// Looks at the record of one request: expires it or ends its lease when it is time, and tells what is left to do.

import type { Tx } from '../../db/database.ts';
import type { SlackMessage } from '../../db/messages.ts';
import type { AuditEvent } from '../../domain/audit/event.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import { dueNow, NOTHING_LEFT, type Situation, situationOf } from '../../domain/work/pending-work.ts';
import type { ServiceDeps } from '../deps.ts';

/** One moment of the record, after what was due has been done, and what is left to do then. */
export type Look = {
  readonly record: RequestRecord;
  readonly messages: readonly SlackMessage[];
  readonly now: Date;
  readonly situation: Situation;
};

export type LookDeps = ServiceDeps;

/** What is left to do, for whoever looks: the sweep too, while no run may be there. */
export async function look(deps: LookDeps, { tenant_id, request_id }: ApprovalInput): Promise<Situation> {
  const seen = await deps.transact(tenant_id, (tx) => lookIn(deps, tx, request_id));
  return seen?.situation ?? NOTHING_LEFT;
}

/**
 * The same for a run, which acts on what it sees: what the outbox was to tell it, it knows by now. Null for a request that
 * does not exist.
 */
export function lookClosely(deps: LookDeps, { tenant_id, request_id }: ApprovalInput): Promise<Look | null> {
  return deps.transact(tenant_id, async (tx) => {
    // Sent together; removed before the record is read, so that whatever a removed row told of is in what is read.
    const [, seen] = await Promise.all([deps.store.outbox.removeOf(tx, request_id), lookIn(deps, tx, request_id)]);
    return seen;
  });
}

/** State change and audit event commit together (INV-7). */
async function lookIn(deps: LookDeps, tx: Tx, request_id: string): Promise<Look | null> {
  const { readRequestRecord } = deps.store.requestRecords;
  // Sent together: one round trip.
  const [before, messages] = await Promise.all([
    readRequestRecord(tx, request_id),
    deps.store.messages.listMessages(tx, request_id),
  ]);
  // Somebody started a run for nothing: it ends.
  if (before === null) return null;
  const hasActed = await doWhatIsDue(deps, tx, before);
  const record = hasActed ? ((await readRequestRecord(tx, request_id)) ?? before) : before;
  return { record, messages, now: tx.now, situation: situationOf(record, messages, tx.now) };
}

/** True when something was due. A click or a use may be faster: then the conditional update changes nothing. */
async function doWhatIsDue(deps: LookDeps, begun: Tx, { request, lease }: RequestRecord): Promise<boolean> {
  const { id: request_id, digest } = request;
  // Nearly always nothing is due: only then is the lock spared.
  if (dueNow({ request, lease }, begun.now) === null) return false;
  const tx = (await deps.store.requests.lockRequest(begun, request_id)) ?? begun;
  const actor = { kind: 'system', id: 'clock' } as const;
  const told = { outcome: 'success', actor, request_id, digest, facts: {} } as const;
  switch (dueNow({ request, lease }, tx.now)) {
    case null:
      return false;
    case 'expire':
      if (!(await deps.store.requests.expireRequest(tx, request_id))) return true;
      await recordEvent(deps, tx, { ...told, type: 'approval_request.expired' });
      return true;
    case 'end_lease':
      if (lease === null || !(await deps.store.leases.endLease(tx, lease.id, 'expired'))) return true;
      await recordEvent(deps, tx, { ...told, type: 'lease.expired', lease_id: lease.id });
      await deps.store.requests.touchRequest(tx, request_id);
      return true;
  }
}

function recordEvent(deps: LookDeps, tx: Tx, event: AuditEvent): Promise<void> {
  return deps.store.audit.insertEvent(tx, deps.newId('event'), event);
}
