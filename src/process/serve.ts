// `placet serve`: one role in this process, or all of them as supervised child processes. Ends on a signal.

import { getPriority, setPriority } from 'node:os';
import { createLog, type Log } from '../observe/log.ts';
import { type Config, processEnvironment, settingsFault } from './config.ts';
import { BACKGROUND_NICENESS, roleCommand, saveMemory } from './role-command.ts';
import { supervise } from './supervise.ts';
import type { Running } from './wiring.ts';

export type Role = 'api' | 'slack' | 'worker' | 'all';

type Run = (config: Config, log: Log) => Promise<Running>;

/** A role loads its own libraries only: those of the others weigh more than its work. */
const RUN: Readonly<Record<Exclude<Role, 'all'>, Run>> = {
  api: async (config, log) => (await import('./api.ts')).runApi(config, log),
  slack: async (config, log) => (await import('./slack.ts')).runSlack(config, log),
  worker: async (config, log) => {
    // Before a thread of its own is made: on Linux each thread has its own, taken over from the one that made it.
    setPriority(Math.max(getPriority(), BACKGROUND_NICENESS));
    const { installRuntime, runWorker } = await import('./worker.ts');
    installRuntime(log);
    return runWorker(config, log);
  },
};

/** Doors last to start and first to stop. */
const ROLES_IN_ORDER = ['worker', 'api', 'slack'] as const;

/** Runs until SIGINT or SIGTERM; resolves once everything has stopped. */
export async function serve(config: Config, role: Role, program: string): Promise<void> {
  // "all" is no role of its own: each of its lines names the process that it is about, once.
  const log = createLog({ level: config.log_level, ...(role === 'all' ? {} : { role }) });
  if (role !== 'all') saveMemory();
  if (role === 'all' && config.metrics_port !== undefined) {
    throw settingsFault(['PLACET_METRICS_PORT is one port for one role: unset it, or start each role by itself']);
  }
  const running = role === 'all' ? runAll(log, program) : await RUN[role](config, log);
  log.info('started');
  await untilSignal();
  await running.stop();
  log.info('stopped');
}

/** Longer than any role takes to finish what is under way: the worker's activities have 25 s, then its parts close. */
const STOP_SECONDS_MAX = 40;

/** A role that crashes is started again and takes no other with it: Slack's client may end its process. */
function runAll(log: Log, program: string): Running {
  const items = ROLES_IN_ORDER.map((name) => ({
    name,
    options: {
      ...roleCommand(program, name),
      env: processEnvironment(),
      output: 'inherit' as const,
      grace_seconds: STOP_SECONDS_MAX,
    },
  }));
  return supervise(items, {
    onStart: (name, { pid }) => log.info('role started', { role: name, pid }),
    onEnd: (name, result, restart_ms) => log.error('role ended', { role: name, result: String(result), restart_ms }),
  });
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
