// Whose turn it is in a queue of a chat: one call at a time of each method in each channel, what expires first going first. Pure.

/** Calls that count together for a chat: of one method, in one channel (or to one person) of one workspace. */
export type QueueKey = { readonly team_id: string; readonly method: string; readonly channel: string };

export type Queue = {
  /** The chat, or our own pace, lets nobody call before. */
  readonly not_before: Date;
  readonly pace_ms: number;
  readonly held_by: string | null;
  readonly held_until: Date | null;
};

/** A message that waits, in the order of the queue, and until when its run sleeps. */
export type WaitingMessage = { readonly id: string; readonly request_id: string; readonly until: Date };

export type Turn = { readonly kind: 'taken' } | { readonly kind: 'waiting'; readonly until: Date };

/** A holder that was killed keeps the others so long: a search and two posts of eight seconds, and some time for the rows. */
export const HELD_SECONDS_MAX = 30;
/** Whoever does not come this long after its time is passed over, until it comes. */
export const ABSENT_SECONDS_MAX = 10;
/** About what one call takes: the guess of those who wait while the chat has named no limit. */
const CALL_MS = 250;
/** A chat lets a channel have one post a second; a little more, because its clock and ours are two. */
const PACE_MS_MIN = 1_050;
const PACE_MS_MAX = 8_400;
/** A queue without a call for so long may burst again, until the chat says otherwise. */
export const REST_MS = 10_000;

/** Whether this message may call now; if not, when it is worth another look. `ahead` are those that go before it. */
export function turnOf(queue: Queue, ahead: number, now: Date): Turn {
  const isHeld = queue.held_by !== null && queue.held_until !== null && queue.held_until > now;
  const isEarly = queue.not_before > now;
  if (!isHeld && !isEarly && ahead === 0) return { kind: 'taken' };
  const step_ms = Math.max(queue.pace_ms, CALL_MS);
  const from_ms = Math.max(queue.not_before.getTime(), now.getTime() + (isHeld ? step_ms : 0));
  return { kind: 'waiting', until: new Date(from_ms + ahead * step_ms) };
}

/** The queue after a call: free, and closed until the chat’s own time, or for our pace where it has named a limit before. */
export function released(
  queue: Queue,
  retry_after_ms: number | null,
  now: Date,
): Pick<Queue, 'not_before' | 'pace_ms'> {
  if (retry_after_ms === null) {
    return { not_before: new Date(now.getTime() + queue.pace_ms), pace_ms: queue.pace_ms };
  }
  const pace_ms = queue.pace_ms === 0 ? PACE_MS_MIN : Math.min(queue.pace_ms * 2, PACE_MS_MAX);
  return { not_before: new Date(now.getTime() + Math.max(retry_after_ms, PACE_MS_MIN)), pace_ms };
}

/** The pace of a queue at a new call: none once it has rested. */
export function paceNow({ pace_ms, not_before }: Pick<Queue, 'pace_ms' | 'not_before'>, now: Date): number {
  return not_before.getTime() + REST_MS <= now.getTime() ? 0 : pace_ms;
}

/** The name under which a message waits. */
export function queueName({ team_id, method, channel }: QueueKey): string {
  return `${team_id}/${method}/${channel}`;
}
