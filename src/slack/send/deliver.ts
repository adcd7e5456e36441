// One message of a request, once: opens its row, posts or redraws it, and keeps what became of it. Knows no words.

import { isFinal } from '../../domain/request/request.ts';
import type { QueueKey } from '../../domain/work/queue.ts';
import { openMessage, recordCopy, recordDrawn, recordLost, type SlackMessage } from '../../service/clock/deliveries.ts';
import { settleTogether } from '../../service/clock/together.ts';
import { giveTurn } from '../../service/clock/turns.ts';
import type { CallingMessage, DeliverDeps, Delivery, Snapshot } from './delivery.ts';
import { SlackUnavailable } from './failures.ts';
import { of, refuse } from './refused.ts';
import { isGone } from './slack-errors.ts';
import { queueFor } from './together.ts';
import type { Place, PostAnswer, UpdateAnswer } from './web-api.ts';

/** So long a post whose answer was lost is looked for although Slack does not answer that either. */
const LOOK_SECONDS_MAX = 60;

/** What is forgotten once Slack has taken a message. */
const TAKEN = { error: null, attempts: 0, next_attempt_at: null, undelivered_at: null } as const;

/** A copy is known by its place, or not at all: nothing posts one. */
const NOT_POSTED = { kind: 'refused', code: 'message_not_found' } as const;

/**
 * Posts the message, or redraws it where it stands already, when it is its turn; a refusal is kept and audited, and tried
 * again after growing waits as long as that can help. Answers the message as it stands then.
 */
export async function deliverOnce(deps: DeliverDeps, snapshot: Snapshot, delivery: Delivery): Promise<SlackMessage> {
  const taken = snapshot.together?.take(delivery) ?? null;
  if (taken !== null) return deliverTogether(deps, snapshot, delivery, taken);
  const at = { destination: delivery.destination, can_redraw: delivery.redraw !== null };
  const queueOf = (row: SlackMessage) => queueFor(snapshot, at, row);
  const { row, turn } = await openMessage(deps, of(snapshot), { ...delivery, queueOf });
  if (turn === null || turn.kind === 'waiting') return row;
  const calling = { delivery, row, key: turn.key, calls: delivery };
  return row.state === 'posted' ? redraw(deps, snapshot, calling) : post(deps, snapshot, calling);
}

/** Its turn was taken with that of others: when Slack takes it, it is kept with them. Anything else is settled by itself. */
async function deliverTogether(
  deps: DeliverDeps,
  snapshot: Snapshot,
  delivery: Delivery,
  { row, key, settle }: CallingMessage,
): Promise<SlackMessage> {
  const drawn = { revision: snapshot.record.request.revision, drawn_at: snapshot.now };
  const place = placeOf(row);
  if (row.state === 'posted' && place !== null && delivery.redraw !== null) {
    const { redraw: draw } = delivery;
    const call = once(() => draw(place));
    const answer = await call().catch(() => null);
    if (answer?.kind !== 'updated') {
      return redraw(deps, snapshot, { delivery, row, key, calls: { ...delivery, redraw: call } });
    }
    settle({ kind: 'drawn', key, row, drawn });
    return { ...row, ...drawn, ...TAKEN };
  }
  const call = once(() => delivery.post(row.id));
  const answer = await call().catch(() => null);
  if (answer?.kind !== 'posted')
    return post(deps, snapshot, { delivery, row, key, calls: { ...delivery, post: call } });
  const { channel_id, ts } = answer;
  const at = { team_id: snapshot.team_id, channel_id, ts, ...drawn };
  settle({ kind: 'posted', key, row, at });
  return { ...row, ...at, ...TAKEN, state: 'posted', posted_at: snapshot.now };
}

/**
 * Keeps what became of all that was delivered together. A copy that another one was faster than loses its buttons: answered is
 * the message that was kept in its place.
 */
export async function settleAll(deps: DeliverDeps, snapshot: Snapshot): Promise<readonly SlackMessage[]> {
  const settled = snapshot.together?.all() ?? [];
  if (settled.length === 0) return [];
  const kept: SlackMessage[] = [];
  for (const stale of await settleTogether(deps, of(snapshot), settled)) {
    if (stale.kind !== 'posted') continue;
    const { kind, destination } = stale.row;
    const { row } = await openMessage(deps, of(snapshot), { kind, destination, queueOf: () => null });
    await closeAll(deps, snapshot, row, [stale.at]);
    kept.push(row);
  }
  return kept;
}

/** One call whose answer is looked at more than once. */
function once<A>(call: () => Promise<A>): () => Promise<A> {
  const answer = call();
  return () => answer;
}

type Calling = {
  readonly delivery: Delivery;
  readonly row: SlackMessage;
  readonly key: QueueKey;
  /** How Slack is called now; the delivery's own way unless it was called already. */
  readonly calls: Pick<Delivery, 'post' | 'redraw'>;
};

/**
 * Calls in its turn and gives the turn back, but for a post that Slack took: that is given back with where it stands. What Slack
 * lets wait waits on in the queue: that is no failed try.
 */
async function inTurn<A extends PostAnswer | UpdateAnswer>(
  deps: DeliverDeps,
  { tenant_id }: Snapshot,
  { row, key }: Calling,
  call: () => Promise<A>,
): Promise<Exclude<A, { kind: 'retryable' }> | { readonly kind: 'waiting'; readonly until: Date }> {
  const give = (retry_after_ms: number | null, is_without_effect: boolean) =>
    giveTurn(deps, tenant_id, { row, key, retry_after_ms, is_without_effect });
  const answer = await call().catch(async (error: unknown) => {
    // Whoever it goes to could not be found, so nothing was called.
    await give(null, error instanceof SlackUnavailable);
    throw error;
  });
  if (answer.kind !== 'retryable') {
    if (answer.kind !== 'posted') await give(null, answer.kind !== 'updated');
    return answer as Exclude<A, { kind: 'retryable' }>;
  }
  const until = await give(answer.retry_after_ms, !answer.is_doubtful);
  if (until !== null) return { kind: 'waiting', until };
  throw new SlackUnavailable(answer.code, null);
}

async function post(deps: DeliverDeps, snapshot: Snapshot, calling: Calling): Promise<SlackMessage> {
  const { delivery, row, key, calls } = calling;
  let places: readonly Place[] = [];
  const answer = await inTurn(deps, snapshot, calling, async (): Promise<PostAnswer> => {
    // An earlier post may stand although its answer never came: it is looked for before it is made again.
    places = row.tried_at === null ? [] : await findEarlier(delivery, row, { since: row.tried_at, now: snapshot.now });
    const [first] = places;
    return first === undefined ? calls.post(row.id) : { kind: 'posted', ...first, is_minimal: false };
  });
  if (answer.kind === 'waiting') return { ...row, next_attempt_at: answer.until };
  if (answer.kind === 'posted') {
    const kept = await keep(deps, snapshot, { delivery, row, key, answer, is_found: places.length > 0 });
    await closeAll(deps, snapshot, kept, places);
    return kept;
  }
  return refuse(deps, snapshot, row, answer.code);
}

/** Says that a message which stood is not there any more: it is posted anew by the next delivery. */
export async function lose(
  deps: DeliverDeps,
  snapshot: Snapshot,
  row: SlackMessage,
  code: string,
): Promise<SlackMessage> {
  const { request } = snapshot.record;
  const isNew = await recordLost(deps, of(snapshot), { row, code });
  if (isNew) deps.onRefused({ request_id: request.id, kind: row.kind, code, next_attempt_at: snapshot.now });
  return { ...row, state: 'posting', ts: null, error: code, undelivered_at: row.undelivered_at ?? snapshot.now };
}

/** Posts with the id of this message. After a while without an answer it is posted again: two cards are better than none. */
async function findEarlier(
  delivery: Delivery,
  { id }: SlackMessage,
  { since, now }: { readonly since: Date; readonly now: Date },
): Promise<readonly Place[]> {
  const found = await delivery.find(id, since);
  if (found.kind === 'found') return found.places;
  const isOld = now.getTime() > since.getTime() + LOOK_SECONDS_MAX * 1_000;
  if (found.kind === 'unknown' || isOld) return [];
  throw new SlackUnavailable(found.code, found.retry_after_ms);
}

function placeOf({ channel_id, ts }: SlackMessage): Place | null {
  return channel_id === null || ts === null ? null : { channel_id, ts };
}

/** Takes the buttons of every copy but the live one. All are on record first, so that none is forgotten that Slack leaves. */
async function closeAll(
  deps: DeliverDeps,
  snapshot: Snapshot,
  live: SlackMessage,
  places: readonly Place[],
): Promise<void> {
  if (live.kind !== 'card') return;
  const copies = places.filter(({ ts }) => ts !== live.ts);
  const { team_id } = snapshot;
  for (const { channel_id, ts } of copies) await recordCopy(deps, of(snapshot), { team_id, channel_id, ts });
  for (const { channel_id, ts } of copies) await closeCopy(deps, snapshot, `${channel_id}/${ts}`);
}

type Posted = Pick<Calling, 'delivery' | 'row' | 'key'> & {
  /** It stood already, drawn from an earlier moment: it is drawn again. */
  readonly is_found: boolean;
  readonly answer: Extract<PostAnswer, { kind: 'posted' }>;
};

/** Keeps the place of a new message, and gives its turn back with it. When another copy was kept first, it loses its buttons. */
async function keep(
  deps: DeliverDeps,
  snapshot: Snapshot,
  { delivery, row, key, answer, is_found }: Posted,
): Promise<SlackMessage> {
  const { channel_id, ts } = answer;
  const { request } = snapshot.record;
  const revision = is_found ? 0 : request.revision;
  const at = { team_id: snapshot.team_id, channel_id, ts, revision, drawn_at: snapshot.now };
  const [stale] = await settleTogether(deps, of(snapshot), [{ kind: 'posted', key, row, at }]);
  if (stale === undefined) {
    return { ...row, ...at, ...TAKEN, state: 'posted', posted_at: snapshot.now };
  }
  const { row: kept } = await openMessage(deps, of(snapshot), { ...delivery, queueOf: () => null });
  await closeAll(deps, snapshot, kept, [{ channel_id, ts }]);
  return kept;
}

/** Takes the buttons off a copy that is not the live card; the record knows it by its place. */
export function closeCopy(deps: DeliverDeps, snapshot: Snapshot, destination: string): Promise<SlackMessage> {
  const { id } = snapshot.record.request;
  const redraw = (place: Place) => deps.messenger.disableButtons(place, id);
  const find = async () => ({ kind: 'unknown' }) as const;
  return deliverOnce(deps, snapshot, { kind: 'copy', destination, post: async () => NOT_POSTED, find, redraw });
}

async function redraw(deps: DeliverDeps, snapshot: Snapshot, calling: Calling): Promise<SlackMessage> {
  const { delivery, row, calls } = calling;
  const { redraw: draw } = calls;
  const place = placeOf(row);
  if (draw === null || place === null) return row;
  const answer = await inTurn(deps, snapshot, calling, () => draw(place));
  if (answer.kind === 'waiting') return { ...row, next_attempt_at: answer.until };
  if (answer.kind !== 'updated') {
    const isNeeded = row.kind === 'card' && !isFinal(snapshot.record.request.state);
    if (!isNeeded || !isGone(answer.code)) return refuse(deps, snapshot, row, answer.code);
    await lose(deps, snapshot, row, answer.code);
    return deliverOnce(deps, snapshot, delivery);
  }
  // Once nobody decides by it any more, a copy that an earlier look did not see must not keep its buttons.
  if (row.kind === 'card' && row.tried_at !== null && isFinal(snapshot.record.request.state)) {
    const copies = await delivery.find(row.id, row.tried_at);
    // Unlike a post, this look hurries nobody: the card is not taken for drawn before Slack has answered it.
    if (copies.kind === 'retryable') throw new SlackUnavailable(copies.code, copies.retry_after_ms);
    if (copies.kind === 'found') await closeAll(deps, snapshot, row, copies.places);
  }
  const drawn = { revision: snapshot.record.request.revision, drawn_at: snapshot.now };
  await recordDrawn(deps, snapshot.tenant_id, { id: row.id, drawn });
  return { ...row, ...drawn, ...TAKEN };
}
