// From the answer of a lone create to its card in Slack, while nothing else goes on.

import { setTimeout as pause } from 'node:timers/promises';
import { type Finding, figure } from '../report.ts';
import { SEED, type Sizes } from '../sizes.ts';
import { createApprover } from '../support/approver.ts';
import { createRandom, percentile } from '../support/measure.ts';
import { createQuestions, REQUIRED } from '../support/policy.ts';
import { openProduct } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';

/** Nothing of the request before is left by then, and no rhythm of ours meets one of the product's. */
const REST_MS_MIN = 300;
const REST_MS_MORE = 300;

/** By the database's clock: from the request's creation until Slack had answered that its card stands. */
export async function benchCard(servers: Servers, { runs, cards }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api', 'worker']);
  const approver = createApprover(product);
  try {
    const agent = product.newAgent(1);
    const next = createQuestions(REQUIRED);
    const random = createRandom(SEED);
    const run = async (count: number) => {
      const ids: string[] = [];
      for (let made = 0; made < count; made += 1) {
        const { id } = await agent.create(next());
        await approver.cardOf(id);
        ids.push(id);
        await pause(REST_MS_MIN + random() * REST_MS_MORE);
      }
      const rows = await product.sql<{ ms: number }>(
        `select (extract(epoch from m.posted_at - r.created_at) * 1000)::float8 as ms
         from placet.slack_messages m join placet.approval_requests r on r.tenant_id = m.tenant_id and r.id = m.request_id
         where m.kind = 'card' and r.id = any ($1)`,
        [ids],
      );
      return rows.map(({ ms }) => ms);
    };
    await run(Math.ceil(cards / 4));
    const latencies: number[][] = [];
    for (let each = 0; each < runs; each += 1) latencies.push(await run(cards));
    const of = (share: number) => latencies.map((values) => percentile(values, share));
    return {
      title: `from a lone create to its card, ${cards} a run`,
      figures: [figure('p50', 'ms', of(0.5), 'at most 25'), figure('p90', 'ms', of(0.9))],
      notes: [],
    };
  } finally {
    await approver.close();
    await product.close();
  }
}
