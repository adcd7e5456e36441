// Waiting in tests, always with a limit: for what must come, and through what is away for a while.

import { setTimeout as pause } from 'node:timers/promises';

/** Generous: a machine may be busy with other tests. */
const WAIT_MS_MAX = 40_000;
const POLL_MS = 20;
const AGAIN_MS = 250;

type Limit = {
  /** What is waited for, where the question itself would not say it to a reader. */
  readonly what?: string;
  readonly limit_ms?: number;
};

/** Asks until the answer is true, and gives it; throws with what was waited for when it never is. */
export async function until<T>(
  look: () => T | Promise<T>,
  { what = String(look), limit_ms = WAIT_MS_MAX }: Limit = {},
): Promise<Exclude<T, null | undefined | false>> {
  for (const end = performance.now() + limit_ms; ; await pause(POLL_MS)) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, null | undefined | false>;
    if (performance.now() > end) throw new Error(`waited ${limit_ms} ms in vain for ${what}`);
  }
}

/** Tries again while it throws, within the limit. */
export async function patiently<T>(work: () => Promise<T>, limit_ms: number): Promise<T> {
  for (const end = performance.now() + limit_ms; ; await pause(AGAIN_MS)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

/** What comes within the limit, or an error that says what did not. */
export async function inTime<T>(what: string, work: Promise<T>, limit_ms: number): Promise<T> {
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
