// The approval workflow: owns time, not truth. It looks at the record, has it told in Slack, waits, looks again.
// A nudge only means "look now", so a forged or repeated one does no harm. Deterministic; ids are all it knows.

import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type ApprovalInput, NUDGE_SIGNAL } from '../src/domain/work/workflow.ts';
import type { Situation } from '../src/domain/work/pending-work.ts';
import { type Errand, earliest, isIdle, isReady, makeErrand, noteTended, runErrand } from './errand.ts';

export const nudge = defineSignal(NUDGE_SIGNAL);

/** One short transaction: a local activity spares a task-queue hop (about 50 ms). */
const quick = proxyLocalActivities<Pick<Activities, 'look'>>({
  startToCloseTimeout: '5 s',
  retry: { initialInterval: '100 ms', maximumAttempts: 2 },
});

/** What Slack takes at once is said within the look. A second try is an errand's, which keeps Slack's own wait. */
const swift = proxyLocalActivities<Pick<Activities, 'tend'>>({
  startToCloseTimeout: '30 s',
  retry: { maximumAttempts: 1 },
});

/** While Postgres is away: tries of an ordinary activity leave no trace in the history. After a day the sweep begins anew. */
const patient = proxyActivities<Pick<Activities, 'look'>>({
  startToCloseTimeout: '15 s',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '30 s' },
});

/** Slack: a try starts no call after 12 s and no call takes over 8 s; a killed worker is noticed by its missing heartbeat. */
const speaking = proxyActivities<Pick<Activities, 'syncCards' | 'remind' | 'tellOutcome'>>({
  startToCloseTimeout: '30 s',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '10 min',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '15 s' },
});

/** A wake-up before its time (clocks differ a little) is repeated after this long, doubled each time up to 64 times. */
const EARLY_MS = 100;
const EARLY_DOUBLINGS_MAX = 6;

/** One run per approval request that needs people; ends when nothing is left to wait for or to say. */
export async function approval(input: ApprovalInput): Promise<void> {
  const bell = { rings: 0 };
  const ring = () => {
    bell.rings += 1;
  };
  setHandler(nudge, ring);
  const errands: readonly Errand[] = [
    makeErrand(
      () => speaking.syncCards(input),
      ({ is_card_stale }) => is_card_stale,
    ),
    makeErrand(
      () => speaking.remind(input),
      ({ is_reminder_due }) => is_reminder_due,
    ),
    makeErrand(
      () => speaking.tellOutcome(input),
      ({ is_outcome_stale }) => is_outcome_stale,
    ),
  ];
  for (let early = 0; ; ) {
    const heard = bell.rings;
    const situation = await tend(input, errands);
    // What could not be said at once. Errands run beside the timer: an expiry is on time although Slack is away.
    for (const errand of errands) if (isReady(errand, situation, Date.now())) void runErrand(errand, ring);
    const isBusy = errands.some(({ is_running }) => is_running);
    if (!isBusy && bell.rings === heard && isDone(situation, errands)) return;
    // A flood of nudges must not fill the history; the next run looks first, so no nudge is lost with this one.
    if (!isBusy && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof approval>(input);
    const wake_at_ms = earliest(situation, errands);
    early = wake_at_ms !== null && wake_at_ms <= Date.now() ? early + 1 : 0;
    await waitUntil(wake_at_ms, early, () => bell.rings !== heard);
  }
}

/** Beside an errand that runs or rests it only looks: two tries at once might post twice. */
async function tend(input: ApprovalInput, errands: readonly Errand[]): Promise<Situation> {
  if (!errands.every((errand) => isIdle(errand, Date.now()))) return look(input);
  try {
    const { situation, rest_until_ms } = await swift.tend(input);
    for (const errand of errands) noteTended(errand, situation, rest_until_ms);
    return situation;
  } catch {
    return patient.look(input);
  }
}

async function look(input: ApprovalInput): Promise<Situation> {
  try {
    return await quick.look(input);
  } catch {
    return patient.look(input);
  }
}

function isDone(situation: Situation, errands: readonly Errand[]): boolean {
  return !situation.is_open && !errands.some((errand) => errand.isDue(situation));
}

/** A timer of zero is no timer to Temporal, so a moment that is past is waited for a little. */
async function waitUntil(wake_at_ms: number | null, early: number, hasNews: () => boolean): Promise<void> {
  if (wake_at_ms === null) return condition(hasNews);
  const wait_ms = early === 0 ? wake_at_ms - Date.now() : EARLY_MS * 2 ** Math.min(early - 1, EARLY_DOUBLINGS_MAX);
  await condition(hasNews, wait_ms);
}
