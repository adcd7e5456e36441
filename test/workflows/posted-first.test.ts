// A run whose card the outbox has posted, on a real Temporal server and real rows.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { APPROVAL_WORKFLOW, RUN_VERSION } from '../../src/domain/work/workflow.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { tieAccount } from '../../src/service/clock/behind.ts';
import { postFirst } from '../../src/slack/send/reconcile.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, TEAM, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger, UNDELIVERABLE } from '../support/fake-messenger.ts';
import {
  eventTypes,
  inputOf,
  keepHistory,
  openTestTemporal,
  quietRuntime,
  type TestTemporal,
} from '../support/temporal.ts';
import { until } from '../support/wait.ts';

const runtime = quietRuntime();
let database: TestDatabase;
let world: World;
let temporal: TestTemporal;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ credential: null })]));
  // Whoever is behind the request is known: there is nobody to be looked up first.
  const account = { provider: 'slack', subject: `${TEAM}/U0OLGA` } as const;
  await tieAccount(world.service, { tenant_id: TENANT, address: 'olga@example.com', account });
  temporal = await openTestTemporal(database);
});
afterAll(async () => {
  await temporal.close();
  await database.drop();
  await runtime.close();
});

test('a run whose card was posted before it began waits at once, and looks at its first nudge', async () => {
  const request = await submit(world.deps, world.caller, makeSubmission());
  const slack = createFakeMessenger();
  await temporal.startWorker(slack);
  const delivering = { ...world.service, messenger: slack, undeliverable: UNDELIVERABLE, onRefused: () => undefined };
  const wake_at_ms = await postFirst(delivering, inputOf(request.id), () => undefined);
  const args = [{ ...inputOf(request.id), version: RUN_VERSION, wake_at_ms }];
  const { task_queue: taskQueue, client } = temporal;
  const handle = temporal.handle(request.id);
  await client.workflow.start(APPROVAL_WORKFLOW, { taskQueue, workflowId: handle.workflowId, args });
  await until(async () => (await eventTypes(handle)).at(-1) === 'TIMER_STARTED', { what: 'the run waits' });
  // Nothing was asked of the database for it: no local activity has left a marker.
  expect(await eventTypes(handle)).not.toContain('MARKER_RECORDED');
  expect((await decide(world.deps, makeClick(request, 'ann'))).kind).toBe('counted');
  await temporal.tell();
  await handle.result();
  await keepHistory('posted-before-it-began', handle);
  expect(slack.textsOf('card')).toHaveLength(1);
  expect(slack.textsOf('update').at(-1)).toContain('Approved by');
});
