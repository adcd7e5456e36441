// Replies in the thread of a card: the one reminder of each stage, and what is told of a stage where a card stood before. Pure.

import type { CardRecord, StageGroup } from '../request/record.ts';
import { remindAt } from '../request/stage-due.ts';
import { askedNow, openSince, openStage } from '../request/stages.ts';
import { isPast, isTime, isToSay, type KnownMessage, messageFor } from './message.ts';

/** Which reply belongs into the thread of which channel's card, and what it tells. */
export type Reply = {
  readonly kind: 'reminder' | 'stage';
  readonly destination: string;
  readonly channel: string;
  readonly about: 'reminder' | 'open' | 'escalated';
};

/** Replies that are to be posted now; none once the request is over, or its time. */
export function dueReplies(record: CardRecord, messages: readonly KnownMessage[], now: Date): readonly Reply[] {
  const { request } = record;
  if (request.state !== 'pending' || isPast(request.expires_at, now)) return [];
  return wantedReplies(record, messages, now).filter(({ kind, destination }) => {
    const message = messageFor(messages, kind, destination);
    return message === undefined || (isToSay(message) && isTime(message, now));
  });
}

function wantedReplies(record: CardRecord, messages: readonly KnownMessage[], now: Date): readonly Reply[] {
  const { request, decisions, groups } = record;
  const stage = openStage(request, decisions);
  const since = openSince(request, decisions, stage);
  const { escalated_at = null, added = [] } = request.requirement?.stages[stage] ?? {};
  const open_to = askedNow(request, decisions, groups);
  const channels = channelsOf(open_to);
  const standing = messages.filter(({ kind, state, destination }) => {
    return kind === 'card' && state === 'posted' && channels.includes(destination);
  });
  const replies = (about: Reply['about'], cards: readonly KnownMessage[]): readonly Reply[] =>
    cards.map(({ destination: channel }) => ({
      kind: about === 'reminder' ? 'reminder' : 'stage',
      destination: destinationOf(channel, stage, about),
      channel,
      about,
    }));
  // A card that is posted now says all of it by itself; one that stood before was drawn again, which nobody hears.
  const before = (at: Date) => standing.filter(({ posted_at }) => posted_at === null || posted_at < at);
  const remind_at = remindAt(request, decisions);
  // Groups that were asked only after the reminder was due have heard of it that moment.
  const isAddedLate = ({ id }: StageGroup) =>
    escalated_at !== null &&
    remind_at !== null &&
    remind_at <= escalated_at &&
    added.some(({ group_id }) => group_id === id);
  const reminded = channelsOf(open_to.filter((group) => !isAddedLate(group)));
  const isRemindedOf = ({ destination }: KnownMessage) => reminded.includes(destination);
  return [
    ...(remind_at !== null && isPast(remind_at, now) ? replies('reminder', standing.filter(isRemindedOf)) : []),
    ...(stage > 0 ? replies('open', before(since)) : []),
    ...(escalated_at === null ? [] : replies('escalated', before(escalated_at))),
  ];
}

/** The reminder of the first stage has its channel's name alone, as where there is one stage. */
function destinationOf(channel: string, stage: number, about: Reply['about']): string {
  if (about === 'reminder') return stage === 0 ? channel : `${channel}/${stage}`;
  return `${channel}/${stage}/${about}`;
}

function channelsOf(groups: readonly StageGroup[]): readonly string[] {
  return groups.map(({ channel }) => channel);
}
