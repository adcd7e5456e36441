// When Slack is told that a click arrived: once the work is done, or shortly before Slack gives up, whichever is earlier.
// So a process that dies before the commit leaves Slack's own warning on the screen, never a false success.

import type { SlackLog } from './listener-context.ts';

/** Slack waits three seconds; the rest is for the way back. */
export const ACK_AFTER_MS = 2_300;

export type Acknowledge<Answer> = (answer?: Answer) => Promise<void>;

export type Settled<Answer> = {
  readonly result: Answer;
  /** False when the answer did not go out with the acknowledgement, so that it must be brought in another way. */
  readonly is_told: boolean;
};

/** Does the work, then acknowledges with its result; acknowledges with `early` when that takes longer than `after_ms`. */
export async function workThenAck<Answer>(
  options: {
    readonly ack: Acknowledge<Answer>;
    readonly early: () => Answer;
    readonly after_ms: number;
    readonly log: SlackLog;
  },
  work: () => Promise<Answer>,
): Promise<Settled<Answer>> {
  let is_early = false;
  const timer = setTimeout(() => {
    is_early = true;
    void acknowledge(options.ack, options.early(), options.log);
  }, options.after_ms);
  try {
    const result = await work();
    clearTimeout(timer);
    if (is_early) return { result, is_told: false };
    return { result, is_told: await acknowledge(options.ack, result, options.log) };
  } finally {
    clearTimeout(timer);
  }
}

/** An acknowledgement that fails (the socket closed meanwhile) must not undo what was recorded. */
async function acknowledge<Answer>(ack: Acknowledge<Answer>, answer: Answer, log: SlackLog): Promise<boolean> {
  try {
    await ack(answer);
    return true;
  } catch (error) {
    log.warn('an acknowledgement did not reach slack', { err: error });
    return false;
  }
}
