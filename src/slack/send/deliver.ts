// One message of a request, once: opens its row, posts or redraws it, and keeps what became of it. Knows no words.

import type { RequestRecord } from '../../domain/request/record.ts';
import {
  openMessage,
  recordDrawn,
  recordFailed,
  recordPosted,
  type SlackMessage,
} from '../../service/clock/deliveries.ts';
import type { ServiceDeps } from '../../service/deps.ts';
import type { Message } from '../draw/block-kit.ts';
import { SlackUnavailable } from './failures.ts';
import type { ShownAccount } from './find-account.ts';
import type { CardToSend, Place, PostAnswer, UpdateAnswer } from './web-api.ts';

/** What a delivery needs of Slack: one try each. Answers are data; teamId and findByEmail throw SlackUnavailable. */
export type Messenger = {
  readonly teamId: () => Promise<string>;
  readonly findByEmail: (email: string) => Promise<ShownAccount | null>;
  readonly postCard: (channel_id: string, message: CardToSend) => Promise<PostAnswer>;
  readonly updateCard: (place: Place, message: CardToSend) => Promise<UpdateAnswer>;
  readonly postReply: (place: Place, message: Message) => Promise<PostAnswer>;
  readonly postDm: (user_id: string, message: Message) => Promise<PostAnswer>;
  readonly disableButtons: (place: Place, request_id: string) => Promise<UpdateAnswer>;
};

export type DeliverDeps = ServiceDeps & {
  readonly messenger: Messenger;
  /** Hears that Slack refused a message for good, for the operator's log. */
  readonly onRefused: (refused: { readonly request_id: string; readonly kind: string; readonly code: string }) => void;
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
 * Posts the message, or redraws it where it stands already; a permanent refusal is kept and audited, not repeated.
 * Answers the message as it stands then.
 */
export async function deliverOnce(deps: DeliverDeps, snapshot: Snapshot, delivery: Delivery): Promise<SlackMessage> {
  const row = await openMessage(deps, of(snapshot), delivery);
  if (row.state === 'failed') return row;
  if (row.state !== 'posting') return redraw(deps, snapshot, { delivery, row });
  const answer = await delivery.post();
  if (answer.kind === 'posted') return keep(deps, snapshot, { delivery, row, answer });
  if (answer.kind === 'retryable') throw new SlackUnavailable(answer.code, answer.retry_after_ms);
  return fail(deps, snapshot, row, answer.code);
}

type Posted = {
  readonly delivery: Delivery;
  readonly row: SlackMessage;
  readonly answer: Extract<PostAnswer, { kind: 'posted' }>;
};

/** Keeps the place of a new message. When another copy was kept first, this one is out of date: its buttons go. */
async function keep(deps: DeliverDeps, snapshot: Snapshot, { delivery, row, answer }: Posted): Promise<SlackMessage> {
  const { channel_id, ts } = answer;
  const { request } = snapshot.record;
  const at = { team_id: snapshot.team_id, channel_id, ts, revision: request.revision, drawn_at: snapshot.now };
  if (await recordPosted(deps, of(snapshot), { row, at })) return { ...row, ...at, state: 'posted', error: null };
  // Should this fail, the copy's first click is answered from the record and disables them.
  if (delivery.kind === 'card') await deps.messenger.disableButtons({ channel_id, ts }, request.id);
  return openMessage(deps, of(snapshot), delivery);
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
  if (answer.kind !== 'updated') return fail(deps, snapshot, row, answer.code);
  const drawn = { revision, drawn_at: snapshot.now };
  await recordDrawn(deps, snapshot.tenant_id, { id: row.id, drawn });
  return { ...row, ...drawn, error: null };
}

/** Slack will never take it: the decision stands, the failure is on record, and operators see it. */
async function fail(deps: DeliverDeps, snapshot: Snapshot, row: SlackMessage, code: string): Promise<SlackMessage> {
  const isNew = await recordFailed(deps, of(snapshot), { row, code });
  if (isNew) deps.onRefused({ request_id: snapshot.record.request.id, kind: row.kind, code });
  return { ...row, state: 'failed', ts: null, error: code };
}

function of({ tenant_id, record: { request } }: Snapshot) {
  return { tenant_id, request };
}
