// kill -9 of an agent of each framework at each point of a tool call, ten starts of one job: one request, at most one run, and
// the truth about it.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEmptyDatabase, type EmptyDatabase } from '../../test/support/database.ts';
import { newFolder, runScript } from '../../test/support/processes.ts';
import { START_MS_MAX, startPlacet, type TestPlacet, violations } from './placet.ts';

/** Ten starts of Node with a framework to load, on a machine that may be busy with other tests. */
const TEST_MS_MAX = 400_000;
const STARTS = 10;
const AGENT = 'adapters/test/killed.mjs';

let placet: TestPlacet;
let threads: EmptyDatabase;
beforeAll(async () => {
  [placet, threads] = await Promise.all([startPlacet(), createEmptyDatabase()]);
}, START_MS_MAX);
afterAll(async () => {
  await placet.close();
  await threads.drop();
}, START_MS_MAX);

describe.each(['ai-sdk', 'langchain', 'langgraph', 'openai-agents'])('an agent of %s', (framework) => {
  test.each([
    { point: 'before ask', clicked: 10, runs: 1, answer: 'refunded 120 for A-1001' },
    { point: 'pending', clicked: 10, runs: 1, answer: 'refunded 120 for A-1001' },
    { point: 'before take', clicked: 1, runs: 1, answer: 'refunded 120 for A-1001' },
    // Nobody knows then whether it ran: it never runs again, and a person is to look.
    { point: 'after take', clicked: 1, runs: 0, answer: '"unreported":true' },
    { point: 'ran', clicked: 1, runs: 1, answer: '"unreported":true' },
    { point: 'after report', clicked: 1, runs: 1, answer: '"already_executed":true' },
  ])(
    'killed nine times at "$point", asks once and runs $runs times (INV-10)',
    async ({ point, clicked, runs, answer }) => {
      const { agent, requests, decide } = await placet.newAgent();
      const RUNS = join(newFolder(), 'runs');
      const { PATH } = process.env;
      const env = {
        ...{ PATH, PLACET_URL: placet.product.apiUrl, PLACET_AGENT_KEY: agent.key, THREADS_URL: threads.owner_url },
        ...{ FRAMEWORK: framework, JOB: randomUUID(), RUNS, STATE_FOLDER: newFolder() },
      };
      let output = '';
      for (let start = 1; start <= STARTS; start += 1) {
        const isLast = start === STARTS;
        const script = runScript(`await import(process.cwd() + '/${AGENT}')`, isLast ? env : { ...env, POINT: point });
        if (start === clicked) await decide('approve', {});
        const ended = await script.ended;
        // Where the process dies by itself, it does: a point that is never reached would prove nothing.
        if (start === 1) expect([ended, script.output()]).toEqual(['SIGKILL', '']);
        output = script.output();
      }
      expect(output).toContain(answer);
      expect(existsSync(RUNS) ? readFileSync(RUNS, 'utf8').split('\n').length - 1 : 0).toBe(runs);
      expect(await requests()).toHaveLength(1);
    },
    TEST_MS_MAX,
  );
});

test('no approval was run without its people or twice, whatever was killed (INV-10)', async () => {
  expect(await violations(placet.product)).toEqual([]);
});
