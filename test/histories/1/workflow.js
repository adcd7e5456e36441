// The workflow as version 1 of runs had it, its types taken off: what a worker of the release before registers. Never edited.
import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

/** An activity gives up after minutes of its own retries; then the errand rests, longer each time up to five minutes. */

const REST_MS_MIN = 30_000;
const REST_MS_MAX = 300_000;
/** An errand that has not run yet. */
function makeErrand(run, isDue) {
  return {
    run,
    isDue,
    is_running: false,
    failures: 0,
    rest_until_ms: 0,
  };
}
/** True when it does not run and has rested enough. */
function isIdle(errand, now_ms) {
  return !errand.is_running && errand.rest_until_ms <= now_ms;
}
/** True when it is due, and idle. */
function isReady(errand, situation, now_ms) {
  return errand.isDue(situation) && isIdle(errand, now_ms);
}
/** Runs it once and then rings: whether it succeeded or not, the record is to be looked at again. Never rejects. */
async function runErrand(errand, ring) {
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
function noteTended(errand, situation, rest_until_ms) {
  errand.rest_until_ms = rest_until_ms;
  if (!errand.isDue(situation)) errand.failures = 0;
}
/** The next moment to look again: when time changes the record, or when a failed errand has rested. */
function earliest(situation, errands) {
  const resting = errands.filter((errand) => !errand.is_running && errand.isDue(situation));
  const moments = resting.map(({ rest_until_ms }) => rest_until_ms);
  if (situation.wake_at_ms !== null) moments.push(situation.wake_at_ms);
  return moments.length === 0 ? null : Math.min(...moments);
}

export const nudge = defineSignal('nudge');
/** One short transaction: a local activity spares a task-queue hop (about 50 ms). */
const quick = proxyLocalActivities({
  startToCloseTimeout: '5 s',
  retry: {
    initialInterval: '100 ms',
    maximumAttempts: 2,
  },
});
/** What Slack takes at once is said within the look. A second try is an errand's, which keeps Slack's own wait. */
const swift = proxyLocalActivities({
  startToCloseTimeout: '30 s',
  retry: {
    maximumAttempts: 1,
  },
});
/** While Postgres is away: tries of an ordinary activity leave no trace in the history. After a day the sweep begins anew. */
const patient = proxyActivities({
  startToCloseTimeout: '15 s',
  scheduleToCloseTimeout: '1 day',
  retry: {
    initialInterval: '1 s',
    backoffCoefficient: 2,
    maximumInterval: '30 s',
  },
});
/** Slack: a try starts no call after 12 s and no call takes over 8 s; a killed worker is noticed by its missing heartbeat. */
const speaking = proxyActivities({
  startToCloseTimeout: '30 s',
  heartbeatTimeout: '10 s',
  scheduleToCloseTimeout: '10 min',
  retry: {
    initialInterval: '1 s',
    backoffCoefficient: 2,
    maximumInterval: '15 s',
  },
});
/** A wake-up before its time (clocks differ a little) is repeated after this long, doubled each time up to 64 times. */
const EARLY_MS = 100;
const EARLY_DOUBLINGS_MAX = 6;
/** One run per approval request that needs people; ends when nothing is left to wait for or to say. */
export async function approval(input) {
  const bell = {
    rings: 0,
  };
  const ring = () => {
    bell.rings += 1;
  };
  setHandler(nudge, ring);
  const errands = [
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
    if (!isBusy && workflowInfo().continueAsNewSuggested) await continueAsNew(input);
    const wake_at_ms = earliest(situation, errands);
    early = wake_at_ms !== null && wake_at_ms <= Date.now() ? early + 1 : 0;
    await waitUntil(wake_at_ms, early, () => bell.rings !== heard);
  }
}
/** Beside an errand that runs or rests it only looks: two tries at once might post twice. */
async function tend(input, errands) {
  if (!errands.every((errand) => isIdle(errand, Date.now()))) return look(input);
  try {
    const { situation, rest_until_ms } = await swift.tend(input);
    for (const errand of errands) noteTended(errand, situation, rest_until_ms);
    return situation;
  } catch {
    return patient.look(input);
  }
}
async function look(input) {
  try {
    return await quick.look(input);
  } catch {
    return patient.look(input);
  }
}
function isDone(situation, errands) {
  return !situation.is_open && !errands.some((errand) => errand.isDue(situation));
}
/** A timer of zero is no timer to Temporal, so a moment that is past is waited for a little. */
async function waitUntil(wake_at_ms, early, hasNews) {
  if (wake_at_ms === null) return condition(hasNews);
  const wait_ms = early === 0 ? wake_at_ms - Date.now() : EARLY_MS * 2 ** Math.min(early - 1, EARLY_DOUBLINGS_MAX);
  await condition(hasNews, wait_ms);
}
