// When people cannot be asked: no card stands where an approver group looks. Pure: data and `now` in, data out.

import type { CardState, RequestRecord, StageGroup } from './record.ts';
import { askedNow, type Counting, openSince, openStage } from './stages.ts';

/** A fault of the moment is mostly over by then, and half of the ten minutes that a request has by default is left. */
export const UNDELIVERABLE_AFTER_SECONDS_DEFAULT = 300;

/** An approver group that cannot be asked: its card does not stand, and why, where that was said. */
export type UndeliveredGroup = Pick<StageGroup, 'name' | 'channel'> & {
  readonly since: Date;
  readonly error: string | null;
};

type Waiting = Pick<RequestRecord, 'groups' | 'decisions'> & {
  readonly request: Counting & Pick<RequestRecord['request'], 'created_at' | 'closed_at'>;
};

/** The groups of the open stage that cannot be asked as things are, or could not when the request ended. */
export function undeliveredGroups(
  { request, groups, decisions }: Waiting,
  cards: readonly CardState[],
): readonly UndeliveredGroup[] {
  const index = openStage(request, decisions);
  const stage = request.requirement?.stages[index];
  const open_at = openSince(request, decisions, index);
  return askedNow(request, decisions, groups).flatMap(({ id, name, channel }) => {
    const isAdded = stage?.added?.some(({ group_id }) => group_id === id) ?? false;
    const asked_at = isAdded ? (stage?.escalated_at ?? open_at) : open_at;
    const card = cards.find((each) => each.channel === channel);
    if (card !== undefined && isStanding(card, request.closed_at)) return [];
    const undelivered_at = card?.undelivered_at ?? asked_at;
    const since = new Date(Math.max(undelivered_at.getTime(), asked_at.getTime()));
    return [{ name, channel, since, error: card?.error ?? null }];
  });
}

/** The earliest moment at which people have not been reached for so long, or null while every group can be asked. */
export function undeliverableAt(waiting: Waiting, cards: readonly CardState[], after_seconds: number): Date | null {
  const moments = undeliveredGroups(waiting, cards).map(({ since }) => since.getTime());
  return moments.length === 0 ? null : new Date(Math.min(...moments) + after_seconds * 1_000);
}

/** A card that was posted after the end asked nobody; one that cannot be drawn again may be out of sight. */
function isStanding({ state, error, posted_at }: CardState, closed_at: Date | null): boolean {
  if (state !== 'posted' || error !== null) return false;
  return closed_at === null || posted_at === null || posted_at.getTime() <= closed_at.getTime();
}
