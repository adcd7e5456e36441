// (b) A whole approval: create, decide, claim as the agent and the person see it; then used, reported and its workflow closed.

import { Client, Connection } from '@temporalio/client';
import { openTemporalFloor } from '../floors/temporal.ts';
import { type Finding, figure, ratio } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import type { Agent, Answered, Claimed } from '../support/agent.ts';
import { createCosts } from '../support/costs.ts';
import { inTurns, rateOf } from '../support/measure.ts';
import { createQuestions, type Question, REQUIRED } from '../support/policy.ts';
import { openProduct, type Product } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { allClosed, eventsEach } from '../support/workflows.ts';

/** Cycles a second: what is answered, what is answered with everything behind it done, and bare Temporal. */
export async function benchCycle(servers: Servers, { runs, cycles }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ['api', 'worker']);
  const floor = await openTemporalFloor(servers.temporalAddress);
  const connection = await Connection.connect({ address: servers.temporalAddress });
  const client = new Client({ connection, namespace: 'default' });
  try {
    const agent = product.newAgent(CONNECTIONS);
    const next = createQuestions(REQUIRED);
    const costs = createCosts(product);
    const seen: number[] = [];
    const sustained = async (count: number) => {
      const begun = performance.now();
      const held: Held[] = [];
      seen.push(await rateOf(count, CONNECTIONS, async () => held.push(await hold(product, agent, next()))));
      // A workflow ends when nothing can happen any more: the lease is spent and the result is told.
      await rateOf(count, CONNECTIONS, async (place) => finish(agent, held[place]));
      await allClosed(client, product.taskQueue, () => isOutboxEmpty(product));
      return (count / (performance.now() - begun)) * 1_000;
    };
    const found = await inTurns(runs, {
      sustained: (share) => costs.of('sustained', Math.ceil(cycles * share), sustained),
      bare: (share) => costs.of('bare', Math.ceil(cycles * share), floor.run),
    });
    return {
      title: `(b) create, decide, claim; ${CONNECTIONS} at once, ${cycles} a run, worker and playground running`,
      figures: [
        figure('seen: create, decide, claim answered', '/s', seen.slice(1), 'at least 150'),
        figure('sustained: used and reported too, all told in Slack, workflows closed', '/s', found.sustained),
        figure('bare Temporal: start, signal, local activity, end', '/s', found.bare),
        ratio('sustained of bare Temporal', found.sustained, found.bare, 'at least 0.7'),
      ],
      notes: [
        ...costs.notes(),
        `history events of a whole approval: ${(await eventsEach(client, product.taskQueue)).toFixed(1)}`,
      ],
    };
  } finally {
    await connection.close();
    await floor.close();
    await product.close();
  }
}

type Held = { readonly request: Answered; readonly claimed: Claimed };

/** What the agent and the person wait for: asked, decided, and the credential in hand. */
async function hold(product: Product, agent: Agent, input: Question): Promise<Held> {
  const request = await agent.create(input);
  const answer = await product.approve(request);
  if (answer.kind !== 'counted') throw new Error(`the decision was refused: ${answer.refusal}`);
  return { request, claimed: await agent.claim(request.id) };
}

async function finish(agent: Agent, held: Held | undefined): Promise<void> {
  if (held === undefined) return;
  await agent.use(held.claimed, held.request.digest);
  await agent.report(held.request.id);
}

async function isOutboxEmpty({ sql }: Product): Promise<boolean> {
  return (await sql('select from placet.outbox limit 1')).length === 0;
}
