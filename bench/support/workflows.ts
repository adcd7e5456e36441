// Waits until Temporal has closed every workflow of a task queue. Its count lags a moment behind, so it is asked often.

import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

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
