// One read for many who ask the same at once. Nobody gets an answer that was read before they asked.

/**
 * Shares `read` among callers of the same key: one read runs, those who ask meanwhile share the next one, which begins
 * after they asked. A thousand agents that wake together cost two reads, not a thousand.
 */
export function shareReads<A, V>(
  read: (input: A) => Promise<V>,
  keyOf: (input: A) => string,
): (input: A) => Promise<V> {
  const running = new Map<string, Promise<unknown>>();
  const queued = new Map<string, Promise<V>>();
  const begin = async (key: string, input: A): Promise<V> => {
    queued.delete(key);
    const reading = read(input);
    running.set(key, reading);
    try {
      return await reading;
    } finally {
      if (running.get(key) === reading) running.delete(key);
    }
  };
  return (input) => {
    const key = keyOf(input);
    const next = queued.get(key);
    if (next !== undefined) return next;
    const before = running.get(key) ?? Promise.resolve();
    const answer = before.then(
      () => begin(key, input),
      () => begin(key, input),
    );
    queued.set(key, answer);
    return answer;
  };
}
