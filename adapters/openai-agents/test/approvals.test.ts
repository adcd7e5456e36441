// Guards the adapter of the OpenAI Agents SDK: each attack runs bare, where it works, and through the gate, where no tool runs
// that was not approved; what people click is what the model is told.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { answerInterruptions, gatedTool, openState, sealState } from '@placet/openai-agents';
import { usePlacet, violations } from '../../test/placet.ts';
import { makeAgent, type Ran, type Wanted } from './support.ts';

const placet = usePlacet();

const secret = 'a secret of the tests, long enough';
const refundOf = (order: string, amount = 120): Wanted => {
  return { name: 'refund', callId: `call_${order}`, input: { order, amount } };
};
const edited = (text: string) => text.replaceAll('120', '9999');

async function newRun() {
  const { gate, ...rest } = await placet.newAgent();
  const run = randomUUID();
  const ran: Ran[] = [];
  return { gate, run, ran, agentOf: (...wanted: Wanted[]) => makeAgent({ wanted, ran, gate, run }), ...rest };
}

describe('the serialized state is edited while people decide', () => {
  test('bare: what was approved as 120 runs as 9,999', async () => {
    const ran: Ran[] = [];
    const agent = makeAgent({ wanted: [refundOf('A-1')], ran });
    const { state } = await agent.start();
    const changed = await agent.read(edited(state.toString()));
    for (const item of changed.getInterruptions()) changed.approve(item);
    await agent.resume(changed);
    expect(ran).toEqual([{ name: 'refund', input: { order: 'A-1', amount: 9_999 } }]);
  });

  test('through the gate: the edited call is another one, which asks people anew', async () => {
    const { gate, run, ran, agentOf, decide, requests } = await newRun();
    const agent = agentOf(refundOf('A-1'));
    const { state } = await agent.start();
    await decide('approve', { amount: 120 });
    const changed = await agent.read(edited(state.toString()));
    expect(await answerInterruptions(gate, changed, { run, waitSeconds: 0 })).toBe(1);
    for (const item of changed.getInterruptions()) changed.approve(item);
    await agent.resume(changed);
    expect(agent.answers()).toEqual({ 'call_A-1': expect.stringContaining('"pending":true') });
    expect(ran).toEqual([]);
    expect((await requests()).map(({ parameters, state }) => [parameters['amount'], state])).toEqual([
      [120, 'approved'],
      [9_999, 'pending'],
    ]);
  });
});

describe('an approval is made sticky, for always', () => {
  const wanted = [refundOf('B-1'), refundOf('B-2'), refundOf('B-3')];

  test('bare: one click runs all three', async () => {
    const ran: Ran[] = [];
    const agent = makeAgent({ wanted, ran });
    const { state } = await agent.start();
    const [first] = state.getInterruptions();
    if (first) state.approve(first, { alwaysApprove: true });
    await agent.resume(state as never);
    expect(ran).toHaveLength(3);
  });

  test('through the gate: each call is asked for by itself', async () => {
    const { ran, agentOf, decide } = await newRun();
    const agent = agentOf(...wanted);
    const { state } = await agent.start();
    await decide('approve', { order: 'B-1' });
    const [first] = state.getInterruptions();
    if (first) state.approve(first, { alwaysApprove: true });
    await agent.resume(state as never);
    expect(ran.map(({ input }) => input)).toEqual([wanted[0]?.input]);
    expect(agent.answers()).toMatchObject({ 'call_B-2': expect.stringContaining('"pending":true') });
  });
});

test('two runs whose models count their calls alike have each its own approval', async () => {
  const { gate } = await placet.newAgent();
  const ran: unknown[] = [];
  const definition = { name: 'read', execute: async (input: object) => ran.push(input) };
  const gated = gatedTool(gate, definition, { run: (context) => String(context) }) as unknown as {
    readonly needsApproval: (context: string, input: object, callId: string) => Promise<boolean>;
    readonly execute: (input: object, context: string, details: object) => Promise<unknown>;
  };
  const runs = ['one', 'two'].map((name) => `${name}-${randomUUID()}`);
  for (const order of runs) expect(await gated.needsApproval(order, { order }, 'call_0')).toBe(false);
  for (const order of runs) await gated.execute({ order }, order, { toolCall: { callId: 'call_0' } });
  expect(ran).toEqual(runs.map((order) => ({ order })));
});

describe('a state is run again after its tool has run', () => {
  test('bare: it runs twice', async () => {
    const ran: Ran[] = [];
    const agent = makeAgent({ wanted: [refundOf('A-2')], ran });
    const text = (await agent.start()).state.toString();
    for (let time = 0; time < 2; time += 1) {
      const state = await agent.read(text);
      for (const item of state.getInterruptions()) state.approve(item);
      await agent.resume(state);
    }
    expect(ran).toHaveLength(2);
  });

  test('through the gate: an approval is one run', async () => {
    const { gate, run, ran, agentOf, decide } = await newRun();
    const text = (await agentOf(refundOf('A-2')).start()).state.toString();
    await decide('approve', {});
    for (const answer of ['refund done', expect.stringContaining('"already_executed":true')]) {
      // Each in a process of its own.
      const agent = agentOf();
      const state = await agent.read(text);
      expect(await answerInterruptions(gate, state, { run })).toBe(0);
      await agent.resume(state);
      expect(agent.answers()).toEqual({ 'call_A-2': answer });
    }
    expect(ran).toHaveLength(1);
  });
});

test('of three calls one is denied: it says so to the model, and the others run, each once it is decided', async () => {
  const { gate, run, ran, agentOf, decide } = await newRun();
  const wanted = [refundOf('C-1'), refundOf('C-2'), refundOf('C-3')];
  const agent = agentOf(...wanted);
  let { state } = await agent.start();
  await decide('approve', { order: 'C-3' });
  expect(await answerInterruptions(gate, state, { run })).toBe(2);
  ({ state } = await agent.resume(state as never));
  expect(ran.map(({ input }) => input)).toEqual([wanted[2]?.input]);
  await decide('deny', { order: 'C-2' });
  await decide('approve', { order: 'C-1' });
  expect(await answerInterruptions(gate, state, { run })).toBe(0);
  const { finalOutput } = await agent.resume(state as never);
  expect(finalOutput).toBe('done');
  const answers = agent.answers();
  expect(answers).toMatchObject({ 'call_C-1': 'refund done', 'call_C-3': 'refund done' });
  expect(JSON.parse(answers['call_C-2'] ?? '')).toMatchObject({ denied: true, reason: 'Too much', retry: false });
  expect(ran).toHaveLength(2);
});

test('what the policy allows runs at once, in three calls of the API', async () => {
  const { ran, agentOf, calls } = await newRun();
  const { finalOutput } = await agentOf({ name: 'read', callId: 'call_1', input: { order: 'A-3', amount: 1 } }).start();
  expect([finalOutput, ran.length]).toEqual(['done', 1]);
  expect(calls).toEqual([
    'POST /v1/approval-requests',
    'POST /v1/approval-requests/ID/execution',
    'POST /v1/approval-requests/ID/result',
  ]);
});

test('while Placet is away nothing runs, and the state goes on later', async () => {
  const { gate, run, ran, agentOf, decide, setAway } = await newRun();
  setAway(true);
  await expect(agentOf(refundOf('A-4')).start()).rejects.toThrow('cannot be reached');
  setAway(false);
  const agent = agentOf(refundOf('A-4'));
  const { state } = await agent.start();
  const text = state.toString();
  await decide('approve', {});
  await answerInterruptions(gate, state, { run });
  setAway(true);
  await agent.resume(state as never).catch(() => undefined);
  expect(ran).toEqual([]);
  setAway(false);
  const again = await agent.read(text);
  await answerInterruptions(gate, again, { run });
  await agent.resume(again);
  expect(ran).toHaveLength(1);
});

test('a sealed state is of its own run, and of no other', async () => {
  const sealed = await sealState('{"context":"private"}', { run: 'run-1', secret });
  expect(await openState(sealed, { run: 'run-1', secret })).toBe('{"context":"private"}');
  await expect(openState(sealed, { run: 'run-2', secret })).rejects.toThrow('decryption operation failed');
});

test('no approval was run without its people or twice, whatever was tried (INV-10)', async () => {
  expect(await violations(placet.product)).toEqual([]);
});
