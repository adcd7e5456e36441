// Runs Placet's own processes for development: api, worker and slack, each from the built program, supervised.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { supervise } from '../process/supervise.ts';
import { followOutput, openLog } from './log-lines.ts';

/** One process: its role and the settings that only it gets. */
export interface Role {
  readonly name: 'api' | 'worker' | 'slack';
  readonly environment: Readonly<Record<string, string>>;
  /** Answers 200 once the role serves. */
  readonly readyUrl: string;
}

export interface RolesOptions {
  readonly roles: readonly Role[];
  readonly program: string;
  /** What every role gets. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logs: string;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly onPid: (pid: number) => void;
}

/** The first start on a busy machine took six seconds. */
const READY_MS_MAX = 90_000;
const ASK_MS_MAX = 2_000;
const POLL_MS = 100;

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS_MAX) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function waitUntilReady({ name, readyUrl }: Role, options: RolesOptions): Promise<void> {
  for (const end = Date.now() + READY_MS_MAX; Date.now() < end; await sleep(POLL_MS)) {
    options.signal.throwIfAborted();
    if (await isReady(readyUrl)) return;
  }
  throw new Error(`The ${name} process did not become ready; see ${join(options.logs, `${name}.log`)}`);
}

/** Starts the roles; `ready` resolves when each answers that it serves. */
export function startRoles(options: RolesOptions): { ready: Promise<void>; stop(): Promise<void> } {
  const logs = new Map(options.roles.map(({ name }) => [name as string, openLog(join(options.logs, `${name}.log`))]));
  const items = options.roles.map(({ name, environment }) => ({
    name,
    options: {
      command: process.execPath,
      args: [options.program, 'serve', '--role', name],
      env: { ...options.environment, ...environment },
    },
  }));
  const supervisor = supervise(items, {
    onStart: (name, child) => {
      options.onPid(child.pid);
      const log = logs.get(name);
      if (log === undefined) return;
      for (const output of [child.process.stdout, child.process.stderr]) followOutput(name, output, log, options.note);
    },
    onEnd: (name, result, restartMs) =>
      options.note(`  [${name}] ended with ${result}; starting it again in ${restartMs} ms`),
  });
  const ready = Promise.all(options.roles.map((role) => waitUntilReady(role, options))).then(() => undefined);
  const stop = async (): Promise<void> => {
    await supervisor.stop();
    for (const log of logs.values()) log.end();
  };
  return { ready, stop };
}
