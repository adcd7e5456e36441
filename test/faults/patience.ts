// How long the driver of faults waits for what must come, and an agent bears with what is away.

/** Longer than any outage of the driver's, and the time that everything takes to come back on a busy machine. */
export const PATIENCE_MS = 480_000;

/** An agent bears with an api that is away for as long. */
export const AGENT_RETRY = { attemptsMax: PATIENCE_MS / 200, delayMs: 200 };
