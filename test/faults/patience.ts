// Waiting with a limit: for what must come, and through what is away for a while.
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than any outage of the driver's, and the time that everything takes to come back on a busy machine. */
export const PATIENCE_MS = 480_000;
const POLL_MS = 50;
const AGAIN_MS = 250;

/** An agent bears with an api that is away for as long. */
export const AGENT_RETRY = { attemptsMax: PATIENCE_MS / 200, delayMs: 200 };

/** Waits until it is so and gives what it gave; says what was waited for when it never is. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  limit_ms = PATIENCE_MS,
): Promise<T> {
  for (const end = performance.now() + limit_ms; ; await pause(POLL_MS)) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${limit_ms} ms in vain for ${what}`);
  }
}

/** Tries again while it throws, within the limit. */
export async function patiently<T>(work: () => Promise<T>, limit_ms = PATIENCE_MS): Promise<T> {
  for (const end = performance.now() + limit_ms; ; await pause(AGAIN_MS)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

/** What comes within the limit, or an error that says what did not. */
export async function inTime<T>(what: string, work: Promise<T>, limit_ms = PATIENCE_MS): Promise<T> {
  const stop = new AbortController();
  const late = pause(limit_ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`${what} did not come within ${limit_ms} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}
