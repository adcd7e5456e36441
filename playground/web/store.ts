// The page's copy of the playground's state: asked for again after each server-sent change, never edited here.
import { useEffect, useState } from 'preact/hooks';
import { CONTROL_ROUTES, type PlaygroundState } from '../src/protocol.ts';
import { ControlError, getState } from './api.ts';

export type Live = { state: PlaygroundState | null; isConnected: boolean };

/**
 * The state as `as` sees it (empty: everything), kept up to date. It is null until the first answer and stays as it was
 * while the server is away. `onUnknown` is called when the server does not know this person.
 */
export function useLiveState(as: string, onUnknown: () => void): Live {
  const [live, setLive] = useState<Live>({ state: null, isConnected: true });
  useEffect(() => {
    const asking = createRefresh(as, (state) => setLive({ state, isConnected: true }), onUnknown);
    const events = new EventSource(CONTROL_ROUTES.events);
    events.onopen = asking.refresh;
    events.onmessage = asking.refresh;
    events.onerror = () => setLive((before) => ({ ...before, isConnected: false }));
    asking.refresh();
    return () => {
      asking.stop();
      events.close();
    };
  }, [as, onUnknown]);
  return live;
}

/** One question at a time; changes that come meanwhile cost one more question, not one each. */
function createRefresh(as: string, onState: (state: PlaygroundState) => void, onUnknown: () => void) {
  let isAsking = false;
  let isStale = false;
  let isStopped = false;
  async function run(): Promise<void> {
    isAsking = true;
    do {
      isStale = false;
      const state = await getState(as).catch((error: unknown) => {
        // Any other failure is followed by the event source's own reconnect, which asks again.
        if (error instanceof ControlError && !isStopped && as !== '') onUnknown();
        return null;
      });
      if (state !== null && !isStopped) onState(state);
    } while (isStale && !isStopped);
    isAsking = false;
  }
  return {
    refresh: () => {
      isStale = true;
      if (!isAsking && !isStopped) void run();
    },
    stop: () => {
      isStopped = true;
    },
  };
}

/** The time now, on the playground's clock, renewed twice a minute so that relative dates move. */
export function useClock(state: PlaygroundState | null): number {
  const offset = state === null ? 0 : state.now_ms - Date.now();
  const [, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTicks((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  return Date.now() + offset;
}
