// One message of a request, once: claims its row, posts or redraws it, and stores what became of it. Knows no words.

import type { SlackMessage } from '../../db/messages.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import type { Message } from '../draw/block-kit.ts';
import type { CardToSend, Place, PostAnswer, UpdateAnswer } from './web-api.ts';
import { SlackUnavailable } from '../../../activities/failure.ts';
import type { LookDeps } from '../../service/clock/advance.ts';

/** What speaking needs of Slack: one try each. Answers are data; teamId and findByEmail throw SlackUnavailable. */
export type Messenger = {
  readonly teamId: () => Promise<string>;
  readonly findByEmail: (email: string) => Promise<string | null>;
  readonly postCard: (channel_id: string, message: CardToSend) => Promise<PostAnswer>;
  readonly updateCard: (place: Place, message: CardToSend) => Promise<UpdateAnswer>;
  readonly postReply: (place: Place, message: Message) => Promise<PostAnswer>;
  readonly postDm: (user_id: string, message: Message) => Promise<PostAnswer>;
  readonly deadenCard: (place: Place, request_id: string) => Promise<UpdateAnswer>;
};

export type SayDeps = LookDeps & {
  readonly messenger: Messenger;
  /** Hears that Slack refused a message for good, for the operator's log. */
  readonly onRefused: (refused: { readonly request_id: string; readonly kind: string; readonly code: string }) => void;
};

/** The record at one moment: everything that one try says is drawn from it. */
export type Seen = {
  readonly tenant_id: string;
  readonly record: RequestRecord;
  readonly messages: readonly SlackMessage[];
  readonly now: Date;
  readonly team_id: string;
};

export type Utterance = {
  readonly kind: SlackMessage['kind'];
  readonly destination: string;
  readonly post: () => Promise<PostAnswer>;
  readonly redraw: ((place: Place) => Promise<UpdateAnswer>) | null;
};

/**
 * Posts the message, or redraws it where it stands already; a permanent refusal is stored and audited, not repeated.
 * Answers the message as it stands then.
 */
export async function sayOnce(deps: SayDeps, seen: Seen, utterance: Utterance): Promise<SlackMessage> {
  const row = await claim(deps, seen, utterance);
  if (row.state === 'failed') return row;
  if (row.state !== 'posting') return redraw(deps, seen, { utterance, row });
  const answer = await utterance.post();
  if (answer.kind === 'posted') return keep(deps, seen, { utterance, row, answer });
  if (answer.kind === 'retryable') throw new SlackUnavailable(answer.code, answer.retry_after_ms);
  return fail(deps, seen, row, answer.code);
}

/** The row stands before the post, so that a post whose answer was lost is known as one that may have arrived. */
function claim(deps: SayDeps, { tenant_id, record }: Seen, { kind, destination }: Utterance): Promise<SlackMessage> {
  const row = { id: deps.newId('message'), request_id: record.request.id, kind, destination };
  return deps.transact(tenant_id, (tx) => deps.store.messages.claimMessage(tx, row));
}

type Posted = {
  readonly utterance: Utterance;
  readonly row: SlackMessage;
  readonly answer: Extract<PostAnswer, { kind: 'posted' }>;
};

/** Stores the place of a new message. When another copy was stored first, this one is out of date: its buttons go. */
async function keep(deps: SayDeps, seen: Seen, { utterance, row, answer }: Posted): Promise<SlackMessage> {
  const { channel_id, ts } = answer;
  const { request } = seen.record;
  const at = { team_id: seen.team_id, channel_id, ts, revision: request.revision, drawn_at: seen.now };
  const isKept = await deps.transact(seen.tenant_id, async (tx) => {
    if (!(await deps.store.messages.markPosted(tx, row.id, at))) return false;
    await deps.store.audit.insertEvent(tx, deps.newId('event'), {
      type: 'notify.sent',
      outcome: 'success',
      actor: { kind: 'system', id: 'worker' },
      request_id: request.id,
      digest: request.digest,
      facts: { kind: utterance.kind, channel_id },
    });
    return true;
  });
  if (isKept) return { ...row, ...at, state: 'posted', error: null };
  // Should this fail, the copy's first click is answered from the record and deadens it.
  if (utterance.kind === 'card') await deps.messenger.deadenCard({ channel_id, ts }, request.id);
  return claim(deps, seen, utterance);
}

async function redraw(
  deps: SayDeps,
  seen: Seen,
  { utterance, row }: { readonly utterance: Utterance; readonly row: SlackMessage },
): Promise<SlackMessage> {
  if (utterance.redraw === null || row.channel_id === null || row.ts === null) return row;
  const { revision } = seen.record.request;
  // Another try drew a later moment meanwhile: never go back behind it. The revision counts; a clock may step back.
  if (row.revision > revision || (row.revision === revision && row.drawn_at > seen.now)) return row;
  const answer = await utterance.redraw({ channel_id: row.channel_id, ts: row.ts });
  if (answer.kind === 'retryable') throw new SlackUnavailable(answer.code, answer.retry_after_ms);
  if (answer.kind !== 'updated') return fail(deps, seen, row, answer.code);
  const drawn = { revision, drawn_at: seen.now };
  await deps.transact(seen.tenant_id, (tx) => deps.store.messages.markDrawn(tx, row.id, drawn));
  return { ...row, ...drawn, error: null };
}

/** Slack will never take it: the decision stands, the failure is on record, and operators see it. */
async function fail(
  deps: SayDeps,
  { tenant_id, record }: Seen,
  row: SlackMessage,
  code: string,
): Promise<SlackMessage> {
  const isNew = await deps.transact(tenant_id, async (tx) => {
    if (!(await deps.store.messages.markFailed(tx, row.id, code))) return false;
    await deps.store.audit.insertEvent(tx, deps.newId('event'), {
      type: 'notify.failed',
      outcome: 'failure',
      actor: { kind: 'system', id: 'worker' },
      request_id: record.request.id,
      digest: record.request.digest,
      facts: { kind: row.kind, code },
    });
    return true;
  });
  if (isNew) deps.onRefused({ request_id: record.request.id, kind: row.kind, code });
  return { ...row, state: 'failed', ts: null, error: code };
}
