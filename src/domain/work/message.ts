// The messages of a request as the record knows them, and when what was refused is tried again. Pure.

import type { CardState } from '../request/record.ts';

/** One message as the record knows it. */
export type KnownMessage = {
  /** `stage` is what is told of a stage in the thread of a card that stood before. */
  readonly kind: 'card' | 'reminder' | 'stage' | 'outcome' | 'undeliverable' | 'copy';
  readonly destination: string;
  readonly state: 'posting' | 'posted' | 'failed';
  readonly revision: number;
  /** The moment of the record that it shows. */
  readonly drawn_at: Date;
  /** The refusal of the last try, and how many there were in a row; null once it was taken. */
  readonly error: string | null;
  readonly attempts: number;
  /** Not tried again before this moment; null: at once, or of a message that failed never. */
  readonly next_attempt_at: Date | null;
  readonly undelivered_at: Date | null;
  readonly posted_at: Date | null;
};

/** What was refused is tried again after this long, doubled with each refusal up to the limit. */
const AGAIN_SECONDS_MIN = 5;
/** While people wait to be asked; and once it is over, when only words on a card are out of date. */
const AGAIN_SECONDS_MAX_PENDING = 300;
const AGAIN_SECONDS_MAX_OVER = 1_800;

/** The cards among the messages, as the rule of who can be asked reads them. */
export function cardStates(messages: readonly KnownMessage[]): readonly CardState[] {
  const cards = messages.filter(({ kind }) => kind === 'card');
  return cards.map(({ destination: channel, ...card }) => ({ channel, ...card }));
}

/** When the next try of a refused message is due: its refusals so far, and whether people still wait to be asked, say so. */
export function nextAttemptAt(attempts: number, is_pending: boolean, now: Date): Date {
  const max = is_pending ? AGAIN_SECONDS_MAX_PENDING : AGAIN_SECONDS_MAX_OVER;
  return new Date(now.getTime() + Math.min(AGAIN_SECONDS_MIN * 2 ** attempts, max) * 1_000);
}

/** A message of words that never change: not said yet, and not given up. */
export function isToSay({ state, next_attempt_at }: KnownMessage): boolean {
  return state === 'posting' || (state === 'failed' && next_attempt_at !== null);
}

/** True when nothing keeps the message back any more, also when there is none yet. */
export function isTime(message: KnownMessage | undefined, now: Date): boolean {
  const at = message?.next_attempt_at ?? null;
  return at === null || isPast(at, now);
}

/** A copy of a card that still has its buttons. */
export function isLiveCopy({ kind, state, revision }: KnownMessage): boolean {
  return kind === 'copy' && state === 'posted' && revision === 0;
}

/** The message of this kind that belongs there. */
export function messageFor(
  messages: readonly KnownMessage[],
  kind: KnownMessage['kind'],
  destination: string,
): KnownMessage | undefined {
  return messages.find((message) => message.kind === kind && message.destination === destination);
}

/** True once that moment has come. */
export function isPast(at: Date | null, now: Date): boolean {
  return at !== null && at.getTime() <= now.getTime();
}
