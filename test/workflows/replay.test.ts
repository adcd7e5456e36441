// The workflow of today takes the same steps over every recorded run: a change that would break runs under way fails here.
// Needs no server. Record those of the last version anew after a wanted change: PLACET_TEST_RECORD=1 npm test -- test/workflows.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { RUN_VERSION } from '../../src/domain/work/workflow.ts';
import { workflowBundlePath } from '../support/stack.ts';
import { HISTORIES, quietRuntime } from '../support/temporal.ts';

const BRANCHES = [
  'approved-by-two',
  'approved-without-credential',
  'begun-anew',
  'cancelled',
  'denied',
  'expired-while-slack-was-away',
  'expired',
  'late-result',
  'lease-expired',
  'never-claimed',
  'no-such-request',
  'nudged-without-news',
  'postgres-was-away',
  'ran',
  'two-channels',
];

const runtime = quietRuntime();
afterAll(() => runtime.close());

/** Runs of every version that may still be under way, each with all branches. */
const VERSIONS = ['1', String(RUN_VERSION)];
/** Branches that came with a version. */
const OWN_BRANCHES: Readonly<Record<string, readonly string[]>> = { 2: ['posted-before-it-began'] };
const branchesOf = (version: string) => [...BRANCHES, ...(OWN_BRANCHES[version] ?? [])];
const RUNS = VERSIONS.flatMap((version) => branchesOf(version).map((name) => `${version}/${name}`));

const read = (name: string): { events: Record<string, unknown>[] } =>
  JSON.parse(readFileSync(`${HISTORIES}${name}.json`, 'utf8'));

test('every branch of the workflow has a recorded run of each version', () => {
  expect(readdirSync(HISTORIES).sort()).toEqual(VERSIONS);
  for (const version of VERSIONS) {
    const recorded = readdirSync(`${HISTORIES}${version}`).filter((name) => name.endsWith('.json'));
    expect(recorded.sort()).toEqual(
      branchesOf(version)
        .map((name) => `${name}.json`)
        .sort(),
    );
  }
});

test('each run says its own version, which is what tells the names in its history', () => {
  for (const run of RUNS) {
    const { events } = read(run);
    const started = events[0]?.['workflowExecutionStartedEventAttributes'] as {
      input: { payloads: { data: string }[] };
    };
    const [{ data = '' } = {}] = started.input.payloads;
    const { version = 1 } = JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as { version?: number };
    expect([run, String(version)]).toEqual([run, run.slice(0, run.indexOf('/'))]);
  }
});

test('each recorded run is replayed without a difference', async () => {
  const histories = RUNS.map((name) => ({ workflowId: name, history: read(name) }));
  const options = { workflowBundle: { codePath: workflowBundlePath() } };
  const replayed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    expect([workflowId, error]).toEqual([workflowId, undefined]);
    replayed.push(workflowId);
  }
  expect(replayed.sort()).toEqual([...RUNS].sort());
});

test('a run that took another step than the workflow does is noticed', async () => {
  const history = read(`${RUN_VERSION}/expired-while-slack-was-away`);
  const scheduled = history.events.find(({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
  const attributes = scheduled?.['activityTaskScheduledEventAttributes'] as { activityType: { name: string } };
  attributes.activityType.name = 'mintCredential';
  const options = { workflowBundle: { codePath: workflowBundlePath() } };
  await expect(Worker.runReplayHistory(options, history, 'changed')).rejects.toThrow(/nondeterminism|match/i);
});

test('recorded runs hold ids and codes only: no content, no machine (INV-8)', () => {
  for (const name of RUNS) {
    const { events } = read(name);
    const text = JSON.stringify(events);
    const payloads = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    expect(text).toContain('sdkMetadata');
    for (const each of [text, ...payloads]) {
      expect(each).not.toMatch(/canary|EUR|refund|example\.com/);
      // The SDK's own identity would be the process at its machine's name.
      expect(each).not.toMatch(/\d+@/);
      expect(each).not.toContain(process.cwd());
    }
    expect(payloads.length).toBeGreaterThan(0);
  }
});
