// Turns in the queues of Slack: a message calls when it is its turn, in whichever replica, and lets the next one know.

import type { Tx } from '../../db/database.ts';
import { inOrder } from '../../db/in-order.ts';
import type { SlackMessage } from '../../db/messages.ts';
import * as outbox from '../../db/outbox.ts';
import * as queues from '../../db/queues.ts';
import { paceNow, type QueueKey, queueName, released, type Turn, turnOf } from '../../domain/work/queue.ts';
import type { ServiceDeps } from '../deps.ts';

/** A next one that may call only later than this is awake by then, unless it sleeps longer; a nudge would only come early. */
const NUDGE_WITHIN_MS = 100;

/**
 * True for a next one that may go at once, or whose guess of when its turn comes was late, since others went away: it would sleep
 * on and be passed over.
 */
export function isToNudge({ until, guessed, now }: Readonly<Record<'until' | 'guessed' | 'now', Date>>): boolean {
  const sleepsOn = guessed.getTime() > until.getTime() + NUDGE_WITHIN_MS;
  return sleepsOn || until.getTime() - now.getTime() <= NUDGE_WITHIN_MS;
}

type Taking = Pick<SlackMessage, 'id' | 'state' | 'next_attempt_at'>;

/** Takes the turn of a message, or says how long it waits: the row then bears that moment. */
export async function takeTurn(tx: Tx, row: Taking, key: QueueKey): Promise<Turn> {
  const name = queueName(key);
  // Sent together: who waits is read after the lock was got.
  const [locked, known] = await inOrder(tx, [(tx) => queues.lockQueue(tx, key), (tx) => queues.listWaiting(tx, name)]);
  const { now } = locked;
  const queue = { ...locked, pace_ms: paceNow(locked, now) };
  const isKnown = known.some(({ id }) => id === row.id);
  const isFree = turnOf(queue, known.length, now).kind === 'taken';
  if (!isKnown && !isFree) await queues.joinQueue(tx, row.id, { queue: name, until: now });
  // Only in its place among the others does a message know how many go before it.
  const waiting = isKnown || isFree ? known : await queues.listWaiting(tx, name);
  const place = waiting.findIndex(({ id }) => id === row.id);
  const turn = turnOf(queue, isFree ? 0 : place === -1 ? waiting.length : place, now);
  if (turn.kind === 'waiting') await queues.joinQueue(tx, row.id, { queue: name, until: turn.until });
  else await hold(tx, row, { key, pace_ms: queue.pace_ms });
  return turn;
}

/** A post may stand in Slack from here on; what is only drawn again and did not wait needs no change of its row. */
async function hold(tx: Tx, row: Taking, { key, pace_ms }: { readonly key: QueueKey; readonly pace_ms: number }) {
  await inOrder(tx, [
    (tx) => queues.holdQueue(tx, key, { id: row.id, pace_ms }),
    row.state === 'posted' && row.next_attempt_at === null ? null : (tx) => queues.leaveQueue(tx, row.id),
  ]);
}

export type TurnAnswer = {
  readonly row: Pick<SlackMessage, 'id' | 'tried_at'>;
  readonly key: QueueKey;
  /** What Slack answered: nothing of a limit, or how long to wait. */
  readonly retry_after_ms: number | null;
  /** Slack said that the call had no effect: whether a post stands is what it was before. */
  readonly is_without_effect: boolean;
};

/**
 * Gives the turn of a message back after its call. Where Slack named a wait the message waits on in its queue; the moment is
 * answered. Whoever is next and may go at once is nudged.
 */
export function giveTurn(
  deps: Pick<ServiceDeps, 'transact'>,
  tenant_id: string,
  { row, key, retry_after_ms, is_without_effect }: TurnAnswer,
): Promise<Date | null> {
  return deps.transact(tenant_id, async (tx) => {
    const name = queueName(key);
    const queue = await queues.lockQueue(tx, key);
    const after = released(queue, retry_after_ms, queue.now);
    await queues.freeQueue(tx, key, { id: row.id, ...after });
    if (is_without_effect) await queues.forgetTry(tx, row);
    if (retry_after_ms !== null) await queues.joinQueue(tx, row.id, { queue: name, until: after.not_before });
    const [next] = await queues.listWaiting(tx, name);
    if (next !== undefined && next.id !== row.id) {
      await queues.joinQueue(tx, next.id, { queue: name, until: after.not_before });
      const times = { until: after.not_before, guessed: next.until, now: queue.now };
      if (isToNudge(times)) await outbox.enqueue(tx, next.request_id, 'nudge');
    }
    return retry_after_ms === null ? null : after.not_before;
  });
}
