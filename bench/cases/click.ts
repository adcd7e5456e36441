// (c) From the click in Slack to the agent that hears of it, at a steady number of approvals a second through the whole product.

import { setTimeout as pause } from 'node:timers/promises';
import { type Figure, type Finding, figure } from '../report.ts';
import { CARDS_AHEAD, CLICKS_PER_SECOND, CONNECTIONS, type Sizes } from '../sizes.ts';
import type { Agent, Answered } from '../support/agent.ts';
import { type Approver, createApprover } from '../support/approver.ts';
import { createCosts } from '../support/costs.ts';
import { percentile, rateOf } from '../support/measure.ts';
import { createQuestions, REQUIRED } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

/** Agents that wait or work at once at most. */
const AGENT_CONNECTIONS = 256;
const WAIT_SECONDS = 60;
/** The agent has been waiting for this long when the person clicks. */
const LEAD_MS = 200;

type Rate = { readonly per_second: number; readonly aims: { readonly p50: string; readonly p99: string } };

/** What is aimed at, and half of it: where the first is more than a machine can do, its clicks queue. */
const RATES: readonly Rate[] = [
  { per_second: CLICKS_PER_SECOND, aims: { p50: 'at most 20', p99: 'at most 100' } },
  { per_second: CLICKS_PER_SECOND / 2, aims: { p50: '', p99: '' } },
];

/** Each tick asks anew and approves the oldest; whoever hears of it claims, uses and reports, as agents do. */
export async function benchClick(servers: Servers, { runs, clicks }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api', 'slack', 'worker']);
  const approver = createApprover(product);
  try {
    const agent = product.newAgent(AGENT_CONNECTIONS);
    const next = createQuestions(REQUIRED);
    const costs = createCosts(product);
    const queue: Answered[] = [];
    await rateOf(CARDS_AHEAD, CONNECTIONS, async () => queue.push(await agent.create(next())));
    await Promise.all(queue.map(({ id }) => approver.cardOf(id)));
    const taken: number[] = [];
    const runAt = (per_second: number) => async (count: number) => {
      const heard: Promise<number>[] = [];
      const begun = performance.now();
      for (let place = 0; place < count; place += 1) {
        await pause(Math.max(0, begun + (place * 1_000) / per_second - performance.now()));
        heard.push(approveOne(agent, approver, queue.shift()));
        queue.push(await agent.create(next()));
      }
      const values = await Promise.all(heard);
      taken.push((count / (performance.now() - begun)) * 1_000);
      return values;
    };
    const measureAt = async ({ per_second, aims }: Rate): Promise<Figure[]> => {
      taken.length = 0;
      const latencies: number[][] = [];
      for (let each = 0; each < runs; each += 1)
        latencies.push(await costs.of(`at ${per_second} a second`, clicks, runAt(per_second)));
      const of = (share: number) => latencies.map((values) => percentile(values, share));
      return [
        figure(`at ${per_second} a second: p50`, 'ms', of(0.5), aims.p50),
        figure('p90', 'ms', of(0.9)),
        figure('p99', 'ms', of(0.99), aims.p99),
        figure('approvals that were taken', '/s', taken),
      ];
    };
    await runAt(CLICKS_PER_SECOND)(Math.ceil(clicks / 5));
    const figures: Figure[] = [];
    for (const rate of RATES) figures.push(...(await measureAt(rate)));
    return { title: `(c) from the click to the agent, ${clicks} approvals a run`, figures, notes: costs.notes() };
  } finally {
    await approver.close();
    await product.close();
  }
}

/** Milliseconds from the click to the answer of the long poll. */
async function approveOne(agent: Agent, approver: Approver, request: Answered | undefined): Promise<number> {
  if (request === undefined) throw new Error('no request is left to approve');
  const card = await approver.cardOf(request.id);
  const waiting = agent.wait(request.id, WAIT_SECONDS);
  await pause(LEAD_MS);
  const clicked = performance.now();
  const taken = approver.approve(card);
  const heard = await waiting;
  const latency = performance.now() - clicked;
  await taken;
  if (heard.state !== 'approved') throw new Error(`the agent heard ${heard.state}`);
  await agent.use(await agent.claim(request.id), request.digest);
  await agent.report(request.id);
  return latency;
}
