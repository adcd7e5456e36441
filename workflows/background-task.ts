// An background task of a workflow: one activity at a time beside the timer, repeated after a growing wait when it failed.

import type { PendingWork } from '../src/domain/work/pending-work.ts';

/** An activity gives up after minutes of its own retries; then its task backs off, longer each time up to five minutes. */
const BACKOFF_MS_MIN = 30_000;
const BACKOFF_MS_MAX = 300_000;

export type BackgroundTask = {
  readonly run: () => Promise<void>;
  readonly isDue: (pending: PendingWork) => boolean;
  is_running: boolean;
  failures: number;
  /** Not again before this moment, in epoch milliseconds. */
  backoff_until_ms: number;
};

/** A background task that has not run yet. */
export function makeTask(run: BackgroundTask['run'], isDue: BackgroundTask['isDue']): BackgroundTask {
  return { run, isDue, is_running: false, failures: 0, backoff_until_ms: 0 };
}

/** True when it does not run and has backed off long enough. */
export function isIdle(task: BackgroundTask, now_ms: number): boolean {
  return !task.is_running && task.backoff_until_ms <= now_ms;
}

/** True when it is due, and idle. */
export function isReady(task: BackgroundTask, pending: PendingWork, now_ms: number): boolean {
  return task.isDue(pending) && isIdle(task, now_ms);
}

/** Runs it once and then brings news: whether it succeeded or not, the record is to be reconciled again. Never rejects. */
export async function runTask(task: BackgroundTask, onEnd: () => void): Promise<void> {
  task.is_running = true;
  try {
    await task.run();
    task.failures = 0;
    task.backoff_until_ms = 0;
  } catch {
    // A cancelled workflow ends by its own wait; any other failure was told to the log by the activity.
    task.backoff_until_ms = Date.now() + Math.min(BACKOFF_MS_MIN * 2 ** task.failures, BACKOFF_MS_MAX);
    task.failures += 1;
  }
  task.is_running = false;
  onEnd();
}

/**
 * After the fast path: nothing backs off but for as long as Slack asked, and what has nothing left to deliver begins its
 * waits anew when it fails again.
 */
export function noteReconciled(task: BackgroundTask, pending: PendingWork, backoff_until_ms: number): void {
  task.backoff_until_ms = backoff_until_ms;
  if (!task.isDue(pending)) task.failures = 0;
}

/** The next moment to reconcile: when time changes the record, or when the backoff of a failed background task ends. */
export function earliest(pending: PendingWork, tasks: readonly BackgroundTask[]): number | null {
  const waiting = tasks.filter((task) => !task.is_running && task.isDue(pending));
  const moments = waiting.map(({ backoff_until_ms }) => backoff_until_ms);
  if (pending.wake_at_ms !== null) moments.push(pending.wake_at_ms);
  return moments.length === 0 ? null : Math.min(...moments);
}
