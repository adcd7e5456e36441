// The messages of one reconcile: their turns are taken in the transaction that found them due, and what became of them is
// kept in one transaction after the calls. Only the plain case: whoever has to wait, or may stand in Slack already, goes alone.

import type { Tx } from '../../db/database.ts';
import { inOrder } from '../../db/in-order.ts';
import * as messages from '../../db/messages.ts';
import { newMessage, toPosting } from '../../db/new-messages.ts';
import * as outbox from '../../db/outbox.ts';
import * as queues from '../../db/queues.ts';
import { type QueueKey, queueName } from '../../domain/work/queue.ts';
import type { ServiceDeps } from '../deps.ts';
import { keepPosted, type Of, type Posted, type SlackMessage } from './deliveries.ts';
import { isToNudge } from './turns.ts';

/** A message that is due, and the queue that it calls in; null when there is nothing to call. */
export type Wanted = Pick<SlackMessage, 'kind' | 'destination'> & {
  readonly queueOf: (row: SlackMessage) => QueueKey | null;
};

/** A message whose turn it is. */
export type CallingMessage = { readonly row: SlackMessage; readonly key: QueueKey };

type Opening = CallingMessage & { readonly is_new: boolean };

/** Takes the turns that are free, one in each queue, and answers those messages; the others are opened one by one. */
export async function openTogether(
  deps: Pick<ServiceDeps, 'newId'>,
  tx: Tx,
  at: {
    readonly request_id: string;
    readonly known: readonly SlackMessage[];
    readonly wanted: readonly Wanted[];
  },
): Promise<readonly CallingMessage[]> {
  const opening = oneEach(at.wanted.flatMap((wanted) => openingOf(deps, tx, at, wanted)));
  if (opening.length === 0) return [];
  const rows = opening.filter(({ is_new }) => is_new).map(({ row }) => toPosting(row, tx.now, tx.now));
  const asking = opening.map(({ row, key }) => ({ id: row.id, revision: row.revision, ...key }));
  const taken = await queues.takeFreeTurns(tx, asking, rows);
  const opened: CallingMessage[] = [];
  for (const { row, key, is_new } of opening) {
    const turn = taken.find(({ id }) => id === row.id);
    if (turn === undefined) continue;
    if (!is_new || turn.is_inserted) opened.push({ row, key });
    // Another process was faster with the row of this message.
    else await queues.freeTurn(tx, { id: row.id, ...key });
  }
  return opened;
}

function openingOf(
  deps: Pick<ServiceDeps, 'newId'>,
  tx: Tx,
  { request_id, known }: { readonly request_id: string; readonly known: readonly SlackMessage[] },
  { kind, destination, queueOf }: Wanted,
): Opening[] {
  const standing = known.find((each) => each.kind === kind && each.destination === destination);
  const row = standing ?? newMessage({ id: deps.newId('message'), request_id, kind, destination }, tx.now);
  const isPlain = standing === undefined || (standing.state === 'posted' && standing.next_attempt_at === null);
  const key = isPlain && row.tried_at === null ? queueOf(row) : null;
  return key === null ? [] : [{ row, key, is_new: standing === undefined }];
}

function oneEach(opening: readonly Opening[]): readonly Opening[] {
  return [...new Map(opening.map((each) => [queueName(each.key), each] as const)).values()];
}

/** What became of a message whose turn was taken: posted, drawn again, or not called at all. */
export type Settled = { readonly key: QueueKey; readonly row: SlackMessage } & (
  | { readonly kind: 'posted'; readonly at: Posted['at'] }
  | { readonly kind: 'drawn'; readonly drawn: messages.Drawn }
  | { readonly kind: 'uncalled' }
);

/**
 * Gives the turns back and keeps what became of the messages, in one transaction. Answers those posts that another copy was
 * faster than. Whoever is next in a queue and may go at once is nudged.
 */
export function settleTogether(
  deps: ServiceDeps,
  { tenant_id, request }: Of,
  settled: readonly Settled[],
): Promise<readonly Settled[]> {
  // Queues are locked in their order, so that nobody waits in a circle.
  const ordered = [...settled].sort((a, b) => (queueName(a.key) < queueName(b.key) ? -1 : 1));
  return deps.transact(tenant_id, async (tx) => {
    const keys = ordered.map(({ key }) => key);
    const [freed, kept, next] = await inOrder(tx, [
      (tx) => inOrder(tx, ordered.map(free)),
      (tx) =>
        inOrder(
          tx,
          ordered.map((each) => (tx: Tx) => keep(deps, tx, request, each)),
        ),
      (tx) => queues.listNext(tx, keys),
    ]);
    for (const { id, request_id, queue, until: guessed } of next) {
      const until = freed[ordered.findIndex(({ key }) => queueName(key) === queue)] ?? null;
      if (until === null) continue;
      await queues.joinQueue(tx, id, { queue, until });
      if (isToNudge({ until, guessed, now: tx.now })) await outbox.enqueue(tx, request_id, 'nudge');
    }
    return ordered.filter(({ kind }, place) => kind === 'posted' && !kept[place]);
  });
}

function free({ row, key }: Settled) {
  return (tx: Tx) => queues.freeTurn(tx, { id: row.id, ...key });
}

async function keep(
  deps: Pick<ServiceDeps, 'newId'>,
  tx: Tx,
  request: Of['request'],
  settled: Settled,
): Promise<boolean> {
  const { row } = settled;
  switch (settled.kind) {
    case 'posted':
      return keepPosted(deps, tx, { request, row, at: settled.at });
    case 'drawn':
      return messages.markDrawn(tx, row.id, settled.drawn);
    case 'uncalled':
      await queues.forgetTry(tx, row);
      return true;
  }
}
