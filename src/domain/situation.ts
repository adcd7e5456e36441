// What the workflow has to do and until when it may wait: a function of the record alone. Pure.

import type { Dossier } from './dossier.ts';
import { isFinal, remindAt } from './request.ts';

/** One message in Slack as the record knows it. */
export type KnownMessage = {
  readonly kind: 'card' | 'reminder' | 'outcome';
  readonly destination: string;
  readonly state: 'posting' | 'posted' | 'failed' | 'superseded';
  readonly revision: number;
  /** The moment of the record that it shows. */
  readonly drawn_at: Date;
};

/** What time demands of the record before anything is said. */
export type Due = 'expire' | 'end_lease';

export type Situation = {
  /** True while something may still happen that the workflow waits for. */
  readonly is_open: boolean;
  /** A card is missing or behind, the reminder is due, or the outcome is untold. */
  readonly has_to_speak: boolean;
  /** When to look again without a nudge, in epoch milliseconds; null when only a nudge can bring news. */
  readonly wake_at_ms: number | null;
};

/** The state change that time demands now, or null. */
export function dueNow({ request, lease }: Pick<Dossier, 'request' | 'lease'>, now: Date): Due | null {
  if (request.state === 'pending' && isPast(request.expires_at, now)) return 'expire';
  if (lease?.state === 'active' && isPast(lease.expires_at, now)) return 'end_lease';
  return null;
}

/** Whether to go on, to speak, and until when to wait. */
export function situationOf(dossier: Dossier, messages: readonly KnownMessage[], now: Date): Situation {
  const wake_at = wakeAt(dossier, messages, now);
  return {
    is_open: wake_at !== null,
    has_to_speak:
      staleChannels(dossier, messages, now).length > 0 ||
      isReminderDue(dossier, messages, now) ||
      isOutcomeUntold(dossier, messages),
    wake_at_ms: wake_at?.getTime() ?? null,
  };
}

/** Channels that show the card of this request: each group's, once. */
export function cardChannels({ groups }: Pick<Dossier, 'groups'>): readonly string[] {
  return [...new Set(groups.map((group) => group.channel))];
}

/** Channels without a card, or with one that shows an earlier moment. A card that failed for good is let be. */
export function staleChannels(dossier: Dossier, messages: readonly KnownMessage[], now: Date): readonly string[] {
  const silent_end = silentEnd(dossier);
  return cardChannels(dossier).filter((channel) => {
    const card = live(messages, 'card', channel);
    if (card === undefined || card.state === 'posting') return true;
    if (card.state !== 'posted') return false;
    const isOverSince = isPast(silent_end, now) && silent_end !== null && card.drawn_at < silent_end;
    return isOverSince || card.revision < dossier.request.revision;
  });
}

/** When time alone changes what the card says: never claimed, or used without a result. */
function silentEnd({ request, grant, lease, result }: Dossier): Date | null {
  if (request.state !== 'approved' || result !== null) return null;
  if (lease !== null) return lease.state === 'used' ? lease.expires_at : null;
  return grant?.claim_expires_at ?? null;
}

/** True once half of the time has passed and no reminder was written for some card. */
export function isReminderDue(dossier: Dossier, messages: readonly KnownMessage[], now: Date): boolean {
  const { request } = dossier;
  return request.state === 'pending' && isPast(remindAt(request), now) && unreminded(dossier, messages).length > 0;
}

/** Channels whose card stands and that were not reminded yet. */
export function unreminded(dossier: Dossier, messages: readonly KnownMessage[]): readonly string[] {
  return cardChannels(dossier).filter((channel) => {
    const reminder = live(messages, 'reminder', channel);
    const isOpen = reminder === undefined || reminder.state === 'posting';
    return isOpen && live(messages, 'card', channel)?.state === 'posted';
  });
}

/** True when the request has ended and its agent's owner was not told. */
export function isOutcomeUntold({ request, agent }: Dossier, messages: readonly KnownMessage[]): boolean {
  const told = live(messages, 'outcome', agent.owner.id);
  return isFinal(request.state) && (told === undefined || told.state === 'posting');
}

/** The next moment at which time changes something: reminder, expiry, end of the claim window, end of the lease. */
function wakeAt(dossier: Dossier, messages: readonly KnownMessage[], now: Date): Date | null {
  const { request, grant, lease, result } = dossier;
  if (request.state === 'pending') {
    const remind_at = remindAt(request);
    const isReminded = live(messages, 'reminder', cardChannels(dossier)[0] ?? '') !== undefined;
    return remind_at !== null && !isReminded && !isPast(remind_at, now) ? remind_at : request.expires_at;
  }
  if (request.state !== 'approved' || result !== null) return null;
  if (lease !== null) return lease.state === 'revoked' || isPast(lease.expires_at, now) ? null : lease.expires_at;
  return grant === null || isPast(grant.claim_expires_at, now) ? null : grant.claim_expires_at;
}

function live(
  messages: readonly KnownMessage[],
  kind: KnownMessage['kind'],
  destination: string,
): KnownMessage | undefined {
  return messages.find(
    (message) => message.kind === kind && message.destination === destination && message.state !== 'superseded',
  );
}

function isPast(at: Date | null, now: Date): boolean {
  return at !== null && at.getTime() <= now.getTime();
}
