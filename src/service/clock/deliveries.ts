// What the record keeps of the messages of a request: each row stands before its post, and says afterwards what became of it.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as identities from '../../db/identities.ts';
import { inOrder } from '../../db/in-order.ts';
import * as messages from '../../db/messages.ts';
import * as outbox from '../../db/outbox.ts';
import { CARD } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import { WORKER } from '../../domain/people/principal.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import type { QueueKey, Turn } from '../../domain/work/queue.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import type { ServiceDeps } from '../deps.ts';
import { takeTurn } from './turns.ts';

export type SlackMessage = messages.SlackMessage;

export type Of = { readonly tenant_id: string; readonly request: Pick<ApprovalRequest, 'id' | 'digest'> };

/** The request and its messages at one moment, or null when there is no such request. */
export function readMoment(
  deps: Pick<ServiceDeps, 'transact'>,
  { tenant_id, request_id }: ApprovalInput,
): Promise<{ readonly record: CardRecord; readonly messages: readonly SlackMessage[]; readonly now: Date } | null> {
  return deps.transact(tenant_id, async (tx) => {
    const [record, known] = await inOrder(tx, [
      (tx) => requestRecords.readRequestRecord(tx, request_id, CARD),
      (tx) => messages.listMessages(tx, request_id),
    ]);
    return record === null ? null : { record, messages: known, now: tx.now };
  });
}

/** A message, and its turn to call Slack: taken, waiting, or none because nothing is to be called. */
export type OpenedMessage = {
  readonly row: SlackMessage;
  readonly turn: (Turn & { readonly key: QueueKey }) | null;
};

/**
 * The row of this message, made when it is missing, and its turn in the queue that `queueOf` names for it: a post whose answer
 * was lost is known as one that may have arrived.
 */
export function openMessage(
  deps: ServiceDeps,
  { tenant_id, request }: Of,
  message: Pick<SlackMessage, 'kind' | 'destination'> & { readonly queueOf: (row: SlackMessage) => QueueKey | null },
): Promise<OpenedMessage> {
  const { kind, destination, queueOf } = message;
  return deps.transact(tenant_id, async (tx) => {
    const id = deps.newId('message');
    const row = await messages.claimMessage(tx, { id, request_id: request.id, kind, destination });
    const key = queueOf(row);
    if (key === null) return { row, turn: null };
    const turn = await takeTurn(tx, row, key);
    const next_attempt_at = turn.kind === 'waiting' ? turn.until : null;
    return { row: { ...row, next_attempt_at }, turn: { ...turn, key } };
  });
}

/** What was posted, and where. */
export type Posted = {
  readonly row: Pick<SlackMessage, 'id' | 'kind' | 'tried_at'>;
  readonly at: messages.Place & messages.Drawn;
};

/** Keeps where the post went; false when another copy was stored first, so that this one is stale. */
export function keepPosted(
  deps: Pick<ServiceDeps, 'newId'>,
  tx: Tx,
  { request, row, at }: Posted & Pick<Of, 'request'>,
): Promise<boolean> {
  const event = numberEvent(deps, tx.now, {
    type: 'notify.sent',
    outcome: 'success',
    actor: WORKER,
    request_id: request.id,
    digest: request.digest,
    facts: { kind: row.kind, channel_id: at.channel_id },
  });
  return messages.markPosted(tx, row.id, { ...at, tried_at: row.tried_at }, [event]);
}

/** Keeps a copy of a card that is not the live one: its buttons are taken away, now or by a later try. */
export function recordCopy(deps: ServiceDeps, { tenant_id, request }: Of, at: messages.Place): Promise<boolean> {
  return deps.transact(tenant_id, (tx) => keepCopy(deps, tx, { request_id: request.id, ...at }));
}

/** The same in a transaction; false when the record knows the place. Should its buttons not go at once, the run looks again. */
export async function keepCopy(
  deps: Pick<ServiceDeps, 'newId'>,
  tx: Tx,
  { request_id, ...at }: messages.Place & { readonly request_id: string },
): Promise<boolean> {
  if (!(await messages.insertCopy(tx, { id: deps.newId('message'), request_id, ...at }))) return false;
  await outbox.enqueue(tx, request_id, 'nudge');
  return true;
}

/** Keeps which moment the message shows now; an earlier one never overwrites a later one. */
export function recordDrawn(
  deps: Pick<ServiceDeps, 'transact'>,
  tenant_id: string,
  { id, drawn }: { readonly id: string; readonly drawn: messages.Drawn },
): Promise<boolean> {
  return deps.transact(tenant_id, (tx) => messages.markDrawn(tx, id, drawn));
}

/** Keeps that the message was refused, and when it is tried again; false when the record knows this refusal of it already. */
export function recordRefused(
  deps: ServiceDeps,
  { tenant_id, request }: Of,
  { row, ...refused }: messages.Refused & { readonly row: Pick<SlackMessage, 'id' | 'kind' | 'state'> },
): Promise<boolean> {
  return deps.transact(tenant_id, async (tx) => {
    if (!(await messages.markRefused(tx, row, refused))) return false;
    await recordFailure(deps, tx, { request, row, code: refused.error });
    return true;
  });
}

/** Keeps that a message that stood is gone, so that it is posted anew; false when another one stands already. */
export function recordLost(
  deps: ServiceDeps,
  { tenant_id, request }: Of,
  { row, code }: { readonly row: Pick<SlackMessage, 'id' | 'kind' | 'ts'>; readonly code: string },
): Promise<boolean> {
  return deps.transact(tenant_id, async (tx) => {
    if (!(await messages.markLost(tx, row, code))) return false;
    await recordFailure(deps, tx, { request, row, code });
    return true;
  });
}

type Failure = Pick<Of, 'request'> & { readonly row: Pick<SlackMessage, 'kind'>; readonly code: string };

function recordFailure(deps: ServiceDeps, tx: Tx, { request, row, code }: Failure): Promise<void> {
  return recordEvent(deps, tx, {
    type: 'notify.failed',
    outcome: 'failure',
    actor: WORKER,
    request_id: request.id,
    digest: request.digest,
    facts: { kind: row.kind, code },
  });
}

/** The accounts of a person, oldest first, for a message to it. */
export function listAccountsOf(
  deps: Pick<ServiceDeps, 'transact'>,
  tenant_id: string,
  person_id: string,
): Promise<readonly identities.Link[]> {
  return deps.transact(tenant_id, (tx) => identities.listAccounts(tx, [person_id]));
}
