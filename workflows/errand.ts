// An errand of a workflow: one activity at a time beside the timer, repeated after a growing wait when it failed.

import type { Situation } from '../src/domain/work/pending-work.ts';

/** An activity gives up after minutes of its own retries; then the errand rests, longer each time up to five minutes. */
const REST_MS_MIN = 30_000;
const REST_MS_MAX = 300_000;

export type Errand = {
  readonly run: () => Promise<void>;
  readonly isDue: (situation: Situation) => boolean;
  is_running: boolean;
  failures: number;
  /** Not again before this moment, in epoch milliseconds. */
  rest_until_ms: number;
};

/** An errand that has not run yet. */
export function makeErrand(run: Errand['run'], isDue: Errand['isDue']): Errand {
  return { run, isDue, is_running: false, failures: 0, rest_until_ms: 0 };
}

/** True when it does not run and has rested enough. */
export function isIdle(errand: Errand, now_ms: number): boolean {
  return !errand.is_running && errand.rest_until_ms <= now_ms;
}

/** True when it is due, and idle. */
export function isReady(errand: Errand, situation: Situation, now_ms: number): boolean {
  return errand.isDue(situation) && isIdle(errand, now_ms);
}

/** Runs it once and then rings: whether it succeeded or not, the record is to be looked at again. Never rejects. */
export async function runErrand(errand: Errand, ring: () => void): Promise<void> {
  errand.is_running = true;
  try {
    await errand.run();
    errand.failures = 0;
    errand.rest_until_ms = 0;
  } catch {
    // A cancelled workflow ends by its own wait; any other failure was told to the log by the activity.
    errand.rest_until_ms = Date.now() + Math.min(REST_MS_MIN * 2 ** errand.failures, REST_MS_MAX);
    errand.failures += 1;
  }
  errand.is_running = false;
  ring();
}

/**
 * After a look that also spoke to Slack: nothing rests but for as long as Slack asked, and what has nothing left to say
 * begins its waits anew when it fails again.
 */
export function noteTended(errand: Errand, situation: Situation, rest_until_ms: number): void {
  errand.rest_until_ms = rest_until_ms;
  if (!errand.isDue(situation)) errand.failures = 0;
}

/** The next moment to look again: when time changes the record, or when a failed errand has rested. */
export function earliest(situation: Situation, errands: readonly Errand[]): number | null {
  const resting = errands.filter((errand) => !errand.is_running && errand.isDue(situation));
  const moments = resting.map(({ rest_until_ms }) => rest_until_ms);
  if (situation.wake_at_ms !== null) moments.push(situation.wake_at_ms);
  return moments.length === 0 ? null : Math.min(...moments);
}
