// (b) A whole approval: create, decide, claim as the agent and the person see it; then used, reported and its workflow closed.

import { Client, Connection } from '@temporalio/client';
import { openTemporalFloor } from '../floors/temporal.ts';
import { type Finding, figure, ratio } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import type { Agent, Answered, Claimed } from '../support/agent.ts';
import { type Costs, createCosts } from '../support/costs.ts';
import { inTurns, rateOf } from '../support/measure.ts';
import { createQuestions, type Question, REQUIRED } from '../support/policy.ts';
import { openProduct, type Product, type Role } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { allClosed, eventsEach } from '../support/workflows.ts';

/** Cycles a second: what is answered, what is answered with everything behind it done, and bare Temporal. */
export async function benchCycle(servers: Servers, { runs, cycles }: Sizes): Promise<Finding> {
  const cycle = await openCycle(servers, ['api', 'worker']);
  const floor = await openTemporalFloor(servers.temporalAddress);
  try {
    const found = await inTurns(runs, {
      sustained: (share) => cycle.costs.of('sustained', Math.ceil(cycles * share), cycle.run),
      bare: (share) => cycle.costs.of('bare', Math.ceil(cycles * share), floor.run),
    });
    return {
      title: `(b) create, decide, claim; ${CONNECTIONS} at once, ${cycles} a run, worker and playground running`,
      figures: [
        figure('seen: create, decide, claim answered', '/s', cycle.seen.slice(1), 'at least 150'),
        figure('sustained: used and reported too, all told in Slack, workflows closed', '/s', found.sustained),
        figure('bare Temporal: start, signal, local activity, end', '/s', found.bare),
        ratio('sustained of bare Temporal', found.sustained, found.bare, 'at least 0.42'),
      ],
      notes: [...cycle.costs.notes(), `history events of a whole approval: ${(await cycle.events()).toFixed(1)}`],
    };
  } finally {
    await floor.close();
    await cycle.close();
  }
}

/** The same work by two apis and two workers beside one of each, in turns. */
export async function benchDoubled(servers: Servers, { runs, cycles }: Sizes): Promise<Finding> {
  const one = await openCycle(servers, ['api', 'worker']);
  const two = await openCycle(servers, ['api', 'api', 'worker', 'worker']);
  try {
    const found = await inTurns(runs, {
      two: (share) => two.costs.of('two of each', Math.ceil(cycles * share), two.run),
      one: (share) => one.costs.of('one of each', Math.ceil(cycles * share), one.run),
    });
    return {
      title: `whole approvals by two apis and two workers, ${CONNECTIONS} at once, ${cycles} a run`,
      figures: [
        figure('two of each', '/s', found.two),
        figure('one of each', '/s', found.one),
        ratio('two beside one', found.two, found.one, 'at least 1'),
      ],
      notes: [...two.costs.notes(), ...one.costs.notes()],
    };
  } finally {
    await two.close();
    await one.close();
  }
}

type Cycle = {
  /** So many whole approvals, until their workflows are closed; approvals a second. */
  readonly run: (count: number) => Promise<number>;
  /** Of each run, how many a second were created, decided and claimed. */
  readonly seen: readonly number[];
  readonly costs: Costs;
  readonly events: () => Promise<number>;
  readonly close: () => Promise<void>;
};

async function openCycle(servers: Servers, roles: readonly Role[]): Promise<Cycle> {
  const product = await openProduct(servers, roles);
  const connection = await Connection.connect({ address: servers.temporalAddress });
  const client = new Client({ connection, namespace: 'default' });
  const apis = roles.filter((role) => role === 'api').map((_, api) => product.newAgent(CONNECTIONS, api));
  const agentOf = (place: number) => apis[place % apis.length] as Agent;
  const next = createQuestions(REQUIRED);
  const seen: number[] = [];
  return {
    seen,
    costs: createCosts(product),
    events: () => eventsEach(client, product.taskQueue),
    run: async (count) => {
      const begun = performance.now();
      const held: Held[] = [];
      const holdOne = async (place: number) => held.push(await hold(product, agentOf(place), next()));
      seen.push(await rateOf(count, CONNECTIONS, holdOne));
      // A workflow ends when nothing can happen any more: the lease is spent and the result is told.
      await rateOf(count, CONNECTIONS, async (place) => finish(agentOf(place), held[place]));
      await allClosed(client, product.taskQueue, () => isOutboxEmpty(product));
      return (count / (performance.now() - begun)) * 1_000;
    },
    close: async () => {
      await connection.close();
      await product.close();
    },
  };
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
