// What the workflow has to do and until when it may wait: a function of the record alone. Pure.

import type { CardRecord } from '../request/record.ts';
import { isFinal } from '../request/request.ts';
import { escalateAt, remindAt } from '../request/stage-due.ts';
import { askedNow } from '../request/stages.ts';
import { UNDELIVERABLE_AFTER_SECONDS_DEFAULT, undeliverableAt } from '../request/undeliverable.ts';
import { cardStates, isLiveCopy, isPast, isTime, isToSay, type KnownMessage, messageFor } from './message.ts';
import { dueReplies } from './reply.ts';

/** After the last news of a request its messages are tried for this long; then they stay as they are, the record stands. */
export const MESSAGE_PATIENCE_HOURS = 24;

/** After how long it is told that people cannot be asked, and in which channel besides the owner's. */
export type UndeliverableSettings = { readonly after_seconds: number; readonly admin_channel: string | null };

/** What time demands of the record before anything is said. */
export type Due = 'expire' | 'escalate' | 'end_lease';

/** All that the workflow learns: no content, no secret (INV-8). */
export type PendingWork = {
  /** True while something may still happen that the workflow waits for. */
  readonly is_open: boolean;
  /** A card is missing, or shows an earlier moment. */
  readonly is_card_stale: boolean;
  readonly is_reminder_due: boolean;
  /** The agent's owner was not told how it ended, or was told an earlier moment; or somebody not that nobody can be asked. */
  readonly is_outcome_stale: boolean;
  /** When to look again without a nudge, in epoch milliseconds; null when only a nudge can bring news. */
  readonly wake_at_ms: number | null;
};

/** Nothing to wait for and nothing to say: also the pending work of a request that does not exist. */
export const NOTHING_LEFT: PendingWork = {
  is_open: false,
  is_card_stale: false,
  is_reminder_due: false,
  is_outcome_stale: false,
  wake_at_ms: null,
};

/** The state change that time demands now, or null. */
export function dueNow(record: Pick<CardRecord, 'request' | 'decisions' | 'lease'>, now: Date): Due | null {
  const { request, decisions, lease } = record;
  if (request.state === 'pending' && isPast(request.expires_at, now)) return 'expire';
  if (request.state === 'pending' && isPast(escalateAt(request, decisions), now)) return 'escalate';
  if (lease?.state === 'active' && isPast(lease.expires_at, now)) return 'end_lease';
  return null;
}

/** What is left to do, and until when to wait. */
export function pendingWorkOf(
  record: CardRecord,
  messages: readonly KnownMessage[],
  now: Date,
  settings: Pick<UndeliverableSettings, 'after_seconds'> = { after_seconds: UNDELIVERABLE_AFTER_SECONDS_DEFAULT },
): PendingWork {
  const tell_at = tellAt(record, messages, settings);
  // What is to be told already was opened when the record was advanced.
  const moments = [wakeAt(record, now), againAt(record, messages, now), isPast(tell_at, now) ? null : tell_at];
  const wake_at = moments.reduce((first, at) => (at !== null && (first === null || at < first) ? at : first), null);
  return {
    is_open: wake_at !== null,
    is_card_stale: staleCards(record, messages, now).length > 0 || liveCopies(record, messages, now).length > 0,
    is_reminder_due: dueReplies(record, messages, now).length > 0,
    is_outcome_stale: isOutcomeStale(record, messages, now) || dueNotices(record, messages, now).length > 0,
    wake_at_ms: wake_at?.getTime() ?? null,
  };
}

/**
 * Channels whose card is to be posted or drawn again: each of the open stage, and each where one stands already. Once the request
 * is over no channel gets its first card, unless none has one. What was refused waits for its next try.
 */
export function staleCards(record: CardRecord, messages: readonly KnownMessage[], now: Date): readonly string[] {
  return wantedCards(record, messages, now).filter((channel) => isTime(messageFor(messages, 'card', channel), now));
}

/** The same, whether or not their time has come. */
function wantedCards(record: CardRecord, messages: readonly KnownMessage[], now: Date): readonly string[] {
  if (isOutOfPatience(record, now)) return [];
  const cards = messages.filter(({ kind }) => kind === 'card');
  const wanted = isFinal(record.request.state) && cards.length > 0 ? [] : channelsNow(record);
  const channels = new Set([...wanted, ...cards.map(({ destination }) => destination)]);
  return [...channels].filter((channel) => isStale(record, messageFor(cards, 'card', channel), now));
}

/** Places of copies whose buttons are to be taken away. */
export function liveCopies(record: CardRecord, messages: readonly KnownMessage[], now: Date): readonly string[] {
  if (isOutOfPatience(record, now)) return [];
  return messages.filter(isLiveCopy).flatMap((copy) => (isTime(copy, now) ? [copy.destination] : []));
}

/** Notices that nobody can be asked which are still to be told, by their destination. */
export function dueNotices(record: CardRecord, messages: readonly KnownMessage[], now: Date): readonly string[] {
  const { state, expires_at } = record.request;
  if (state !== 'pending' || isPast(expires_at, now)) return [];
  const notices = messages.filter(({ kind }) => kind === 'undeliverable');
  return notices.filter((notice) => isToSay(notice) && isTime(notice, now)).map(({ destination }) => destination);
}

/** When it is to be told that people cannot be asked, or null: nobody waits, everybody can be asked, or it was told. */
export function tellAt(
  record: CardRecord,
  messages: readonly KnownMessage[],
  { after_seconds }: Pick<UndeliverableSettings, 'after_seconds'>,
): Date | null {
  if (record.request.state !== 'pending' || messages.some(({ kind }) => kind === 'undeliverable')) return null;
  const at = undeliverableAt(record, cardStates(messages), after_seconds);
  const { expires_at } = record.request;
  return at === null || expires_at === null || at >= expires_at ? null : at;
}

/** The first moment at which something that was refused, or waits for its turn, is tried again. */
function againAt(record: CardRecord, messages: readonly KnownMessage[], now: Date): Date | null {
  if (isOutOfPatience(record, now)) return null;
  const cards = new Set(wantedCards(record, messages, now));
  const isPending = record.request.state === 'pending';
  const moments = messages.flatMap((message) => {
    const { kind, destination, next_attempt_at } = message;
    if (next_attempt_at === null || isPast(next_attempt_at, now)) return [];
    const isWanted = {
      card: cards.has(destination),
      copy: isLiveCopy(message),
      reminder: isPending && isToSay(message),
      stage: isPending && isToSay(message),
      undeliverable: isPending && isToSay(message),
      outcome: !isPending && isStale(record, message, now),
    };
    return isWanted[kind] ? [next_attempt_at.getTime()] : [];
  });
  return moments.length === 0 ? null : new Date(Math.min(...moments));
}

/** Channels of the groups that the open stage asks. */
function channelsNow({ request, decisions, groups }: CardRecord): readonly string[] {
  return askedNow(request, decisions, groups).map(({ channel }) => channel);
}

/** True when the request has ended and its agent's owner does not know, or knows an earlier moment. */
export function isOutcomeStale(record: CardRecord, messages: readonly KnownMessage[], now: Date): boolean {
  const { effect, state } = record.request;
  // What a rule allowed or denied by itself was answered at once; nobody was asked, so nobody is told.
  if (effect !== 'require' || !isFinal(state) || isOutOfPatience(record, now)) return false;
  const outcome = messageFor(messages, 'outcome', record.agent.owner.id);
  return isStale(record, outcome, now) && isTime(outcome, now);
}

function isStale(record: CardRecord, message: KnownMessage | undefined, now: Date): boolean {
  if (message === undefined || message.state === 'posting') return true;
  // What failed is wanted while it may be tried again: a card only as long as people can decide by it.
  if (message.state === 'failed') {
    return message.next_attempt_at !== null && (message.kind !== 'card' || record.request.state === 'pending');
  }
  const isBehindTime = silentChanges(record).some((at) => isPast(at, now) && message.drawn_at < at);
  return isBehindTime || message.revision < record.request.revision;
}

/** When time alone changes the words, without a write: not claimed as often as it might be, or used without a result. */
function silentChanges({ request, grant, lease, execution, revocation, result }: CardRecord): readonly Date[] {
  if (request.state !== 'approved' || execution !== null) return [];
  const unreported = lease?.state === 'used' && result === null ? [lease.expires_at] : [];
  const isTaken = grant === null || grant.redemptions >= grant.uses_max;
  const isOver = isTaken || revocation !== null || (lease === null && result !== null);
  return isOver ? unreported : [...unreported, grant.claim_expires_at];
}

/** The next moment at which time changes something: reminder, escalation, expiry, end of the claim window, end of the lease. */
function wakeAt(record: CardRecord, now: Date): Date | null {
  const { request, decisions, lease } = record;
  if (request.state === 'pending') {
    const moments = [remindAt(request, decisions), escalateAt(request, decisions), request.expires_at];
    const next = moments.filter((at) => at !== null && !isPast(at, now)).map((at) => at?.getTime() ?? 0);
    // What is past was done when the record was advanced; only an expiry is waited for although it is.
    return next.length === 0 ? request.expires_at : new Date(Math.min(...next));
  }
  if (request.state !== 'approved') return null;
  // A lease ends on time, whatever was reported meanwhile.
  if (lease?.state === 'active') return lease.expires_at;
  const next = silentChanges(record).filter((at) => !isPast(at, now));
  return next.reduce<Date | null>((first, at) => (first === null || at < first ? at : first), null);
}

function isOutOfPatience(record: CardRecord, now: Date): boolean {
  const { request, decisions, grant, lease, execution, revocation, result } = record;
  // As long as people may still decide, a card that does not stand is worth another try.
  if (request.state === 'pending' && !isPast(request.expires_at, now)) return false;
  const moments = [
    request.created_at,
    request.closed_at,
    ...decisions.map(({ decided_at }) => decided_at),
    grant?.claim_expires_at,
    lease?.issued_at,
    lease?.used_at,
    lease?.expires_at,
    execution?.started_at,
    revocation?.revoked_at,
    result?.reported_at,
  ];
  const news = moments.filter((at) => at instanceof Date && isPast(at, now)).map((at) => at?.getTime() ?? 0);
  return now.getTime() > Math.max(...news, request.created_at.getTime()) + MESSAGE_PATIENCE_HOURS * 3_600_000;
}
