// kill -9 of an agent at each point of a guarded call, again and again with one key: one card, at most one run, and the truth.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, FINANCE_LEAD } from '@placet/playground';
import type { ApprovalRequest } from '@placet/sdk';
import { isLong } from '../support/long.ts';
import { newFolder, runScript, type Script } from '../support/processes.ts';
import { type Agent, type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';

/** A few starts of Node, on a machine that may be busy with other tests. */
const TEST_MS_MAX = 180_000;
const STARTS = isLong ? 5 : 3;
const AGENT = 'test/support/guard-agent.mjs';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
}, TEST_MS_MAX);
afterAll(() => product.close(), TEST_MS_MAX);

type Case = {
  /** Where all starts die but the last, which goes on. */
  readonly point: string;
  /** In which start the approver clicks. */
  readonly clicked: 'first' | 'last';
  readonly runs: 0 | 1;
  /** What the last start is told. */
  readonly last: object;
};

const waits = async (): Promise<number> => {
  const text = await (await fetch(`${product.apiUrl}/metrics`)).text();
  return Number(/placet_long_polls_waiting (\d+)/.exec(text)?.[1] ?? 0);
};

const requestOf = (agent: Agent): Promise<ApprovalRequest> =>
  until(async () => (await agent.list()).items[0], { what: 'a request of the agent' });

function launch(agent: Agent, environment: Readonly<Record<string, string>>): Script {
  const { PATH } = process.env;
  const env = { PATH, PLACET_URL: product.apiUrl, PLACET_AGENT_KEY: agent.key, ...environment };
  return runScript(`await import(process.cwd() + '/${AGENT}')`, env);
}

/** The last start's words, and how often the action ran; checks that there was one request and one card. */
async function startAgainAndAgain({ point, clicked }: Case, more: Readonly<Record<string, string>>) {
  const agent = await product.newAgent('support@example.com');
  const environment = { JOB: randomUUID(), RUNS: join(newFolder(), 'runs'), ...more };
  let last = '';
  for (let start = 1; start <= STARTS; start += 1) {
    const isLast = start === STARTS;
    const script = launch(agent, { ...environment, ...(isLast ? {} : { POINT: point }) });
    if (start === (clicked === 'last' ? STARTS : 1)) {
      await approver.click(product, FINANCE_LEAD, await approver.cardOf(product, await requestOf(agent)));
    } else if (point === 'pending' && !isLast) {
      await until(async () => (await waits()) === 1, { what: 'a long poll of the agent' });
      script.process.kill('SIGKILL');
    }
    const ended = await script.ended;
    // Where the process dies by itself, it does: a point that is never reached would prove nothing.
    if (start === 1) expect([ended, script.output()]).toEqual(['SIGKILL', '']);
    if (point === 'pending') await until(async () => (await waits()) === 0, { what: 'the end of its long poll' });
    last = script.output();
  }
  const requests = (await agent.list()).items;
  expect(requests).toHaveLength(1);
  const cards = await product.database.asSuperuser<{ cards: number }>(
    `select count(*)::integer as cards from placet.slack_messages where request_id = $1 and kind = 'card'`,
    [requests[0]?.id],
  );
  expect(cards).toEqual([{ cards: 1 }]);
  const runs = existsSync(environment.RUNS) ? readFileSync(environment.RUNS, 'utf8').split('\n').length - 1 : 0;
  return { runs, last: JSON.parse(last) };
}

const ran = { ran: 120 };
const elsewhere = { code: 'claimed_elsewhere', status: null };
const executed = { code: 'already_executed', status: 'succeeded' };

/** Until the approval is taken, nothing is lost and nothing is asked twice. */
const early: Case[] = [
  { point: 'before ask', clicked: 'last', runs: 1, last: ran },
  { point: 'after ask', clicked: 'last', runs: 1, last: ran },
  { point: 'pending', clicked: 'last', runs: 1, last: ran },
  { point: 'approved', clicked: 'first', runs: 1, last: ran },
  { point: 'before take', clicked: 'first', runs: 1, last: ran },
];

describe.each([
  {
    how: 'without a credential',
    more: {},
    late: [
      {
        point: 'after take',
        clicked: 'first',
        runs: 0,
        last: { ...elsewhere, lease: null, startedAt: expect.any(String) },
      },
      { point: 'ran', clicked: 'first', runs: 1, last: { ...elsewhere, lease: null, startedAt: expect.any(String) } },
      {
        point: 'before report',
        clicked: 'first',
        runs: 1,
        last: { ...elsewhere, lease: null, startedAt: expect.any(String) },
      },
      {
        point: 'after report',
        clicked: 'first',
        runs: 1,
        last: { ...executed, lease: null, startedAt: expect.any(String) },
      },
    ] as Case[],
  },
  {
    how: 'with its credential',
    more: { WITH_CREDENTIAL: '1' },
    late: [
      { point: 'after take', clicked: 'first', runs: 0, last: { ...elsewhere, lease: 'active', startedAt: null } },
      { point: 'used', clicked: 'first', runs: 0, last: { ...elsewhere, lease: 'used', startedAt: null } },
      { point: 'ran', clicked: 'first', runs: 1, last: { ...elsewhere, lease: 'used', startedAt: null } },
      { point: 'before report', clicked: 'first', runs: 1, last: { ...elsewhere, lease: 'used', startedAt: null } },
      { point: 'after report', clicked: 'first', runs: 1, last: { ...executed, lease: 'used', startedAt: null } },
    ] as Case[],
  },
])(`a guarded call $how, started ${STARTS} times`, ({ more, late }) => {
  test.each([...early, ...late])(
    'at "$point", asks once and runs $runs times (INV-10)',
    async (each) => {
      expect(await startAgainAndAgain(each, more)).toEqual({ runs: each.runs, last: each.last });
    },
    TEST_MS_MAX,
  );
});

test('no approval was run without its people or twice, whatever was killed (INV-10)', async () => {
  for (const view of ['executed_without_approval', 'executed_twice']) {
    expect(await product.database.asSuperuser(`select * from placet.${view}`)).toEqual([]);
  }
});
