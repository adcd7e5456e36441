// kill -9 of an agent of each framework at each point of a tool call, and its job started again: one request, at most one run,
// and the truth about it. The suite kills once at each point, the long run ten times.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { createEmptyDatabase, type EmptyDatabase } from '../../test/support/database.ts';
import { isLong } from '../../test/support/long.ts';
import { newFolder, runScript } from '../../test/support/processes.ts';
import { findPythonPackage, type PythonPackage } from '../../test/support/python-package.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { START_MS_MAX, startPlacet, type TestPlacet, violations } from './placet.ts';

const KILLS = Number(process.env['PLACET_TEST_KILLS'] ?? (isLong ? 10 : 1));
const PYTHON = 'LangChain, in Python';
/** Eight starts of Node with a framework to load, on a machine that may be busy with other tests. */
const TEST_MS_MAX = 120_000 + KILLS * 120_000;
/** Node runs either, and dies as the agent has died. */
const AGENTS = {
  node: "await import(process.cwd() + '/adapters/test/killed.mjs')",
  python: `const { spawnSync } = await import('node:child_process');
    const { signal } = spawnSync(process.env.PYTHON, ['adapters/test/killed.py'], { stdio: 'inherit' });
    if (signal) process.kill(process.pid, signal);`,
};

let placet: TestPlacet;
let threads: EmptyDatabase;
let python: PythonPackage;
beforeAll(async () => {
  [placet, threads, python] = await Promise.all([startPlacet(), createEmptyDatabase(), findPythonPackage()]);
  // Two that make its tables at the same time get in each other's way.
  const saver = PostgresSaver.fromConnString(threads.owner_url);
  await saver.setup();
  await saver.end();
}, START_MS_MAX);
afterAll(async () => {
  await placet.close();
  await threads.drop();
}, START_MS_MAX);

/** One job: where each of its starts but the last one dies, and what becomes of it. People click before `clicked`. */
type Job = {
  readonly points: readonly string[];
  readonly clicked: string;
  readonly runs: number;
  readonly answer: string;
};
const repeat = (point: string) => new Array<string>(KILLS).fill(point);
const APPROVED = 'refunded 120 for A-1001';
const BEFORE = ['before ask', 'pending', 'before take'].flatMap(repeat);
/** What can happen only once to a job. Nobody knows then whether it ran: it never runs again, and a person is to look. */
const ONCE: readonly Job[] = [
  { points: ['after take'], clicked: 'after take', runs: 0, answer: '"unreported":true' },
  { points: ['ran'], clicked: 'ran', runs: 1, answer: '"unreported":true' },
  // Known by then; each adapter's own tests send again what was run, too.
  ...(isLong
    ? [{ points: ['after report'], clicked: 'after report', runs: 1, answer: '"already_executed":true' }]
    : []),
];
const JOBS: readonly Job[] = [{ points: BEFORE, clicked: 'before take', runs: 1, answer: APPROVED }, ...ONCE];
const MORE = new Array<readonly Job[]>(KILLS - 1).fill(ONCE);

async function runJob(framework: string, { points, clicked, runs, answer }: Job): Promise<void> {
  const { agent, requests, decide } = await placet.newAgent();
  const RUNS = join(newFolder(), 'runs');
  const { PATH } = process.env;
  const env = {
    ...{ PATH, PLACET_URL: placet.product.apiUrl, PLACET_AGENT_KEY: agent.key, THREADS_URL: threads.owner_url },
    ...{ PYTHON: python.path, PYTHONPATH: 'python/src', PYTHONDONTWRITEBYTECODE: '1' },
    ...{ FRAMEWORK: framework, JOB: randomUUID(), RUNS, STATE_FOLDER: newFolder() },
  };
  const start = (more: object = {}) =>
    runScript(AGENTS[framework === PYTHON ? 'python' : 'node'], { ...env, ...more } as NodeJS.ProcessEnv);
  let isDecided = false;
  for (const POINT of points) {
    const script = start({ POINT });
    if (!isDecided && POINT === clicked) {
      await decide('approve', {});
      isDecided = true;
    }
    // A point that is never reached would prove nothing.
    expect([POINT, await script.ended, script.output()]).toEqual([POINT, 'SIGKILL', '']);
  }
  const last = start();
  await last.ended;
  expect(last.output()).toContain(answer);
  expect(existsSync(RUNS) ? readFileSync(RUNS, 'utf8').split('\n').length - 1 : 0).toBe(runs);
  expect(await requests()).toHaveLength(1);
}

test.each([...FRAMEWORKS, PYTHON])(
  'an agent of %s, killed anywhere, asks once and runs at most once; what nobody knows is told (INV-10)',
  async (framework) => {
    await Promise.all(JOBS.map((job) => runJob(framework, job)));
    for (const jobs of MORE) await Promise.all(jobs.map((job) => runJob(framework, job)));
  },
  TEST_MS_MAX,
);

test('no approval was run without its people or twice, whatever was killed (INV-10)', async () => {
  expect(await violations(placet.product)).toEqual([]);
});
