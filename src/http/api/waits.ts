// Long polls that wait in this process: each ends when its client hangs up or the server closes. No request data here.

import type { ServerResponse } from 'node:http';
import { PlacetError } from '../../domain/errors.ts';

/** Five times what one process must hold; each costs a socket and a few kilobytes. */
const WAITS_MAX = 5_000;

export type Waits = {
  /** Runs `work` with a signal that fires when the client is gone or endAll() is called; throws unavailable when full. */
  readonly run: <T>(response: ServerResponse, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** Ends every wait, now and from now on: each answers with the state as it is. */
  readonly endAll: () => void;
  readonly isClosing: () => boolean;
};

/** Keeps the open waits; `onCount` hears each change of their number. */
export function createWaits(onCount: (count: number) => void, waitsMax = WAITS_MAX): Waits {
  const open = new Set<AbortController>();
  let isClosing = false;
  return {
    async run(response, work) {
      if (open.size >= waitsMax) throw new PlacetError('unavailable');
      const controller = new AbortController();
      const end = () => controller.abort();
      // The client may have gone while its key was checked.
      if (isClosing || response.destroyed) end();
      response.once('close', end);
      open.add(controller);
      onCount(open.size);
      try {
        return await work(controller.signal);
      } finally {
        response.off('close', end);
        open.delete(controller);
        onCount(open.size);
      }
    },
    endAll() {
      isClosing = true;
      for (const controller of open) controller.abort();
    },
    isClosing: () => isClosing,
  };
}
