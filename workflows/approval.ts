// The approval workflow: owns time, not truth. It reconciles its request with the record, waits, and does so again.
// A nudge only means "now", so a forged or repeated one does no harm. Deterministic; ids are all it knows.

import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { PendingWork } from '../src/domain/work/pending-work.ts';
import { NUDGE_SIGNAL, type RunInput } from '../src/domain/work/workflow.ts';
import {
  type BackgroundTask,
  earliest,
  isIdle,
  isReady,
  makeTask,
  noteReconciled,
  runTask,
} from './background-task.ts';
import { advance, advancePatiently, reconcile } from './steps.ts';

export const nudge = defineSignal(NUDGE_SIGNAL);

/** Slack: a try starts no call after 12 s and no call takes over 8 s; a killed worker is noticed by its missing heartbeat. */
const delivering = proxyActivities<Pick<Activities, 'syncCards' | 'remind' | 'tellOutcome'>>({
  startToCloseTimeout: '30 s',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '10 min',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '15 s' },
});

/** A wake-up before its time (clocks differ a little) is repeated after this long, doubled each time up to 64 times. */
const EARLY_MS = 100;
const EARLY_DOUBLINGS_MAX = 6;

/** One run per approval request that needs people; ends when nothing is left to wait for or to deliver. */
export async function approval({ wake_at_ms: first_wake_at_ms, ...run }: RunInput): Promise<void> {
  const { version: _, ...input } = run;
  const news = { count: 0 };
  const noteNews = () => {
    news.count += 1;
  };
  setHandler(nudge, noteNews);
  const tasks: readonly BackgroundTask[] = [
    makeTask(
      () => delivering.syncCards(input),
      ({ is_card_stale }) => is_card_stale,
    ),
    makeTask(
      () => delivering.remind(input),
      ({ is_reminder_due }) => is_reminder_due,
    ),
    makeTask(
      () => delivering.tellOutcome(input),
      ({ is_outcome_stale }) => is_outcome_stale,
    ),
  ];
  // Whoever began this run has posted the card and looked at what is left: there is nothing to reconcile yet.
  if (first_wake_at_ms !== undefined && first_wake_at_ms > Date.now()) {
    await waitUntil(first_wake_at_ms, 0, () => news.count > 0);
  }
  for (let early = 0; ; ) {
    const known = news.count;
    const pending = await reconcileBeside(tasks, run);
    // What could not be delivered at once. Background tasks run beside the timer: an expiry is on time although Slack is away.
    for (const task of tasks) if (isReady(task, pending, Date.now())) void runTask(task, noteNews);
    const isBusy = tasks.some(({ is_running }) => is_running);
    if (!isBusy && news.count === known && isDone(pending, tasks)) return;
    // A flood of nudges must not fill the history; the next run reconciles first, so no nudge is lost with this one.
    if (!isBusy && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof approval>(run);
    const wake_at_ms = earliest(pending, tasks);
    early = wake_at_ms !== null && wake_at_ms <= Date.now() ? early + 1 : 0;
    await waitUntil(wake_at_ms, early, () => news.count !== known);
  }
}

/** Beside a background task that runs or backs off it only advances: two tries at once might post twice. */
async function reconcileBeside(tasks: readonly BackgroundTask[], run: RunInput): Promise<PendingWork> {
  if (!tasks.every((task) => isIdle(task, Date.now()))) return advance(run);
  try {
    const { pending, backoff_until_ms } = await reconcile(run);
    for (const task of tasks) noteReconciled(task, pending, backoff_until_ms);
    return pending;
  } catch {
    return advancePatiently(run);
  }
}

function isDone(pending: PendingWork, tasks: readonly BackgroundTask[]): boolean {
  return !pending.is_open && !tasks.some((task) => task.isDue(pending));
}

/** A timer of zero is no timer to Temporal, so a moment that is past is waited for a little. */
async function waitUntil(wake_at_ms: number | null, early: number, hasNews: () => boolean): Promise<void> {
  if (wake_at_ms === null) return condition(hasNews);
  const wait_ms = early === 0 ? wake_at_ms - Date.now() : EARLY_MS * 2 ** Math.min(early - 1, EARLY_DOUBLINGS_MAX);
  await condition(hasNews, wait_ms);
}
