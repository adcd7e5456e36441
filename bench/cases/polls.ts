// (e) Many agents waiting at once: how soon all of them are taken, what they weigh, and how soon one of them hears its decision.

import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { type Finding, figure } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import type { Answered } from '../support/agent.ts';
import { percentile, rateOf } from '../support/measure.ts';
import { createQuestions, REQUIRED } from '../support/policy.ts';
import { openProduct, type Product } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { memoryOf } from '../support/usage.ts';

const WAIT_SECONDS = 60;
const POLL_MS = 10;
const ACCEPT_MS_MAX = 60_000;

/** Opens the polls, then decides on some of their requests, one after the other. */
export async function benchPolls(servers: Servers, { longPolls, wakes }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api']);
  try {
    const next = createQuestions(REQUIRED);
    const asking = product.newAgent(CONNECTIONS);
    const requests: Answered[] = [];
    await rateOf(longPolls, CONNECTIONS, async () => requests.push(await asking.create(next())));
    const pid = product.pids['api'] ?? 0;
    const before = memoryOf(pid);
    const waiting = product.newAgent(longPolls);
    const begun = performance.now();
    const heard = new Map(requests.map(({ id }) => [id, waiting.wait(id, WAIT_SECONDS)]));
    for (const answer of heard.values()) answer.catch(() => undefined);
    await allAccepted(product, longPolls);
    const accepted = performance.now() - begun;
    const after = memoryOf(pid);
    const latencies: number[] = [];
    for (const each of requests.slice(0, wakes)) {
      const decided = performance.now();
      const [answer] = await Promise.all([heard.get(each.id), product.approve(each)]);
      if (answer?.state !== 'approved') throw new Error(`a long poll heard ${answer?.state}`);
      latencies.push(performance.now() - decided);
    }
    return {
      title: `(e) ${longPolls} long polls waiting, ${wakes} decisions one after the other`,
      figures: [
        figure('all of them accepted after', 'ms', [accepted]),
        figure('memory of the api before', 'MB', [before]),
        figure('memory of the api with all of them waiting', 'MB', [after], 'at most 250'),
        figure('each weighs', 'kB', [((after - before) * 1_000) / longPolls]),
        figure('from the decision to its agent, p50', 'ms', [percentile(latencies, 0.5)]),
        figure('from the decision to its agent, p99', 'ms', [percentile(latencies, 0.99)]),
      ],
      notes: ['the time of the decision itself (one transaction of the use case) is part of the last two'],
    };
  } finally {
    await product.close();
  }
}

/** Asks the process itself how many it holds. */
async function allAccepted({ apiUrl }: Product, count: number): Promise<void> {
  for (const end = Date.now() + ACCEPT_MS_MAX; Date.now() < end; await pause(POLL_MS)) {
    const text = await (await request(`${apiUrl}/metrics`)).body.text();
    if (Number(/^placet_long_polls_waiting (\d+)/m.exec(text)?.[1]) >= count) return;
  }
  throw new Error('not all long polls were accepted');
}
