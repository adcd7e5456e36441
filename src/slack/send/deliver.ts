// One message of a request, once: opens its row, posts or redraws it, and keeps what became of it. Knows no words.

import type { RequestRecord } from '../../domain/request/record.ts';
import { isFinal } from '../../domain/request/request.ts';
import { isTime, nextAttemptAt } from '../../domain/work/message.ts';
import type { AdvanceDeps } from '../../service/clock/advance.ts';
import {
  openMessage,
  recordCopy,
  recordDrawn,
  recordLost,
  recordPosted,
  recordRefused,
  type SlackMessage,
} from '../../service/clock/deliveries.ts';
import type { Message } from '../draw/block-kit.ts';
import { SlackUnavailable } from './failures.ts';
import type { ShownAccount } from './find-account.ts';
import { isAboutPerson, isGone } from './slack-errors.ts';
import type { CardToSend, FoundAnswer, Place, PostAnswer, UpdateAnswer } from './web-api.ts';

/** What is forgotten once Slack has taken a message. */
const TAKEN = { error: null, attempts: 0, next_attempt_at: null, undelivered_at: null } as const;

/** A copy is known by its place, or not at all: nothing posts one. */
const NOT_POSTED = { kind: 'refused', code: 'message_not_found' } as const;

/** What a delivery needs of Slack: one try each. Answers are data; teamId and findByEmail throw SlackUnavailable. */
export type Messenger = {
  readonly teamId: () => Promise<string>;
  readonly findByEmail: (email: string) => Promise<ShownAccount | null>;
  readonly postCard: (channel_id: string, message: CardToSend) => Promise<PostAnswer>;
  readonly updateCard: (place: Place, message: CardToSend) => Promise<UpdateAnswer>;
  readonly findMessage: (place: Place) => Promise<FoundAnswer>;
  readonly postReply: (place: Place, message: Message) => Promise<PostAnswer>;
  readonly postDm: (user_id: string, message: Message) => Promise<PostAnswer>;
  readonly disableButtons: (place: Place, request_id: string) => Promise<UpdateAnswer>;
};

export type DeliverDeps = AdvanceDeps & {
  readonly messenger: Messenger;
  /** Hears of each error once for which Slack refused a message, for the operator's log. */
  readonly onRefused: (refused: RefusedMessage) => void;
};

/** What Slack refused, why, and when it is tried again; null: never. */
export type RefusedMessage = {
  readonly request_id: string;
  readonly kind: string;
  readonly code: string;
  readonly next_attempt_at: Date | null;
};

/** The record at one moment: everything that one try delivers is drawn from it. */
export type Snapshot = {
  readonly tenant_id: string;
  readonly record: RequestRecord;
  readonly messages: readonly SlackMessage[];
  readonly now: Date;
  readonly team_id: string;
};

export type Delivery = {
  readonly kind: SlackMessage['kind'];
  readonly destination: string;
  readonly post: () => Promise<PostAnswer>;
  readonly redraw: ((place: Place) => Promise<UpdateAnswer>) | null;
};

/**
 * Posts the message, or redraws it where it stands already; a refusal is kept and audited, and tried again after growing
 * waits as long as that can help. Answers the message as it stands then.
 */
export async function deliverOnce(deps: DeliverDeps, snapshot: Snapshot, delivery: Delivery): Promise<SlackMessage> {
  const row = await openMessage(deps, of(snapshot), delivery);
  // Another try was refused meanwhile, or failed for good.
  if (!isTime(row, snapshot.now) || (row.state === 'failed' && row.next_attempt_at === null)) return row;
  return row.state === 'posted' ? redraw(deps, snapshot, { delivery, row }) : post(deps, snapshot, { delivery, row });
}

async function post(
  deps: DeliverDeps,
  snapshot: Snapshot,
  { delivery, row }: { readonly delivery: Delivery; readonly row: SlackMessage },
): Promise<SlackMessage> {
  const answer = await delivery.post();
  if (answer.kind === 'posted') return keep(deps, snapshot, { delivery, row, answer });
  if (answer.kind === 'retryable') throw new SlackUnavailable(answer.code, answer.retry_after_ms);
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

type Posted = {
  readonly delivery: Delivery;
  readonly row: SlackMessage;
  readonly answer: Extract<PostAnswer, { kind: 'posted' }>;
};

/** Keeps the place of a new message. When another copy was kept first, this one is out of date, and loses its buttons. */
async function keep(deps: DeliverDeps, snapshot: Snapshot, { delivery, row, answer }: Posted): Promise<SlackMessage> {
  const { channel_id, ts } = answer;
  const { request } = snapshot.record;
  const at = { team_id: snapshot.team_id, channel_id, ts, revision: request.revision, drawn_at: snapshot.now };
  if (await recordPosted(deps, of(snapshot), { row, at })) {
    return { ...row, ...at, ...TAKEN, state: 'posted', posted_at: snapshot.now };
  }
  if (delivery.kind === 'card') {
    await recordCopy(deps, of(snapshot), at);
    await closeCopy(deps, snapshot, `${channel_id}/${ts}`);
  }
  return openMessage(deps, of(snapshot), delivery);
}

/** Takes the buttons off a copy that is not the live card; the record knows it by its place. */
export function closeCopy(deps: DeliverDeps, snapshot: Snapshot, destination: string): Promise<SlackMessage> {
  const { id } = snapshot.record.request;
  const redraw = (place: Place) => deps.messenger.disableButtons(place, id);
  return deliverOnce(deps, snapshot, { kind: 'copy', destination, post: async () => NOT_POSTED, redraw });
}

async function redraw(
  deps: DeliverDeps,
  snapshot: Snapshot,
  { delivery, row }: { readonly delivery: Delivery; readonly row: SlackMessage },
): Promise<SlackMessage> {
  if (delivery.redraw === null || row.channel_id === null || row.ts === null) return row;
  const { revision } = snapshot.record.request;
  // Another try drew a later moment meanwhile: never go back behind it. The revision counts; a clock may step back.
  if (row.revision > revision || (row.revision === revision && row.drawn_at > snapshot.now)) return row;
  const answer = await delivery.redraw({ channel_id: row.channel_id, ts: row.ts });
  if (answer.kind === 'retryable') throw new SlackUnavailable(answer.code, answer.retry_after_ms);
  if (answer.kind !== 'updated') {
    const isNeeded = row.kind === 'card' && !isFinal(snapshot.record.request.state);
    if (!isNeeded || !isGone(answer.code)) return refuse(deps, snapshot, row, answer.code);
    return post(deps, snapshot, { delivery, row: await lose(deps, snapshot, row, answer.code) });
  }
  const drawn = { revision, drawn_at: snapshot.now };
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
function canHelp({ kind, state }: SlackMessage, isPending: boolean, code: string): boolean {
  switch (kind) {
    case 'card':
      return isPending || (state === 'posted' && !isGone(code));
    case 'copy':
      return !isGone(code);
    case 'reminder':
    case 'undeliverable':
      return isPending && !isAboutPerson(code);
    case 'outcome':
      return !isGone(code) && !isAboutPerson(code);
  }
}

function of({ tenant_id, record: { request } }: Snapshot) {
  return { tenant_id, request };
}
