// The floor of a cycle: bare Temporal that starts a workflow, signals it, does one local activity and ends it.

import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import type { Activities } from '../../activities/index.ts';
import { workerOptions } from '../../src/process/worker.ts';
import { CONNECTIONS } from '../sizes.ts';
import { rateOf } from '../support/measure.ts';
import { allClosed, quietRuntime } from '../support/workflows.ts';

const WORKFLOWS = fileURLToPath(new URL('../../../bench/floors/temporal-workflow.ts', import.meta.url));
const TASK_QUEUE = 'bench-floor';

export type TemporalFloor = {
  /** So many workflows, until all of them are closed; workflows a second. */
  readonly run: (count: number) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Opens a worker and a client in this process, set up as Placet's own. */
export async function openTemporalFloor(address: string): Promise<TemporalFloor> {
  quietRuntime();
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS });
  const native = await NativeConnection.connect({ address });
  const parts = { connection: native, namespace: 'default', task_queue: TASK_QUEUE, bundle: '' };
  const activities = { note: async () => undefined } as unknown as Activities;
  const worker = await Worker.create({ ...workerOptions({ ...parts, activities }), workflowBundle: { code } });
  const running = worker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace: 'default' });
  let started = 0;
  return {
    run: async (count) => {
      const begun = performance.now();
      await rateOf(count, CONNECTIONS, async () => {
        started += 1;
        const options = { taskQueue: TASK_QUEUE, workflowId: `bench-floor-${started}`, args: [] };
        const handle = await client.workflow.start('bare', options);
        await handle.signal('decided');
      });
      await allClosed(client, TASK_QUEUE);
      return (count / (performance.now() - begun)) * 1_000;
    },
    close: async () => {
      worker.shutdown();
      await running;
      await native.close();
      await connection.close();
    },
  };
}
