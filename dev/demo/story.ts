// The story of the demo: the agent asks, people click, the tool runs once. Each step throws when it did not hold.

import { approver, COLLEAGUE, FINANCE_LEAD, OUTSIDER, PAYMENTS, SUPPORT, TREASURER } from '@placet/playground';
import {
  type ApprovalRequest,
  actionDigest,
  authorizeCall,
  createPlacet,
  type Placet,
  spendCredential,
} from '@placet/sdk';
import type { DemoStack } from './demo-stack.ts';

export type Step = { readonly name: string; readonly says: string; readonly run: () => Promise<void> };

const ORDERS = 'https://orders.example';
/** Long enough for the slowest machine, short enough to see the end of it. */
const EXPIRY_SECONDS = 2;

/** The steps in their order. What a step leaves for the next stands in the closure. */
export function tellStory(stack: DemoStack): Step[] {
  const agent = createPlacet({ url: stack.api_url, apiKey: stack.agent_key });
  return [...happyPath(stack, agent), ...otherEnds(stack, agent), ...wrongClicks(stack, agent), theRecord(stack)];
}

function happyPath(stack: DemoStack, agent: Placet): Step[] {
  let request: ApprovalRequest | undefined;
  let token = '';
  const approved = () => request ?? fail('there is no approved request');
  const call = (amount: number) =>
    authorizeCall({
      url: stack.api_url,
      keys: `${stack.api_url}/.well-known/jwks.json`,
      issuer: stack.api_url,
      audience: ORDERS,
      token,
      action: { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount, currency: 'EUR' } },
    });
  return [
    {
      name: 'approve',
      says: 'Finance Lead approves, and the waiting agent resumes',
      run: async () => {
        const created = await askRefund(agent, 'A-1001');
        const waiting = agent.waitForDecision(created.id, { timeoutSeconds: 60 });
        const card = await approver.cardOf(stack, created);
        await approver.press(stack, FINANCE_LEAD, card);
        request = await waiting;
        expectState(request, 'approved');
        await approver.cardOf(stack, created, { buttons: [] });
      },
    },
    {
      name: 'claim',
      says: 'the agent claims its credential',
      run: async () => {
        const claimed = await agent.claim(approved().id);
        token = claimed.credential.token;
      },
    },
    {
      name: 'second_claim',
      says: 'a second claim is refused: already_claimed',
      run: () => expectCode(agent.claim(approved().id), 'already_claimed'),
    },
    {
      name: 'other_action',
      says: 'another amount is refused by the tool and, were the tool to ask, by the server',
      run: async () => {
        await expectCode(call(999), 'action_mismatch');
        const digest = actionDigest({ action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 999 } });
        await expectCode(spendCredential({ url: stack.api_url, token, digest }), 'digest_mismatch');
      },
    },
    {
      name: 'use',
      says: 'the tool runs what was approved, and the card tells it',
      run: async () => {
        await call(120);
        await agent.report(approved().id, { status: 'succeeded', detail: 'refunded 120 EUR' });
        await approver.cardOf(stack, approved(), { says: 'succeeded' });
      },
    },
    {
      name: 'second_use',
      says: 'a second use is refused: already_used',
      run: async () => {
        await expectCode(call(120), 'already_used');
        await expectCode(spendCredential({ url: stack.api_url, token, digest: approved().digest }), 'already_used');
      },
    },
  ];
}

function otherEnds(stack: DemoStack, agent: Placet): Step[] {
  return [
    {
      name: 'deny',
      says: 'Treasurer denies with a reason, which the agent reads',
      run: async () => {
        const request = await askRefund(agent, 'A-1002');
        const card = await approver.cardOf(stack, request);
        await approver.deny(stack, TREASURER, card, 'The order was never paid');
        const denied = await agent.waitForDecision(request.id, { timeoutSeconds: 60 });
        expectState(denied, 'denied');
        if (denied.outcome?.reason !== 'The order was never paid') fail(`the reason is ${denied.outcome?.reason}`);
        await expectCode(agent.claim(request.id), 'not_approved');
      },
    },
    {
      name: 'expire',
      says: 'nobody clicks, and the request expires: silence never approves',
      run: async () => {
        const request = await askRefund(agent, 'A-1003', EXPIRY_SECONDS);
        expectState(await agent.waitForDecision(request.id, { timeoutSeconds: 60 }), 'expired');
        await approver.cardOf(stack, request, { says: 'Expired' });
      },
    },
    {
      name: 'cancel',
      says: 'the agent cancels, and the buttons die',
      run: async () => {
        const request = await askRefund(agent, 'A-1004');
        await approver.cardOf(stack, request);
        expectState(await agent.cancel(request.id), 'cancelled');
        await approver.cardOf(stack, request, { buttons: [] });
      },
    },
  ];
}

function wrongClicks(stack: DemoStack, agent: Placet): Step[] {
  return [
    {
      name: 'double_click',
      says: 'two clicks of one person count once; the quorum of two needs two people',
      run: async () => {
        const request = await askPayout(agent);
        const card = await approver.cardOf(stack, request);
        const click = () => approver.press(stack, FINANCE_LEAD, card);
        await Promise.all([click(), click()]);
        await approver.cardOf(stack, request, { says: '1 of 2' });
        const half = await agent.get(request.id);
        expectState(half, 'pending');
        if (half.decisions.length !== 1) fail(`${half.decisions.length} decisions were recorded`);
        const fresh = await approver.cardOf(stack, request, { says: '1 of 2' });
        await approver.press(stack, TREASURER, fresh);
        expectState(await agent.waitForDecision(request.id, { timeoutSeconds: 60 }), 'approved');
      },
    },
    {
      name: 'outsider',
      says: 'a colleague and a person of another organisation click, are told no, and change nothing',
      run: () => clickInVain(stack, agent, [COLLEAGUE, OUTSIDER]),
    },
    {
      name: 'owner',
      says: 'the owner of the agent clicks, is told no, and changes nothing',
      run: () => clickInVain(stack, agent, [SUPPORT]),
    },
  ];
}

function theRecord(stack: DemoStack): Step {
  return {
    name: 'record',
    says: 'executed without approval: 0 rows, executed twice: 0 rows',
    run: async () => {
      const counts = await stack.countViolations();
      if (counts.executed_without_approval !== 0 || counts.executed_twice !== 0) fail(JSON.stringify(counts));
    },
  };
}

async function clickInVain(stack: DemoStack, agent: Placet, people: readonly string[]): Promise<void> {
  const request = await askRefund(agent, 'A-1005');
  const card = await approver.cardOf(stack, request);
  for (const as of people) {
    await stack.slack.setChannel(PAYMENTS, { members: [...(await membersOf(stack)), as] });
    await approver.press(stack, as, card);
    await approver.answerTo(stack, as, request, 'Nothing was recorded');
  }
  const untouched = await agent.get(request.id);
  expectState(untouched, 'pending');
  if (untouched.decisions.length !== 0) fail('a decision was recorded');
  await agent.cancel(request.id);
}

async function membersOf(stack: DemoStack): Promise<readonly string[]> {
  const { channels } = await stack.slack.state();
  return channels.find((channel) => channel.id === PAYMENTS)?.members ?? [];
}

function askRefund(agent: Placet, order: string, timeoutSeconds?: number): Promise<ApprovalRequest> {
  return agent.request({
    action: 'orders.refund',
    resource: `order/${order}`,
    parameters: { amount: 120, currency: 'EUR' },
    justification: 'The parcel was lost on the way.',
    timeoutSeconds,
    credential: { audience: ORDERS, scopes: ['orders:refund'], lifetimeSeconds: 300 },
  });
}

function askPayout(agent: Placet): Promise<ApprovalRequest> {
  return agent.request({ action: 'payouts.send', resource: 'account/4711', parameters: { amount: 9_000 } });
}

function expectState(request: ApprovalRequest, state: ApprovalRequest['state']): void {
  if (request.state !== state) fail(`the request is ${request.state}, not ${state}`);
}

async function expectCode(work: Promise<unknown>, code: string): Promise<void> {
  const found = await work.then(
    () => 'no error',
    (error: unknown) => (error as { code?: unknown }).code,
  );
  if (found !== code) fail(`expected ${code}, got ${String(found)}`);
}

function fail(message: string): never {
  throw new Error(message);
}
