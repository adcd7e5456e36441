// Slack as the activities see it, in memory: what was said stands in lists, and a fault can be set for each call.
import { randomInt } from 'node:crypto';
import type { Message } from '../../src/slack/draw/block-kit.ts';
import type { Messenger } from '../../src/slack/send/delivery.ts';
import type { SendFailure } from '../../src/slack/send/failures.ts';
import { TEAM } from './builders.ts';

export type Call = {
  readonly kind: 'card' | 'update' | 'reply' | 'dm' | 'dead';
  /** The channel, or the account of a direct message. */
  readonly where: string;
};
export type Sent = Call & { readonly ts: string; readonly text: string; readonly message: Message };

/** What this call meets; null lets it through. */
export type Fault = (call: Call) => SendFailure | null | Promise<SendFailure | null>;

export const SLACK_AWAY: SendFailure = {
  kind: 'retryable',
  code: 'http_503',
  retry_after_ms: null,
  is_doubtful: true,
};

export type FakeMessenger = Messenger & {
  /** Every call, also those that met a fault. */
  readonly calls: Call[];
  /** Every message that arrived, in order. */
  readonly sent: Sent[];
  /** The newest text of the message at a ts. */
  readonly shows: (ts: string) => string | undefined;
  /** The texts of what arrived of one kind, in order. */
  readonly textsOf: (kind: Call['kind']) => string[];
  readonly setFault: (fault: Fault | null) => void;
  /** Resolves once what was said satisfies the condition. */
  readonly until: (isSo: (sent: readonly Sent[], calls: readonly Call[]) => boolean) => Promise<void>;
};

/** Nobody is told but the owner, after the usual time. */
export const UNDELIVERABLE = { after_seconds: 300, admin_channel: null } as const;

/** A Slack without faults, whose people all have an account by e-mail, but for those of `missing`. */
export function createFakeMessenger(missing: readonly string[] = []): FakeMessenger {
  const calls: Call[] = [];
  const sent: Sent[] = [];
  const state = { fault: null as Fault | null, count: 0 };
  // No two messages of one channel share a ts, also not those of two tests over the same rows.
  const base = randomInt(1_600_000_000, 1_900_000_000);
  const waiting = new Set<() => void>();
  const news = () => {
    for (const look of [...waiting]) look();
  };
  const perform = async (call: Call, ts: string, message: Message): Promise<SendFailure | null> => {
    calls.push(call);
    news();
    const failure = (await state.fault?.(call)) ?? null;
    if (failure === null) sent.push({ ...call, ts, message, text: message.text });
    news();
    return failure;
  };
  const nextTs = () => {
    state.count += 1;
    return `${base}.${String(state.count).padStart(6, '0')}`;
  };
  const post = async (call: Call, channel_id: string, message: Message) => {
    const ts = nextTs();
    const failure = await perform(call, ts, message);
    return failure ?? ({ kind: 'posted', channel_id, ts, is_minimal: false } as const);
  };
  const update = async (call: Call, ts: string, message: Message) =>
    (await perform(call, ts, message)) ?? ({ kind: 'updated', is_minimal: false } as const);
  return {
    calls,
    sent,
    shows: (ts) => sent.findLast((each) => each.ts === ts)?.text,
    textsOf: (kind) => sent.filter((each) => each.kind === kind).map(({ text }) => text),
    setFault: (fault) => {
      state.fault = fault;
    },
    until: (isSo) =>
      new Promise((resolve) => {
        const look = () => {
          if (!isSo(sent, calls)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    teamId: async () => TEAM,
    knownTeamId: () => TEAM,
    findByEmail: async (email) => (missing.includes(email) ? null : shownBy(`U0${email.split('@')[0]?.toUpperCase()}`)),
    findPosts: async () => ({ kind: 'unknown' }),
    findDms: async () => ({ kind: 'unknown' }),
    postCard: ({ channel_id: channel }, { card }) => post({ kind: 'card', where: channel }, channel, card),
    findMessage: async () => ({ kind: 'standing' }),
    postReply: ({ channel_id }, message) => post({ kind: 'reply', where: channel_id }, channel_id, message),
    postDm: ({ user_id }, message) => post({ kind: 'dm', where: user_id }, `D0${user_id}`, message),
    updateCard: ({ channel_id, ts }, { card }) => update({ kind: 'update', where: channel_id }, ts, card),
    disableButtons: ({ channel_id, ts }, request_id) =>
      update({ kind: 'dead', where: channel_id }, ts, { text: `dead ${request_id}`, blocks: [] }),
  };
}

function shownBy(user_id: string) {
  return { user_id, account: { provider: 'slack', subject: `${TEAM}/${user_id}` }, is_vouched: true } as const;
}
