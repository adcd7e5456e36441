// A bounded list of what happened, newest last, for tests and the page.

/** Entries kept: enough for any one test, small enough to send as one JSON answer. */
const ENTRIES_MAX = 2_000;

export type Log<T extends { seq: number }> = {
  /** Adds the entry under the next number. */
  add(entry: Omit<T, 'seq'>): T;
  list(): T[];
  clear(): void;
};

/** Creates an empty log. */
export function createLog<T extends { seq: number }>(): Log<T> {
  let entries: T[] = [];
  let seq = 0;
  return {
    add(entry) {
      seq += 1;
      const full = { ...entry, seq } as T;
      entries.push(full);
      if (entries.length > ENTRIES_MAX) entries = entries.slice(-ENTRIES_MAX);
      return full;
    },
    list: () => entries,
    clear() {
      entries = [];
    },
  };
}
