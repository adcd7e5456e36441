// The approval workflow: owns time, not truth. It looks at the record, lets it be told in Slack, waits, looks again.
// A nudge only means "look now", so a forged or repeated one does no harm. Deterministic; ids are all it knows.

import { condition, defineSignal, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type ApprovalInput, NUDGE_SIGNAL } from '../src/domain/protocol.ts';

export const nudge = defineSignal(NUDGE_SIGNAL);

/** One short transaction each: a local activity spares a task-queue hop (about 50 ms). It goes on trying while Postgres is away. */
const { look } = proxyLocalActivities<Pick<Activities, 'look'>>({
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '250 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
});

/** Each try speaks for at most 30 s; an outage of Slack is waited out for an hour, then the record is looked at anew. */
const { speak } = proxyActivities<Pick<Activities, 'speak'>>({
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '1 h',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 m' },
});

/** A timer of zero is another command than a timer: never wait less than this. */
const WAIT_MS_MIN = 1;
/** After an hour of Slack's absence: once more, so many times, then the sweep has to bring it back. */
const SPEAK_ROUNDS_MAX = 24;

/** One run per approval request that needs people; ends when nothing is left to wait for or to say. */
export async function approval(input: ApprovalInput): Promise<void> {
  const state = { hasNews: true, isSpeaking: false, failures: 0 };
  setHandler(nudge, () => {
    state.hasNews = true;
  });
  for (;;) {
    state.hasNews = false;
    const { is_open, has_to_speak, wake_at_ms } = await look(input);
    // Speaking goes on beside the timer: an expiry is on time although Slack is away.
    if (has_to_speak && !state.isSpeaking && state.failures < SPEAK_ROUNDS_MAX) void say(input, state);
    const isDone = !is_open && !state.isSpeaking;
    if (isDone && !state.hasNews) return;
    const hasNews = () => state.hasNews;
    if (wake_at_ms === null) await condition(hasNews);
    else await condition(hasNews, Math.max(WAIT_MS_MIN, wake_at_ms - Date.now()));
  }
}

/** Speaks once; whatever came of it is news, because the record has changed or a try has failed. */
async function say(
  input: ApprovalInput,
  state: { hasNews: boolean; isSpeaking: boolean; failures: number },
): Promise<void> {
  state.isSpeaking = true;
  try {
    await speak(input);
  } catch {
    // Already on Temporal's record as the activity's failure; the record in Postgres still says what is to be told.
    state.failures += 1;
  } finally {
    state.isSpeaking = false;
    state.hasNews = true;
  }
}
