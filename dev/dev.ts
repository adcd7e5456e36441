// `placet dev`: one run of everything in a folder, until it is told to stop. Leaves no process behind, however it ends.

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeFaults, processEnvironment, readConfig } from '../src/process/config.ts';
import { nameProcess } from '../src/process/pid.ts';
import { clearDataFolder, type DataFolder, openDataFolder, readRunFile, writeRunFile } from './data-folder.ts';
import { tellFullDisks } from './disk-space.ts';
import { describeFault } from './fault.ts';
import { endLeftovers } from './leftovers.ts';
import { type Lock, takeLock } from './lock.ts';
import { createProgress, type Progress } from './progress.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';
import { onStopSignals } from './stop-signals.ts';
import { describeRun } from './welcome.ts';

export type DevOptions = {
  /** The folder whose `.placet/` keeps the data. */
  readonly root: string;
  /** Forgets the data of earlier runs first. */
  readonly fresh: boolean;
  readonly progress?: Progress;
  /** The built program that every role runs: this one, but in tests. */
  readonly program?: string;
};

const ownProgram = fileURLToPath(new URL('../src/main.js', import.meta.url));

/** A run whose npm was killed notices it within a quarter of a second, then it needs a moment to end. */
const LOCK_PATIENCE_MS_MAX = 1_000;
const STOPPING_PATIENCE_MS_MAX = 30_000;
const POLL_MS = 100;

/** Takes the folder's lock; waits for a run that is just ending, not for one that goes on. */
async function lockFolder(data: DataFolder, root: string): Promise<Lock | undefined> {
  const since = Date.now();
  for (;;) {
    const result = takeLock(data.lock);
    if (result.kind === 'held') return result.lock;
    const isStopping = readRunFile(root)?.state === 'stopping';
    if (Date.now() - since > (isStopping ? STOPPING_PATIENCE_MS_MAX : LOCK_PATIENCE_MS_MAX)) return undefined;
    await sleep(POLL_MS);
  }
}

function describeOther(root: string): string {
  const run = readRunFile(root);
  const address = run?.page_url ?? run?.api_url;
  const where = address === undefined ? 'It is still starting.' : `It is at ${address}`;
  const how = run === undefined ? 'Stop it first.' : `Stop it with Ctrl-C in its terminal, or: kill ${run.pid}`;
  return `Placet already runs in this folder. ${where}\n${how}`;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    // A timer keeps the process alive: nothing else has to.
    const alive = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(alive);
      resolve();
    });
  });
}

async function runLocked(options: StackOptions, serve: (stack: Stack) => Promise<void>): Promise<void> {
  const { data, progress } = options;
  const me = nameProcess(process.pid);
  writeRunFile(data, { state: 'starting', environment: {} }, me);
  options.signal.addEventListener('abort', () => {
    // The next start in this folder then waits for our end instead of telling where we are.
    writeRunFile(data, { state: 'stopping', environment: {} }, me);
  });
  const stack = await startStack(options);
  const { page_url, api_url, environment } = stack;
  const about = { api_url, environment, ...(page_url === undefined ? {} : { page_url }) };
  try {
    if (!options.signal.aborted) writeRunFile(data, { state: 'running', ...about }, me);
    await serve(stack);
  } finally {
    await progress.step('Stopping', stack.stop);
  }
}

/** Runs everything until a stop signal; resolves to the exit code. */
export async function runDev(options: DevOptions): Promise<number> {
  const { root, fresh, progress = createProgress(), program = ownProgram } = options;
  const environment = processEnvironment();
  const result = readConfig(environment);
  if (result.kind === 'invalid') {
    progress.note(describeFaults(result.faults));
    return 1;
  }
  const { signal, release } = onStopSignals();
  let lock: Lock | undefined;
  try {
    const data = openDataFolder(root);
    lock = await lockFolder(data, root);
    if (lock === undefined) {
      progress.note(describeOther(root));
      return 1;
    }
    if (fresh) {
      await endLeftovers(data.pids_file);
      clearDataFolder(data);
    }
    const watched = tellFullDisks(progress, [data.folder, data.postgres, data.temporal, data.logs]);
    await runLocked(
      {
        data,
        config: result.config,
        environment,
        progress: watched,
        signal,
        program,
        has_parties: program === ownProgram,
      },
      async (stack) => {
        progress.note(describeRun(stack));
        await untilAborted(signal);
      },
    );
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    progress.note(`\n${describeFault(error, root)}`);
    return 1;
  } finally {
    lock?.release();
    release();
  }
}
