// One message of a request, once: opens its row, posts or redraws it, and keeps what became of it. Knows no words.

import { isId } from '../../domain/ids.ts';
import { isFinal } from '../../domain/request/request.ts';
import { isTime, nextAttemptAt } from '../../domain/work/message.ts';
import type { QueueKey } from '../../domain/work/queue.ts';
import {
  openMessage,
  recordCopy,
  recordDrawn,
  recordLost,
  recordPosted,
  recordRefused,
  type SlackMessage,
} from '../../service/clock/deliveries.ts';
import { giveTurn } from '../../service/clock/turns.ts';
import type { DeliverDeps, Delivery, Snapshot } from './delivery.ts';
import { SlackUnavailable } from './failures.ts';
import { isAboutPerson, isGone } from './slack-errors.ts';
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
  const queueOf = (row: SlackMessage) => queueFor(snapshot, delivery, row);
  const { row, turn } = await openMessage(deps, of(snapshot), { ...delivery, queueOf });
  if (turn === null || turn.kind === 'waiting') return row;
  const calling = { delivery, row, key: turn.key };
  return row.state === 'posted' ? redraw(deps, snapshot, calling) : post(deps, snapshot, calling);
}

/** In which queue the message calls now; null when there is nothing to call. */
function queueFor({ team_id, record, now }: Snapshot, delivery: Delivery, row: SlackMessage): QueueKey | null {
  // Another try was refused meanwhile, waits for its turn, or failed for good.
  if (!isTime(row, now) || (row.state === 'failed' && row.next_attempt_at === null)) return null;
  // What is told in a thread is named by its channel and more.
  const [channel = ''] = delivery.destination.split('/');
  if (row.state !== 'posted') return { team_id, method: 'chat.postMessage', channel };
  if (delivery.redraw === null || row.channel_id === null || row.ts === null) return null;
  // Another try drew a later moment meanwhile: never go back behind it. The revision counts; a clock may step back.
  const { revision } = record.request;
  if (row.revision > revision || (row.revision === revision && row.drawn_at > now)) return null;
  return { team_id, method: 'chat.update', channel: row.channel_id };
}

type Calling = { readonly delivery: Delivery; readonly row: SlackMessage; readonly key: QueueKey };

/** Calls in its turn and gives the turn back. What Slack lets wait waits on in the queue: that is no failed try. */
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
    await give(null, answer.kind === 'refused' || answer.kind === 'blocks_refused');
    return answer as Exclude<A, { kind: 'retryable' }>;
  }
  const until = await give(answer.retry_after_ms, !answer.is_doubtful);
  if (until !== null) return { kind: 'waiting', until };
  throw new SlackUnavailable(answer.code, null);
}

async function post(deps: DeliverDeps, snapshot: Snapshot, calling: Calling): Promise<SlackMessage> {
  const { delivery, row } = calling;
  let places: readonly Place[] = [];
  const answer = await inTurn(deps, snapshot, calling, async (): Promise<PostAnswer> => {
    // An earlier post may stand although its answer never came: it is looked for before it is made again.
    places = row.tried_at === null ? [] : await findEarlier(delivery, row, { since: row.tried_at, now: snapshot.now });
    const [first] = places;
    return first === undefined ? delivery.post(row.id) : { kind: 'posted', ...first, is_minimal: false };
  });
  if (answer.kind === 'waiting') return { ...row, next_attempt_at: answer.until };
  if (answer.kind === 'posted') {
    const kept = await keep(deps, snapshot, { delivery, row, answer, is_found: places.length > 0 });
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

/** Takes the buttons of every copy but the live one. */
async function closeAll(
  deps: DeliverDeps,
  snapshot: Snapshot,
  live: SlackMessage,
  places: readonly Place[],
): Promise<void> {
  if (live.kind !== 'card') return;
  for (const { channel_id, ts } of places.filter((place) => place.ts !== live.ts)) {
    await recordCopy(deps, of(snapshot), { team_id: snapshot.team_id, channel_id, ts });
    await closeCopy(deps, snapshot, `${channel_id}/${ts}`);
  }
}

type Posted = {
  readonly delivery: Delivery;
  readonly row: SlackMessage;
  /** It stood already, drawn from an earlier moment: it is drawn again. */
  readonly is_found: boolean;
  readonly answer: Extract<PostAnswer, { kind: 'posted' }>;
};

/** Keeps the place of a new message. When another copy was kept first, this one is out of date, and loses its buttons. */
async function keep(
  deps: DeliverDeps,
  snapshot: Snapshot,
  { delivery, row, answer, is_found }: Posted,
): Promise<SlackMessage> {
  const { channel_id, ts } = answer;
  const { request } = snapshot.record;
  const revision = is_found ? 0 : request.revision;
  const at = { team_id: snapshot.team_id, channel_id, ts, revision, drawn_at: snapshot.now };
  if (await recordPosted(deps, of(snapshot), { row, at })) {
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
  const { delivery, row } = calling;
  if (delivery.redraw === null || row.channel_id === null || row.ts === null) return row;
  const place = { channel_id: row.channel_id, ts: row.ts };
  const { redraw: draw } = delivery;
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

/** Slack does not take it as things are: what was decided stands, the refusal is on record, and operators see it once. */
async function refuse(deps: DeliverDeps, snapshot: Snapshot, row: SlackMessage, code: string): Promise<SlackMessage> {
  const { request } = snapshot.record;
  const isPending = !isFinal(request.state);
  const next_attempt_at = canHelp(row, isPending, code) ? nextAttemptAt(row.attempts, isPending, snapshot.now) : null;
  // What stands and may be drawn later keeps its place: its buttons are still to be taken away.
  const has_failed = row.state !== 'posted' || next_attempt_at === null;
  const isNew = await recordRefused(deps, of(snapshot), { row, error: code, next_attempt_at, has_failed });
  if (isNew) deps.onRefused({ request_id: request.id, kind: row.kind, code, next_attempt_at });
  const undelivered_at = row.undelivered_at ?? (row.state === 'posted' ? snapshot.now : null);
  const refused = { ...row, error: code, attempts: row.attempts + 1, next_attempt_at, undelivered_at };
  return has_failed ? { ...refused, state: 'failed', ts: null } : refused;
}

/** True while another try may be of use to somebody: what is gone, or out of date before it is posted, helps nobody. */
function canHelp({ kind, destination, state }: SlackMessage, isPending: boolean, code: string): boolean {
  // Whether a person takes messages of ours is theirs to say; what keeps one out of a channel somebody mends.
  if (isId('person', destination) && isAboutPerson(code)) return false;
  switch (kind) {
    case 'card':
      return isPending || (state === 'posted' && !isGone(code));
    case 'copy':
      return !isGone(code);
    case 'reminder':
    case 'stage':
    case 'undeliverable':
      return isPending;
    case 'outcome':
      return !isGone(code);
  }
}

function of({ tenant_id, record: { request } }: Snapshot) {
  return { tenant_id, request };
}
