// Runs the worker process: Temporal's worker with our activities, the relay of the outbox, and the sweep.

import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import type { Config } from '../config.ts';
import { openListener } from '../db/listen.ts';
import { openEngine } from '../engine/client.ts';
import type { Log } from '../log.ts';
import { relay } from '../service/relay.ts';
import { type SweepCursor, sweep } from '../service/sweep.ts';
import { createMessenger } from './messenger.ts';
import { openProbe } from './probe.ts';
import { databaseUrl, openRecords, type Running, temporalAddress } from './wiring.ts';

const BUNDLE = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** What runs at a stop gets this long; the default of zero would cancel it at once. */
const SHUTDOWN_GRACE = '20 s';
const SHUTDOWN_FORCE = '25 s';
/** Runs kept in memory: those decided within minutes. The rest is replayed from at most some thirty events. */
const CACHED_WORKFLOWS_MAX = 500;
/** The remedy for lost nudges is not urgent: the sweep looks at what is half a minute late. */
const SWEEP_MS = 15_000;

export type WorkerOptions = { readonly bundle: string; readonly cached_workflows_max: number };

/** Starts the worker; `stop` finishes what is under way. */
export async function runWorker(
  config: Config,
  log: Log,
  options: WorkerOptions = { bundle: BUNDLE, cached_workflows_max: CACHED_WORKFLOWS_MAX },
): Promise<Running> {
  const { database, records } = await openRecords(config, 'worker', log);
  const onError = (error: unknown) => log.warn('worker part failed, will try again', { err: error });
  const listener = openListener({ url: databaseUrl(config), onError });
  const connection = await NativeConnection.connect({ address: temporalAddress(config) });
  const engine = openEngine({
    address: temporalAddress(config),
    namespace: config.temporalNamespace,
    task_queue: config.temporalTaskQueue,
  });
  const worker = await Worker.create({
    connection,
    namespace: config.temporalNamespace,
    taskQueue: config.temporalTaskQueue,
    workflowBundle: { codePath: options.bundle },
    activities: createActivities({ ...records, messenger: createMessenger(config) }),
    maxCachedWorkflows: options.cached_workflows_max,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
  });
  const stopping = new AbortController();
  const { start, nudge } = engine;
  const { listTenants } = database;
  const relayDeps = { ...records, listTenants, start, nudge, onOutbox: listener.onOutbox, onError };
  const loops = [relay(relayDeps, stopping.signal), sweepOften({ ...records, listTenants }, stopping.signal, onError)];
  const ran = worker.run();
  const probe = await openProbe(
    config,
    log,
    async () => worker.getState() === 'RUNNING' && database.ping().then(() => true),
  );
  const stop = async () => {
    stopping.abort();
    await Promise.all(loops);
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await ran;
    await probe?.close();
    await engine.close();
    await connection.close();
    await listener.close();
    await database.close();
  };
  // A worker that fails by itself must not leave a process that looks alive: the supervisor starts a new one.
  ran.catch((error: unknown) => {
    log.fatal('worker failed', { err: error });
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  });
  return { stop };
}

/** Temporal's own log goes through ours; installed once per process, before anything else of Temporal is used. */
export function installRuntime(log: Log): void {
  const logger = new DefaultLogger('WARN', ({ level, message }) => {
    const say = level === 'ERROR' ? log.error : log.warn;
    say(message, { component: 'temporal' });
  });
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } } } });
}

async function sweepOften(
  deps: Parameters<typeof sweep>[0],
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const cursor: SweepCursor = new Map();
  while (!signal.aborted) {
    await sweep(deps, cursor).catch(onError);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SWEEP_MS);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
