// Thousands of nudges at one run, which whoever may write to Temporal can send: the worker stands, and the run goes on.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { NUDGE_SIGNAL } from '../../src/domain/work/workflow.ts';
import { workerOptions } from '../../src/process/worker.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger } from '../support/fake-messenger.ts';
import { isLong } from '../support/long.ts';
import { temporalAddress, workflowBundlePath } from '../support/stack.ts';
import { openTestTemporal, quietRuntime, type TestTemporal } from '../support/temporal.ts';
import { until } from '../support/wait.ts';

/** More than after which Temporal suggests another run (4,096 events), less than it takes for one. */
const NUDGES = isLong ? 6_000 : 4_500;
const AT_ONCE = 32;
/** Sending them takes half a minute on a busy machine. */
const FLOOD_MS_MAX = 240_000;

const runtime = quietRuntime();
let database: TestDatabase;
let world: World;
let temporal: TestTemporal;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ credential: null })]));
  temporal = await openTestTemporal(database);
});
afterAll(async () => {
  await temporal.close();
  await database.drop();
  await runtime.close();
});

async function flood(request_id: string, count: number): Promise<void> {
  let left = count;
  const send = async () => {
    while (left > 0) {
      left -= 1;
      await temporal.handle(request_id).signal(NUDGE_SIGNAL);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
}

test(
  'nudges that piled up while no worker ran, and more while one does, leave one card and a short history',
  async () => {
    const slack = createFakeMessenger();
    const request = await submit(world.deps, world.caller, makeSubmission());
    await temporal.tell();
    await flood(request.id, NUDGES / 2);
    // All of them are one workflow task.
    await temporal.startWorker(slack);
    await flood(request.id, NUDGES / 2);
    await slack.until((sent) => sent.some(({ kind }) => kind === 'card'));
    await until(async () => (await temporal.handle(request.id).describe()).historyLength < NUDGES / 2);
    await decide(world.deps, makeClick(request, 'ann'));
    await temporal.tell();
    await temporal.handle(request.id).result();
    expect(slack.textsOf('card')).toHaveLength(1);
    expect(slack.textsOf('update').at(-1)).toContain('Approved by');
  },
  FLOOD_MS_MAX,
);

test('a workflow that takes its time is not cut off at five seconds, which would end the process', async () => {
  const connection = await NativeConnection.connect({ address: temporalAddress() });
  const parts = { connection, namespace: 'default', task_queue: 'cut-off', bundle: workflowBundlePath() };
  const worker = await Worker.create(workerOptions({ ...parts, activities: {} as never }));
  expect(worker.options.isolateExecutionTimeoutMs).toBe(60_000);
  const ran = worker.run();
  worker.shutdown();
  await ran;
  await connection.close();
});

test('the sandbox of the workflows takes no stack traces', async () => {
  const request = await submit(world.deps, world.caller, makeSubmission());
  await temporal.tell();
  const stack = await temporal.handle(request.id).query<string>('__stack_trace');
  expect(stack).toMatch(/^Error\s*$/);
});
