// What api, slack and worker weigh once many requests went through all of them, and whether they still grow.

import { setTimeout as pause } from 'node:timers/promises';
import { type Finding, figure } from '../report.ts';
import { CONNECTIONS, type Sizes } from '../sizes.ts';
import type { Agent } from '../support/agent.ts';
import { type Approver, createApprover } from '../support/approver.ts';
import { rateOf } from '../support/measure.ts';
import { createQuestions, type Question, REQUIRED } from '../support/policy.ts';
import { openProduct, type Role } from '../support/product.ts';
import type { Servers } from '../support/servers.ts';
import { memoryOf } from '../support/usage.ts';

const ROLES: readonly Role[] = ['api', 'slack', 'worker'];
/** Memory is also read after this share of the requests, so that growth shows. */
const EARLY_SHARE = 0.3;
/** Runs have done what they can once the outbox is empty. */
const SETTLE_MS = 500;

/** Whole approvals, each clicked in Slack, as fast as they go. */
export async function benchMemory(servers: Servers, { memoryRequests, memoryOpen }: Sizes): Promise<Finding> {
  const product = await openProduct(servers, ROLES);
  const approver = createApprover(product);
  try {
    const agent = product.newAgent(CONNECTIONS);
    const next = createQuestions(REQUIRED);
    const read = () => ROLES.map((role) => memoryOf(product.pids[role] ?? 0));
    const fresh = read();
    const early_count = Math.floor(memoryRequests * EARLY_SHARE);
    const run = (count: number) => rateOf(count, CONNECTIONS, () => approveOne(agent, approver, next()));
    await run(early_count);
    const early = read();
    const rate = await run(memoryRequests - early_count);
    const late = read();
    await rateOf(memoryOpen, CONNECTIONS, async () => product.approve(await agent.create(next())));
    while ((await product.sql('select from placet.outbox limit 1')).length > 0) await pause(SETTLE_MS);
    const open = read();
    const at = (name: string, values: readonly number[], aim: string) =>
      ROLES.map((role, place) => figure(`${role} ${name}`, 'MB', [values[place] ?? Number.NaN], aim));
    return {
      title: `memory after ${memoryRequests.toLocaleString('en-GB')} requests, each clicked in Slack, used and reported`,
      figures: [
        ...at('at its start', fresh, ''),
        ...at(`after ${early_count.toLocaleString('en-GB')}`, early, ''),
        ...at(`after ${memoryRequests.toLocaleString('en-GB')}`, late, 'at most 320'),
        ...at(`with ${memoryOpen.toLocaleString('en-GB')} approved and unclaimed`, open, 'at most 320'),
        figure('whole approvals meanwhile', '/s', [rate]),
      ],
      notes: [],
    };
  } finally {
    await approver.close();
    await product.close();
  }
}

async function approveOne(agent: Agent, approver: Approver, input: Question): Promise<void> {
  const request = await agent.create(input);
  await approver.approve(await approver.cardOf(request.id));
  await agent.use(await agent.claim(request.id), request.digest);
  await agent.report(request.id);
}
