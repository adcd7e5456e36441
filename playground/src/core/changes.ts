// Tells listeners which parts of the state changed. Changes of one turn of the event loop go out as one message.
import type { ChangedPart, ChangeEvent } from '../protocol.ts';

export type Changes = {
  /** Marks parts as changed. */
  touch(...parts: ChangedPart[]): void;
  /** Number of the last change told. */
  seq(): number;
  /** Listens until the answer is called. */
  listen(listener: (event: ChangeEvent) => void): () => void;
};

/** Creates the list of listeners. */
export function createChanges(): Changes {
  const listeners = new Set<(event: ChangeEvent) => void>();
  const pending = new Set<ChangedPart>();
  let seq = 0;
  const flush = () => {
    seq += 1;
    const event = { seq, changed: [...pending] };
    pending.clear();
    for (const listener of listeners) listener(event);
  };
  return {
    touch(...parts) {
      if (pending.size === 0 && parts.length > 0) setImmediate(flush);
      for (const part of parts) pending.add(part);
    },
    seq: () => seq,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
