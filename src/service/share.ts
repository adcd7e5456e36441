// One read for many who ask the same at once. Nobody gets an answer that was read before they asked.

/**
 * Shares `read` among callers of the same key: one read runs, those who ask meanwhile share the next one, which begins
 * after they asked. A thousand agents that wake together cost two reads, not a thousand.
 */
export function shareReads<A, V>(
  read: (asked: A) => Promise<V>,
  keyOf: (asked: A) => string,
): (asked: A) => Promise<V> {
  const running = new Map<string, Promise<unknown>>();
  const queued = new Map<string, Promise<V>>();
  const begin = async (key: string, asked: A): Promise<V> => {
    queued.delete(key);
    const reading = read(asked);
    running.set(key, reading);
    try {
      return await reading;
    } finally {
      if (running.get(key) === reading) running.delete(key);
    }
  };
  return (asked) => {
    const key = keyOf(asked);
    const next = queued.get(key);
    if (next !== undefined) return next;
    const before = running.get(key) ?? Promise.resolve();
    const answer = before.then(
      () => begin(key, asked),
      () => begin(key, asked),
    );
    queued.set(key, answer);
    return answer;
  };
}
