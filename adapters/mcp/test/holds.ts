// Guards held calls of MCP in both eras: what the client keeps meanwhile is attacked as the protocol warns, and no tool runs that
// was not approved.
import { describe, expect, test } from '@jest/globals';
import { createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { usePlacet } from '../../test/placet.ts';
import { connect, type Era, endpointOf } from './support.ts';

const placet = usePlacet();

const refund = { order: 'A-1', amount: 120 };
const modern: Era = '2026-07-28';

/** The state of a held call, as its client has it. */
async function stateOf(call: Promise<unknown>): Promise<string> {
  const error = (await call.catch((thrown: unknown) => thrown)) as {
    data?: { lastResult?: { requestState?: string } };
  };
  const state = error.data?.lastResult?.requestState;
  if (state === undefined) throw new Error(`nothing was held: ${String(error)}`);
  return state;
}

async function newServer() {
  const { gate, ...rest } = await placet.newAgent();
  const ran: unknown[] = [];
  // Each request is served by a server of its own, as another process would.
  return { ran, gate, endpoint: endpointOf({ gate, ran }), ...rest };
}

describe.each<[Era]>([['2026-07-28'], ['2025-11-25']])('a client of %s', (era) => {
  test('has what the policy allows at once', async () => {
    const { ran, endpoint, calls } = await newServer();
    const { call } = await connect(endpoint, { era });
    expect(await call('read', refund)).toEqual({ text: 'read done' });
    expect(ran).toEqual([refund]);
    expect(calls).toHaveLength(3);
  });

  test('has the answer of a call that is denied as data', async () => {
    const { ran, gate, decide } = await newServer();
    const { call } = await connect(endpointOf({ gate, ran, waitSeconds: 20 }), { era });
    const calling = call('refund', refund);
    await decide('deny', {});
    const { isError, text } = await calling;
    expect([isError, JSON.parse(text)]).toMatchObject([true, { denied: true, reason: 'Too much', retry: false }]);
    expect(ran).toEqual([]);
  });

  test('has no tool that decides, and asks for another principal in vain', async () => {
    const { endpoint } = await newServer();
    const { client } = await connect(endpoint, { era });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      'refund',
      'purge',
      'read',
      'await_approval',
    ]);
  });

  test('finds nothing run while Placet is away', async () => {
    const { ran, endpoint, setAway } = await newServer();
    setAway(true);
    const { call } = await connect(endpoint, { era });
    expect(await call('refund', refund)).toMatchObject({
      isError: true,
      text: expect.stringContaining('cannot be reached'),
    });
    expect(ran).toEqual([]);
  });
});

test('a call of 2026 is held over its rounds, and runs once it is approved', async () => {
  const { ran, gate, decide, requests } = await newServer();
  const { call } = await connect(endpointOf({ gate, ran, waitSeconds: 1 }), { era: modern });
  const calling = call('refund', refund);
  await decide('approve', {});
  expect(await calling).toEqual({ text: 'refund done' });
  expect(ran).toEqual([refund]);
  expect(await requests()).toHaveLength(1);
});

test('a call of 2025 is answered that it waits, and goes on by await_approval, once', async () => {
  const { ran, endpoint, decide, requests } = await newServer();
  const { call } = await connect(endpoint, { era: '2025-11-25' });
  const waiting = JSON.parse((await call('refund', refund)).text);
  expect(waiting).toMatchObject({
    pending: true,
    held: expect.any(String),
    next: expect.stringContaining('await_approval'),
  });
  expect(waiting.held).not.toContain('A-1');
  await decide('approve', {});
  expect(await call('await_approval', { held: waiting.held })).toEqual({ text: 'refund done' });
  expect(JSON.parse((await call('await_approval', { held: waiting.held })).text)).toMatchObject({
    already_executed: true,
  });
  expect(ran).toEqual([refund]);
  expect(await requests()).toHaveLength(1);
});

describe('the request state', () => {
  /** A server as the protocol's own examples have it: what the client sends back is believed. */
  function bareEndpoint(ran: unknown[]) {
    return createMcpHandler(() => {
      const server = new McpServer({ name: 'bare', version: '1' });
      server.registerTool(
        'refund',
        { inputSchema: z.object({ order: z.string(), amount: z.number() }) },
        (args, ctx) => {
          if (ctx.mcpReq.requestState() !== 'approved') return inputRequired({ requestState: 'pending' });
          ran.push(args);
          return { content: [{ type: 'text', text: 'done' }] };
        },
      );
      return server;
    });
  }

  test('bare: is made up, sent twice, by anyone, with other arguments, and it runs each time', async () => {
    const ran: unknown[] = [];
    const { call } = await connect(bareEndpoint(ran), { era: modern, principal: 'mallory' });
    for (const amount of [120, 9_999]) await call('refund', { ...refund, amount }, { requestState: 'approved' });
    expect(ran).toHaveLength(2);
  });

  test.each<[string, { principal?: string; tool?: string; args?: object; edit?: (state: string) => string }]>([
    ['of another user of the same client', { principal: 'mallory' }],
    ['with other arguments', { args: { order: 'A-1', amount: 9_999 } }],
    ['for another tool', { tool: 'purge' }],
    ['edited', { edit: (state) => state.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }],
    ['made up', { edit: () => 'approved' }],
  ])(
    'held: %s is refused, although the call was approved',
    async (_name, { principal, tool = 'refund', args = refund, edit = String }) => {
      const { ran, endpoint, decide, requests } = await newServer();
      const alice = await connect(endpoint, { era: modern, maxRounds: 1 });
      const requestState = await stateOf(alice.call('refund', refund));
      await decide('approve', {});
      const other = await connect(endpoint, { era: modern, maxRounds: 1, ...(principal && { principal }) });
      const refused = await other
        .call(tool, { ...args }, { requestState: edit(requestState) })
        .catch((error: unknown) => error);
      expect(refused instanceof Error ? refused.message : JSON.stringify(refused)).toMatch(
        /requestState|request state/,
      );
      expect(ran).toEqual([]);
      expect((await requests()).map(({ state, outcome }) => [state, outcome?.execution])).toEqual([['approved', null]]);
    },
  );

  test('held: sent twice, it runs once', async () => {
    const { ran, endpoint, decide } = await newServer();
    const { call } = await connect(endpoint, { era: modern, maxRounds: 1 });
    const requestState = await stateOf(call('refund', refund));
    await decide('approve', {});
    const answers = await Promise.all([1, 2, 3].map(() => call('refund', refund, { requestState })));
    expect(answers.filter(({ isError }) => !isError)).toEqual([{ text: 'refund done' }]);
    expect(ran).toHaveLength(1);
  });
});

test.each<[string, string, (() => unknown) | undefined]>([
  ['a client without a user', '', undefined],
  ['a user without a name', ' ', undefined],
  ['an option that names nobody', 'alice', () => ''],
  ['an option that gives no text', 'alice', () => undefined],
])('over HTTP nothing is asked for %s: all would be one', async (_name, user, principal) => {
  const { ran, gate, requests } = await newServer();
  const endpoint = endpointOf({ gate, ran, ...(principal && { principal: principal as () => string }) });
  const { call } = await connect(endpoint, { era: modern, principal: user });
  expect(await call('read', refund)).toMatchObject({ isError: true, text: expect.stringContaining('who calls') });
  expect([ran, await requests()]).toEqual([[], []]);
});
