// When a stage reminds and when it asks more groups, by how long it has been open. Pure: the record in, moments out.

import { afterOpenSeconds, openSecondsBetween } from '../policy/calendar.ts';
import type { ApprovalRequest } from './request.ts';
import { type Counted, type Counting, openSince, openStage } from './stages.ts';

/** Times of many requests that would fall on one second are spread over a tenth of the wait, and this long at most. */
const SPREAD_MS_MAX = 60_000;
const SPREAD_PART = 10;

type Timed = Counting & Pick<ApprovalRequest, 'id' | 'created_at' | 'expires_at'>;

/** When the one reminder of the open stage is due: as its rule says, else half-way to the expiry. Null if it never waited. */
export function remindAt(request: Timed, decisions: readonly Counted[]): Date | null {
  if (request.expires_at === null) return null;
  const stage = openStage(request, decisions);
  const since = openSince(request, decisions, stage);
  const after_seconds = request.requirement?.stages[stage]?.remind_after_seconds;
  if (after_seconds !== undefined) return spread(request, since, after_seconds);
  const { calendar } = request.requirement ?? {};
  if (calendar !== undefined) {
    return afterOpenSeconds(calendar, since, openSecondsBetween(calendar, since, request.expires_at) / 2);
  }
  return new Date(since.getTime() + Math.floor((request.expires_at.getTime() - since.getTime()) / 2));
}

/** When the open stage asks more groups; null when it has, or has none to ask. */
export function escalateAt(request: Timed, decisions: readonly Counted[]): Date | null {
  const stage = openStage(request, decisions);
  const { escalate, added = [] } = request.requirement?.stages[stage] ?? {};
  // One that adds nobody would be due again right after it was done.
  if (escalate === undefined || escalate.to.length === 0 || added.length > 0) return null;
  return spread(request, openSince(request, decisions, stage), escalate.after_seconds);
}

/** That long after a moment, by the clock of the request; null when that is beyond the longest wait. */
function spread({ id, requirement }: Timed, since: Date, after_seconds: number): Date | null {
  const after_ms = after_seconds * 1_000 + spreadMs(id, after_seconds);
  if (requirement?.calendar === undefined) return new Date(since.getTime() + after_ms);
  return afterOpenSeconds(requirement.calendar, since, after_ms / 1_000);
}

/** A little more than a wait, which is always the same for one request. */
export function spreadMs(request_id: string, after_seconds: number): number {
  const range_ms = Math.min(SPREAD_MS_MAX, (after_seconds * 1_000) / SPREAD_PART);
  return Math.floor(range_ms * shareOf(request_id));
}

/** A number from 0 to 1 for an id: FNV-1a, whose last step is mixed so that ids of one moment lie apart. */
function shareOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
