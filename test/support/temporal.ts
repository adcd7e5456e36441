// A real worker on a task queue of its own, the client that talks to it, and the histories that it leaves.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import type { Progress } from '../../dev/progress.ts';
import { startTemporal, type Temporal } from '../../dev/temporal.ts';
import { findTemporal } from '../../dev/temporal-find.ts';
import type { Transact } from '../../src/db/database.ts';
import { drain } from '../../src/delivery/relay.ts';
import { openTemporal } from '../../src/delivery/temporal.ts';
import type { UndeliverableSettings } from '../../src/domain/work/pending-work.ts';
import { type ApprovalInput, RUN_VERSION, workflowId } from '../../src/domain/work/workflow.ts';
import { createLog } from '../../src/observe/log.ts';
import { newId } from '../../src/process/wiring.ts';
import { installRuntime, workerOptions } from '../../src/process/worker.ts';
import type { Messenger } from '../../src/slack/send/delivery.ts';
import { TENANT, type TestDatabase } from './database.ts';
import { UNDELIVERABLE } from './fake-messenger.ts';
import { textOf } from './leaks.ts';
import { temporalAddress, workflowBundlePath } from './stack.ts';

/** The folder of the recorded runs, by the version that they were begun with. */
export const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));
const NAMESPACE = 'default';
/** Stands in recorded histories, where a machine's name has no place. */
const IDENTITY = 'placet-test';

export type TestTemporal = {
  readonly task_queue: string;
  readonly client: Client;
  readonly address: string;
  /** Tells Temporal everything that stands in the outbox, also what may wait a little. */
  readonly tell: () => Promise<void>;
  readonly handle: (request_id: string) => WorkflowHandle;
  /** Starts one more worker on the queue. */
  readonly startWorker: (messenger: Messenger, changes?: WorkerChanges) => Promise<TestWorker>;
  readonly close: () => Promise<void>;
};

export type WorkerChanges = {
  readonly maxCachedWorkflows?: number;
  /** The workflows of another version; those of today unless given. */
  readonly workflowBundle?: { readonly code: string };
  /** A way to Postgres that may be closed. */
  readonly transact?: Transact;
  readonly undeliverable?: Partial<UndeliverableSettings>;
};

export type TestWorker = { readonly stop: () => Promise<void> };

export const inputOf = (request_id: string): ApprovalInput => ({ tenant_id: TENANT, request_id });

/** Makes Temporal's worker quiet; before anything else of it, once per test file. Its end closes what jest would wait for. */
export function quietRuntime(): { readonly close: () => Promise<void> } {
  installRuntime(createLog({ level: 'silent' }));
  return { close: () => Runtime.instance().shutdown() };
}

/** Opens a task queue of its own on the test's Temporal server, or on another one. */
export async function openTestTemporal(database: TestDatabase, address = temporalAddress()): Promise<TestTemporal> {
  const task_queue = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace: NAMESPACE, identity: IDENTITY });
  const temporal = openTemporal({ address, namespace: NAMESPACE, task_queue });
  const relayDeps = {
    transact: database.transact,
    tenant_id: TENANT,
    post: async () => null,
    start: temporal.start,
    nudge: temporal.nudge,
    onOutbox: () => undefined,
    onError: (error: unknown) => {
      throw error;
    },
  };
  const workers: TestWorker[] = [];
  return {
    task_queue,
    client,
    address,
    tell: async () => {
      await database.asSuperuser('update placet.outbox set next_attempt_at = created_at');
      while ((await drain(relayDeps)) > 0);
    },
    handle: (request_id) => client.workflow.getHandle(workflowId(inputOf(request_id))),
    startWorker: async (messenger, { transact = database.transact, undeliverable = {}, ...changes } = {}) => {
      const onError = () => undefined;
      const activities = createActivities({
        ...{ transact, newId, messenger, onError, undeliverable: { ...UNDELIVERABLE, ...undeliverable } },
        onRefused: () => undefined,
      });
      const bundle = workflowBundlePath();
      const options = workerOptions({ connection: native, namespace: NAMESPACE, task_queue, bundle, activities });
      const worker = await Worker.create({ ...options, identity: IDENTITY, shutdownGraceTime: '1 s', ...changes });
      const ran = worker.run();
      const stop = async () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await ran;
      };
      workers.push({ stop });
      return { stop };
    },
    close: async () => {
      await Promise.all(workers.map(({ stop }) => stop()));
      await temporal.close();
      await native.close();
      await connection.close();
    },
  };
}

/** Everything that Temporal holds of a run, payloads as text. */
export async function historyText(handle: WorkflowHandle): Promise<string> {
  return textOf(await handle.fetchHistory());
}

/** Names and types of the events of a run, in order. */
export async function eventTypes(handle: WorkflowHandle): Promise<string[]> {
  const json = historyToJSON(await handle.fetchHistory());
  const { events } = JSON.parse(json) as { events: { eventType: string }[] };
  return events.map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
}

/** Keeps the history as a golden one when PLACET_TEST_RECORD is 1: `npm test -- test/workflows` then writes them all. */
export async function keepHistory(name: string, handle: WorkflowHandle): Promise<void> {
  if (process.env['PLACET_TEST_RECORD'] !== '1') return;
  const json = historyToJSON(await handle.fetchHistory());
  writeFileSync(`${HISTORIES}${RUN_VERSION}/${name}.json`, `${JSON.stringify(JSON.parse(json), null, 1)}\n`);
}

/** Starts a Temporal server that a test may stop, with its state in a file of the folder. */
export async function startOwnTemporal(folder: string, name: string, port?: number): Promise<Temporal> {
  const progress: Progress = { step: (_label, work) => work(() => undefined), note: () => undefined };
  const cache = process.env['PLACET_CACHE'];
  const { path } = await findTemporal({ env: process.env, cache, progress });
  const files = { db_file: join(folder, `${name}.db`), log_file: join(folder, `${name}.log`) };
  return startTemporal({ path, ...files, ...(port === undefined ? {} : { port }) });
}
