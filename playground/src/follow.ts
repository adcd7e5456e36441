// Asks a question again after each change that the playground tells, until the answer is true. It also outlives a restart.

/** Pause before a lost stream is opened again. */
const RECONNECT_MS = 100;

/** Resolves with the first true answer of `ask`; rejects after `timeoutMs`, or with what `ask` throws while connected. */
export async function followChanges<T>(
  eventsUrl: string,
  ask: () => Promise<T | null | undefined | false>,
  timeoutMs: number,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    while (!controller.signal.aborted) {
      const answer = await followOnce(eventsUrl, ask, controller.signal);
      if (answer) return answer.value;
      await pause(RECONNECT_MS, controller.signal);
    }
    throw new Error(`playground: nothing fitted within ${timeoutMs} ms`);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

/** One connection: an answer, or null when the stream ended. */
async function followOnce<T>(
  eventsUrl: string,
  ask: () => Promise<T | null | undefined | false>,
  signal: AbortSignal,
): Promise<{ value: T } | null> {
  const stream = await fetch(eventsUrl, { signal }).then(
    ({ body }) => body,
    () => null,
  );
  if (!stream) return null;
  const reader = stream.getReader();
  try {
    while (await hasMore(reader)) {
      const value = await ask();
      if (value) return { value };
    }
    return null;
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function hasMore(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
  return reader.read().then(
    ({ done }) => !done,
    () => false,
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
