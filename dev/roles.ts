// Runs Placet's own processes for development: api, worker and slack, each from the built program, supervised.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { roleCommand } from '../src/process/role-command.ts';
import { type Supervised, supervise } from '../src/process/supervise.ts';
import { followOutput, openLog } from './log-lines.ts';

/** One process: its role and the settings that only it gets. */
export type Role = {
  readonly name: 'api' | 'worker' | 'slack';
  readonly environment: Readonly<Record<string, string>>;
  /** Answers 200 once the role serves. */
  readonly ready_url: string;
};

export type RolesOptions = {
  readonly roles: readonly Role[];
  readonly program: string;
  /** What every role gets. */
  readonly environment: NodeJS.ProcessEnv;
  readonly logs: string;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly onPid: (pid: number) => void;
};

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

async function waitUntilReady({ name, ready_url }: Role, signal: AbortSignal, logs: string): Promise<void> {
  for (const end = Date.now() + READY_MS_MAX; Date.now() < end; await sleep(POLL_MS)) {
    signal.throwIfAborted();
    if (await isReady(ready_url)) return;
  }
  throw new Error(`The ${name} process did not become ready; see ${join(logs, `${name}.log`)}`);
}

/**
 * Starts the roles; `ready` resolves when each answers that it serves. One that ends by itself before that has said why,
 * and would say it again: then `ready` rejects with its words. Later such an end is answered by another start.
 */
export function startRoles(options: RolesOptions): { ready: Promise<void>; stop(): Promise<void> } {
  const { note } = options;
  const logs = new Map(
    options.roles.map(({ name }) => [name as string, openLog(join(options.logs, `${name}.log`), note)]),
  );
  const outputs = new Map<string, { readonly lines: string[]; readonly all: Promise<unknown> }>();
  const refusal = new AbortController();
  let areReady = false;
  const supervisor = supervise(toItems(options), {
    onStart: (name, child) => {
      options.onPid(child.pid);
      const log = logs.get(name);
      if (log === undefined) return;
      const lines: string[] = [];
      const say = (line: string) => (areReady ? options.note(`  [${name}] ${line}`) : void lines.push(line));
      const { stdout, stderr } = child.process;
      const follow = { role: name, log, show: options.note, say };
      outputs.set(name, { lines, all: Promise.all([followOutput(stdout, follow), followOutput(stderr, follow)]) });
    },
    onEnd: (name, result, restartMs) => {
      if (areReady || typeof result === 'string')
        return options.note(`  [${name}] ended with ${result}; starting it again in ${restartMs} ms`);
      const { lines = [], all } = outputs.get(name) ?? {};
      const words = () => [`The ${name} process did not start.`, ...lines].join('\n');
      void Promise.resolve(all).then(() => refusal.abort(new Error(words())));
    },
  });
  const signal = AbortSignal.any([options.signal, refusal.signal]);
  const ready = Promise.all(options.roles.map((role) => waitUntilReady(role, signal, options.logs))).then(() => {
    areReady = true;
  });
  const stop = async () => {
    await supervisor.stop();
    for (const log of logs.values()) log.end();
  };
  return { ready, stop };
}

function toItems({ roles, program, environment }: RolesOptions): Supervised[] {
  return roles.map(({ name, environment: own }) => ({
    name,
    options: {
      ...roleCommand(program, name),
      env: { ...environment, ...own },
    },
  }));
}
