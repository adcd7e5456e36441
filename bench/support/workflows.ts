// What Temporal says of the runs of a task queue. Its lists lag a moment behind, so they are asked often.

import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { createLog } from '../../src/observe/log.ts';
import { installRuntime } from '../../src/process/worker.ts';

const POLL_MS = 100;
const CLOSED_MS_MAX = 600_000;

/** Resolves once none runs; `isOver` says that no further one will be started. */
export async function allClosed(client: Client, taskQueue: string, isOver = async () => true): Promise<void> {
  const query = `TaskQueue = '${taskQueue}' and ExecutionStatus = 'Running'`;
  for (const end = Date.now() + CLOSED_MS_MAX; Date.now() < end; await pause(POLL_MS)) {
    if (!(await isOver())) continue;
    if ((await client.workflow.count(query)).count === 0) return;
  }
  throw new Error(`workflows of ${taskQueue} still run`);
}

/** Events of the histories of a task queue, on average; counted once all are closed. */
export async function eventsEach(client: Client, taskQueue: string): Promise<number> {
  const lengths: number[] = [];
  for await (const { historyLength } of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` }))
    lengths.push(historyLength);
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

/** Resolves once the run has set its timer and waits: all that it did before is done. */
export async function isWaiting(handle: WorkflowHandle): Promise<void> {
  for (const end = Date.now() + CLOSED_MS_MAX; Date.now() < end; await pause(POLL_MS)) {
    const { events } = await handle.fetchHistory().catch(() => ({ events: null }));
    if (events?.at(-1)?.timerStartedEventAttributes) return;
  }
  throw new Error(`${handle.workflowId} does not wait`);
}

/** Resolves once the run has ended; how many events its history has. */
export async function endOf(handle: WorkflowHandle): Promise<number> {
  await handle.result();
  return (await handle.fetchHistory()).events?.length ?? 0;
}

let isRuntimeInstalled = false;

/** Makes Temporal's worker in this process quiet, once. */
export function quietRuntime(): void {
  if (!isRuntimeInstalled) installRuntime(createLog({ level: 'error', role: 'bench' }));
  isRuntimeInstalled = true;
}
