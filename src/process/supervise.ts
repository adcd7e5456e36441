// Keeps processes of this same program running: restarts what ends, stops all in order. Knows no role's inside.

import { setTimeout as sleep } from 'node:timers/promises';
import { type BoundChild, type BoundOptions, startBound } from './child.ts';

/** One process to keep: started in the given order, stopped in the reverse. */
export type Supervised = {
  readonly name: string;
  readonly options: BoundOptions;
};

export type SuperviseDeps = {
  /** Told about each start, with the process that may then be listened to. */
  readonly onStart: (name: string, child: BoundChild) => void;
  readonly onEnd: (name: string, result: number | NodeJS.Signals, restart_ms: number) => void;
  readonly now?: () => number;
  readonly wait?: (wait_ms: number, signal: AbortSignal) => Promise<void>;
};

/** The running group: `stop` ends every process, within each one's own grace. */
export type Supervisor = {
  readonly stop: () => Promise<void>;
};

/** A process that ended at once waits this long; each further quick end doubles it. */
export const RESTART_MS_MIN = 250;
/** A database that is away for an hour must not fill the log, nor keep us waiting long when it is back. */
export const RESTART_MS_MAX = 15_000;
/** A process that ran this long was healthy: its next end starts counting anew. */
const HEALTHY_MS_MIN = 30_000;

function waitQuietly(wait_ms: number, signal: AbortSignal): Promise<void> {
  return sleep(wait_ms, undefined, { signal }).catch(() => undefined);
}

/** Tells how long to wait before a restart: doubles with each quick end, up to a limit. */
export function restartDelay(quick_ends: number): number {
  return Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** Math.min(quick_ends, 16));
}

type State = {
  readonly stopping: AbortController;
  readonly children: Map<string, BoundChild>;
};

/** Runs a process once and tells how it ended. */
async function runOnce(item: Supervised, deps: SuperviseDeps, state: State): Promise<number | NodeJS.Signals> {
  const child = await startBound(item.options);
  state.children.set(item.name, child);
  // `stop` may have come while the process was being made, before it could be seen there.
  if (state.stopping.signal.aborted) await child.stop();
  else deps.onStart(item.name, child);
  const result = await child.ended;
  state.children.delete(item.name);
  return result;
}

async function keepRunning(item: Supervised, deps: SuperviseDeps, state: State): Promise<void> {
  const { now = Date.now, wait = waitQuietly } = deps;
  for (let quick_ends = 0; !state.stopping.signal.aborted; ) {
    const since = now();
    // A system that takes no further process is met like a process that ends at once.
    const result = await runOnce(item, deps, state).catch(() => 1);
    if (state.stopping.signal.aborted) return;
    const isQuick = now() - since < HEALTHY_MS_MIN;
    const delay = restartDelay(isQuick ? quick_ends : 0);
    quick_ends = isQuick ? quick_ends + 1 : 0;
    deps.onEnd(item.name, result, delay);
    await wait(delay, state.stopping.signal);
  }
}

/** Starts every process and keeps it running until `stop`. */
export function supervise(items: readonly Supervised[], deps: SuperviseDeps): Supervisor {
  const state: State = { stopping: new AbortController(), children: new Map() };
  const loops = items.map((item) => keepRunning(item, deps, state));
  const stop = async () => {
    state.stopping.abort();
    // The doors close before what stands behind them.
    for (const { name } of items.toReversed()) await state.children.get(name)?.stop();
    await Promise.all(loops);
  };
  return { stop };
}
