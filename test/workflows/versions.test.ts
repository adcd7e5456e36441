// A run that a worker of the release before began is ended by one of this release, from where it stood, on a real server.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode } from '@temporalio/worker';
import { APPROVAL_WORKFLOW, workflowId } from '../../src/domain/work/workflow.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger, type FakeMessenger, SLACK_AWAY } from '../support/fake-messenger.ts';
import {
  eventTypes,
  HISTORIES,
  inputOf,
  openTestTemporal,
  quietRuntime,
  type TestTemporal,
} from '../support/temporal.ts';
import { until } from '../support/wait.ts';

const VERSION_1 = `${HISTORIES}1/workflow.js`;

const runtime = quietRuntime();
let database: TestDatabase;
let world: World;
let temporal: TestTemporal;
let slack: FakeMessenger;
/** What a worker of the release before has. */
let earlier: { readonly code: string };

beforeAll(async () => {
  const silent = () => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  earlier = await bundleWorkflowCode({ workflowsPath: VERSION_1, logger });
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ credential: null })]));
});
afterAll(async () => {
  await database.drop();
  await runtime.close();
});
afterEach(() => temporal.close());

type Stage = {
  readonly timeout_seconds: number | null;
  /** Whether Slack takes anything while the first worker runs. */
  readonly isSlackAway: boolean;
  /** True once the first worker has come so far. */
  readonly hasCome: () => Promise<void>;
  /** What happens between the two workers. */
  readonly between: (request: RequestView) => Promise<unknown>;
  readonly ends: string;
};

const posted = () => slack.until((sent) => sent.some(({ kind }) => kind === 'card'));
const by = (decision: 'approve' | 'deny') => (request: RequestView) =>
  decide(world.deps, makeClick(request, 'ann', { decision, reason: 'as the runbook says' }));

test.each<[string, Stage]>([
  [
    'that waits for people, and is decided',
    { timeout_seconds: null, isSlackAway: false, hasCome: posted, between: by('approve'), ends: 'Approved' },
  ],
  [
    'that waits for its time to be over',
    { timeout_seconds: 4, isSlackAway: false, hasCome: posted, between: async () => undefined, ends: 'Expired' },
  ],
  [
    'whose background tasks are under way, because Slack is away',
    {
      timeout_seconds: null,
      isSlackAway: true,
      // The first try is the fast path's, the second one a background task's.
      hasCome: () => slack.until((_sent, calls) => calls.filter(({ kind }) => kind === 'card').length > 1),
      between: by('deny'),
      ends: 'Denied',
    },
  ],
])('a run of version 1 %s', async (_name, { timeout_seconds, isSlackAway, hasCome, between, ends }) => {
  temporal = await openTestTemporal(database);
  slack = createFakeMessenger();
  if (isSlackAway) slack.setFault(() => SLACK_AWAY);
  const first = await temporal.startWorker(slack, { workflowBundle: earlier });
  const request = await submit(world.deps, world.caller, makeSubmission({ timeout_seconds }));
  const input = inputOf(request.id);
  // As the release before starts it: no version stands in its input.
  const options = { taskQueue: temporal.task_queue, workflowId: workflowId(input), args: [input] };
  await temporal.client.workflow.start(APPROVAL_WORKFLOW, options);
  await hasCome();
  await first.stop();
  slack.setFault(null);
  await between(request);
  await temporal.tell();
  await temporal.startWorker(slack);
  const handle = temporal.handle(request.id);
  const status = async () => (await handle.describe()).status.name;
  const hasStumbled = async () => (await eventTypes(handle)).includes('WORKFLOW_TASK_FAILED');
  // A task that the new worker cannot do would be tried for ever: it is told at once, not by a test that takes too long.
  await until(async () => (await hasStumbled()) || (await status()) !== 'RUNNING', { what: 'the end of the run' });
  expect([await hasStumbled(), await status()]).toEqual([false, 'COMPLETED']);
  // Every message stands once, and says how it ended.
  const cards = slack.sent.filter(({ kind }) => kind === 'card');
  expect(cards).toHaveLength(1);
  expect(slack.shows(cards[0]?.ts ?? '')).toContain(ends);
  expect(slack.textsOf('dm')).toEqual([expect.stringContaining(ends)]);
  // Both workers took its steps, and its own names stand in its history to the end.
  const { events } = JSON.parse(historyToJSON(await handle.fetchHistory())) as { events: Record<string, unknown>[] };
  const text = JSON.stringify(events);
  const workers = new Set([...text.matchAll(/"buildId":"([^"]+)"/g)].map(([, id]) => id));
  expect(workers.size).toBe(2);
  const names = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)]
    .map(([, data = '']) => Buffer.from(data, 'base64').toString('utf8'))
    .flatMap((payload) => /"activity_type":"(\w+)"/.exec(payload)?.[1] ?? []);
  expect(names).toContain('tend');
  expect(names.filter((name) => !['tend', 'look'].includes(name))).toEqual([]);
});
