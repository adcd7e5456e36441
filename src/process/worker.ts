// Runs the worker process: Temporal's worker with our activities, the relay of the outbox, and the sweep.

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Activities, type ActivityDeps, createActivities } from '../../activities/index.ts';
import { analyzeOften } from '../delivery/analyze.ts';
import { relay } from '../delivery/relay.ts';
import { type SweepCursor, type SweepDeps, sweep } from '../delivery/sweep.ts';
import { openTemporal, type TemporalAddress } from '../delivery/temporal.ts';
import type { ApprovalInput } from '../domain/work/workflow.ts';
import type { Log } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { lookAtReach, newReachSeen, type ReachDeps } from '../service/clock/reach.ts';
import { createMessenger } from '../slack/send/messenger.ts';
import { postFirst } from '../slack/send/reconcile.ts';
import { keepLog } from './audit-log.ts';
import type { Config } from './config.ts';
import { askSourcesOf } from './member-sources.ts';
import { openProbe } from './probe.ts';
import { temporalConnection } from './temporal-connection.ts';
import { assertReachable, namespaceFault, temporalFault } from './temporal-fault.ts';
import { openNotifications, openService, type Running } from './wiring.ts';

const BUNDLE = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** What runs at a stop gets this long; the default of zero would cancel it at once. */
const SHUTDOWN_GRACE = '20 s';
const SHUTDOWN_FORCE = '25 s';
/**
 * Runs kept in memory: those decided within minutes. The rest is replayed from at most some thirty events. One weighs a quarter
 * of a megabyte, so that these add 75 MB, however many requests are open.
 */
const CACHED_WORKFLOWS_MAX = 300;
/** After a worker was killed its runs are handed to another one this soon; a worker that lives answers in milliseconds. */
const STICKY_TIMEOUT = '5 s';
/**
 * How long a workflow may run without a pause before the SDK cuts it off. Its own five seconds are too short for a run
 * that was nudged thousands of times (Temporal takes 10,000) on a busy machine, and the cut ends the whole process: Node
 * calls its async hook stack corrupted. Then the next start meets the same run again.
 */
const WORKFLOW_CUT_OFF = '60 s';
/** The remedy for what was lost is not urgent; while the first walk over the open requests lasts it goes faster. */
const SWEEP_MS = 30_000;
const FIRST_SWEEP_MS = 5_000;
/** Whether those who are asked can still decide is looked at so often: sources are asked, and Slack takes few such questions. */
const REACH_MS = 60_000;

/** How Temporal's worker is set up, here and in the tests. Worker versioning is off: `patched` serves the rare change. */
export function workerOptions(parts: {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly task_queue: string;
  readonly bundle: string;
  readonly activities: Activities;
}): WorkerOptions & { readonly isolateExecutionTimeout: string } {
  return {
    connection: parts.connection,
    namespace: parts.namespace,
    taskQueue: parts.task_queue,
    workflowBundle: { codePath: parts.bundle },
    activities: parts.activities,
    maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
    workflowTaskPollerBehavior: { type: 'autoscaling' },
    activityTaskPollerBehavior: { type: 'autoscaling' },
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    // Not among the documented options; a test sees that the SDK takes it.
    isolateExecutionTimeout: WORKFLOW_CUT_OFF,
  };
}

/** For tests that run from source, or without a cache. */
export type RunOptions = { readonly bundle?: string; readonly cached_workflows_max?: number };

/** Starts the worker; `stop` finishes what is under way. */
export async function runWorker(config: Config, log: Log, options: RunOptions = {}): Promise<Running> {
  const { database, service } = await openService(config, 'worker', log);
  const onError = (err: unknown, count = 0) => log.warn('worker part failed, will try again', { err, count });
  const listener = openNotifications(config, log);
  const { temporal_namespace: namespace, temporal_task_queue: task_queue } = config;
  const place = { ...(await temporalConnection(config)), namespace };
  const connection = await connectNative(place);
  const temporal = openTemporal({ ...place, task_queue });
  const delivering: ActivityDeps = {
    ...service,
    messenger: createMessenger({
      token: config.slack.kind === 'none' ? '' : config.slack.bot_token,
      api_url: config.slack_api_url,
    }),
    onError: (err, where) => log.warn('activity failed', { err, ...where }),
    undeliverable: {
      after_seconds: config.undeliverable_after_seconds,
      admin_channel: config.admin_channel ?? null,
    },
    onRefused: (refused) => log.error('slack refuses a message', refused),
  };
  const activities = createActivities(delivering);
  const post = (input: ApprovalInput) =>
    postFirst(delivering, input, (error) =>
      delivering.onError(error, { operation: 'post', request_id: input.request_id }),
    );
  const { bundle = BUNDLE, cached_workflows_max = CACHED_WORKFLOWS_MAX } = options;
  const worker = await Worker.create({
    ...workerOptions({ connection, namespace, task_queue, bundle, activities }),
    maxCachedWorkflows: cached_workflows_max,
  }).catch((error: unknown) => {
    throw namespaceFault(error, place);
  });
  const stopping = new AbortController();
  const { start, nudge } = temporal;
  const { tenant: tenant_id } = config;
  const onOutbox = (ring: () => void) => listener.onOutbox(tenant_id, ring);
  const relayDeps = { ...service, tenant_id, post, start, nudge, onOutbox, onError };
  const reachDeps = {
    ...service,
    tenant_id,
    admin_channel: config.admin_channel ?? null,
    askSources: askSourcesOf(config, service),
  };
  const sweepDeps = { ...service, tenant_id, advance: activities.advance };
  const loops = [
    relay(relayDeps, stopping.signal),
    sweepOften(sweepDeps, stopping.signal, onError),
    keepLog(config, service, log, stopping.signal),
    analyzeOften({ ...service, tenant_id, onError }, stopping.signal),
    lookAtReachOften(reachDeps, stopping.signal, onError),
  ];
  const ran = worker.run();
  const isReady = async () => worker.getState() === 'RUNNING' && database.requireWritable().then(() => true);
  const probe = await openProbe(config, log, { metrics: createMetrics(), isReady });
  const stop = async () => {
    stopping.abort();
    await Promise.all(loops);
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await ran.catch(() => undefined);
    await probe?.close();
    await temporal.close();
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

/** The native client tries for ever at a server that is silent, so one look goes first. */
async function connectNative(place: TemporalAddress & { readonly namespace: string }): Promise<NativeConnection> {
  await assertReachable(place);
  const { namespace: _, ...address } = place;
  return NativeConnection.connect(address).catch(async (error: unknown) => {
    throw await temporalFault(error, place);
  });
}

/** Temporal's own log goes through ours; installed once per process, before anything else of Temporal is used. */
export function installRuntime(log: Log): void {
  const logger = new DefaultLogger('WARN', ({ level, message }) => {
    const write = level === 'ERROR' ? log.error : log.warn;
    write(message, { component: 'temporal' });
  });
  // Signals are ours: the loops stop before the worker does.
  Runtime.install({
    shutdownSignals: [],
    logger,
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } } },
  });
}

async function lookAtReachOften(
  deps: ReachDeps,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const seen = newReachSeen();
  while (!signal.aborted) {
    await lookAtReach(deps, seen).catch(onError);
    await pause(REACH_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function sweepOften(deps: SweepDeps, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
  const cursor: SweepCursor = { after: null };
  for (let hasWalked = false; !signal.aborted; ) {
    try {
      const { isWhole } = await sweep(deps, cursor);
      hasWalked ||= isWhole;
    } catch (error) {
      onError(error);
    }
    await pause(hasWalked ? SWEEP_MS : FIRST_SWEEP_MS, undefined, { signal }).catch(() => undefined);
  }
}
