// Guards the contract that every adapter stands on: a tool call is asked once, runs once, and what did not run is told as data.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlacet, type GateOptions, type ToolCall } from '../src/index.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

let server: WireServer;
let ran: unknown[];
beforeEach(async () => {
  server = await startWireServer();
  ran = [];
});
afterEach(() => server.close());

/** A gate as another process would make it: nothing is shared with the one before. */
const gate = (options: GateOptions = {}) =>
  createPlacet({ url: server.url, apiKey: 'plk_x', retry: { attemptsMax: 2, delayMs: 1 } }).gate(options);
const call: ToolCall = { run: 'thread-1', id: 'call_1', tool: 'refund', arguments: { order: 'A-1001', amount: 120 } };
const tool = (parameters: unknown, { credential }: { credential: string | null }) => {
  ran.push(parameters);
  return credential ?? 'refunded';
};
const asks = () => server.seen.filter(({ method, path }) => method === 'POST' && path === '/v1/approval-requests');
const paths = () => server.seen.map(({ method, path }) => `${method} ${path.replace(/apr_[^/?]*/, 'ID')}`);
const credential = { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 300 };

describe('a call is asked', () => {
  test('once for its run, id and digest, by whatever process, in whatever order its arguments stand', async () => {
    server.states = ['pending'];
    const first = await gate().ask(call);
    const again = await gate().ask({ ...call, arguments: { amount: 120, order: 'A-1001' } });
    expect(again).toEqual(first);
    expect(Object.keys(first)).toEqual(['id', 'digest', 'state']);
    expect(server.requests.size).toBe(1);
  });

  test.each<[string, Partial<ToolCall>]>([
    ['another run', { run: 'thread-2' }],
    ['another call', { id: 'call_2' }],
    ['other arguments', { arguments: { order: 'A-1001', amount: 121 } }],
    ['another tool', { tool: 'purge' }],
    ['run and id that join to the same text', { run: 'thread-1call_', id: '1' }],
  ])('anew for %s', async (_name, changes) => {
    server.states = ['pending'];
    const first = await gate().ask(call);
    expect((await gate().ask({ ...call, ...changes })).id).not.toBe(first.id);
  });

  test('as its tool and all its arguments, named as the options say and no argument left out', async () => {
    await gate().ask(call);
    const actions = {
      refund: ({ order }: { readonly [name: string]: unknown }) => ({
        action: 'orders.refund',
        resource: `order/${order}`,
      }),
    };
    await gate({ actions, onBehalfOf: 'a@example.com', timeoutSeconds: 60 }).ask(call);
    await gate({ actions: { refund: { action: 'refund.fast' } } }).ask(call);
    const parameters = { order: 'A-1001', amount: 120 };
    expect(asks().map(({ body }) => body)).toEqual([
      { action: 'refund', resource: 'tool/refund', parameters },
      {
        action: 'orders.refund',
        resource: 'order/A-1001',
        parameters,
        on_behalf_of: 'a@example.com',
        timeout_seconds: 60,
      },
      { action: 'refund.fast', resource: 'tool/refund', parameters },
    ]);
  });

  test.each([
    ['run', { run: '' }],
    ['run', { run: undefined }],
    ['id', { id: '' }],
    ['id', { id: undefined }],
    ['run', { run: 'thread-undefined' }],
    ['id', { id: '[object Object]' }],
  ])('never without its %s', async (name, changes) => {
    const pass = gate().pass({ ...call, ...changes } as ToolCall, { tool });
    await expect(pass).rejects.toMatchObject({
      code: 'idempotency_key_missing',
      message: expect.stringContaining(name),
    });
    expect([server.seen, ran]).toEqual([[], []]);
  });

  test.each([
    ['text', '{"order":"A-1001"}'],
    ['a list', [1]],
    ['nothing', undefined],
  ])('never with arguments that are %s', async (_name, value) => {
    await expect(gate().pass({ ...call, arguments: value } as never, { tool })).rejects.toMatchObject({
      name: 'StrictJsonError',
    });
    expect([server.seen, ran]).toEqual([[], []]);
  });
});

describe('a call runs', () => {
  test('once it is approved, in three calls of the API where nobody has to decide, and its result is reported', async () => {
    const allowed = gate();
    const { id } = await allowed.ask(call);
    await allowed.wait(id);
    server.seen.length = 0;
    // The wire server approves by a read; a policy that allows does so at once.
    const made = server.requests.get(id);
    if (made) server.requests.set(id, { ...made, state: 'approved' });
    expect(await allowed.pass(call, { tool })).toMatchObject({ state: 'ran', result: 'refunded' });
    expect(ran).toEqual([{ amount: 120, order: 'A-1001' }]);
    expect(paths()).toEqual([
      'POST /v1/approval-requests',
      'POST /v1/approval-requests/ID/execution',
      'POST /v1/approval-requests/ID/result',
    ]);
    expect(server.results.get(id)).toEqual({ status: 'succeeded' });
  });

  test('in another process than the one that asked, from the reference alone', async () => {
    server.states = ['pending', 'pending', 'approved'];
    const reference = JSON.parse(JSON.stringify(await gate().ask(call)));
    expect((await gate().wait(reference.id, { timeoutSeconds: 0 })).state).toBe('pending');
    expect((await gate().wait(reference.id)).state).toBe('approved');
    expect(await gate().run(call, { reference, tool })).toMatchObject({ state: 'ran', reference });
  });

  test('with its credential, where the gate asks for one', async () => {
    const outcome = await gate({ credential }).pass(call, { tool });
    expect(outcome).toMatchObject({ state: 'ran', result: expect.stringMatching(/^eyJ/) });
    expect([server.claimed.size, server.started.size]).toEqual([1, 0]);
  });

  test('with the arguments that were digested, whatever the caller does to its own meanwhile', async () => {
    server.states = ['pending', 'approved'];
    const mine = { order: 'A-1001', amount: 120 };
    const passing = gate().pass({ ...call, arguments: mine }, { tool });
    mine.amount = 9_999;
    expect(await passing).toMatchObject({ state: 'ran' });
    expect(ran).toEqual([{ order: 'A-1001', amount: 120 }]);
  });

  test('and fails as the tool does, which is reported by name only', async () => {
    const failing = () => Promise.reject(new RangeError('card 4111 was refused'));
    await expect(gate().pass(call, { tool: failing })).rejects.toThrow('card 4111 was refused');
    expect([...server.results.values()]).toEqual([{ status: 'failed', detail: 'RangeError' }]);
  });
});

describe('a call does not run, and says so as data,', () => {
  test.each([
    ['denied', { denied: true, by: ['Finance Lead'], reason: 'Too much', retry: false }],
    ['expired', { expired: true, reason: expect.any(String), retry: false }],
    ['cancelled', { cancelled: true, by: ['Finance Lead'], reason: null, retry: false }],
  ] as const)('when it is %s', async (state, answer) => {
    server.states = ['pending', state];
    expect(await gate().pass(call, { tool })).toMatchObject({ state, answer });
    expect([ran, server.started.size]).toEqual([[], 0]);
  });

  test('when it is still pending: the reference comes back, and later it runs', async () => {
    server.states = ['pending'];
    const waiting = await gate().pass(call, { tool, waitSeconds: 0 });
    const [id = ''] = server.requests.keys();
    expect(waiting).toMatchObject({ state: 'pending', reference: { id }, answer: { pending: true, retry: false } });
    expect(await gate().run(call, { reference: waiting.reference, tool })).toMatchObject({ state: 'pending' });
    expect(ran).toEqual([]);
    server.states = ['approved'];
    expect(await gate().pass(call, { tool, waitSeconds: 0 })).toMatchObject({ state: 'ran' });
  });

  test('when it ran before: the same call is never run a second time', async () => {
    await gate().pass(call, { tool });
    expect(await gate().pass(call, { tool })).toMatchObject({
      state: 'already_executed',
      answer: { already_executed: true, status: 'succeeded', retry: false },
    });
    expect(ran).toHaveLength(1);
  });

  test('when it ran before, or was begun, though its rule grants the credential three times', async () => {
    server.uses = 3;
    const reference = await gate({ credential }).ask(call);
    await gate({ credential }).pass(call, { tool });
    expect(await gate({ credential }).run(call, { reference, tool })).toMatchObject({ state: 'already_executed' });
    server.results.clear();
    expect(await gate({ credential }).run(call, { reference, tool })).toMatchObject({ state: 'unreported' });
    expect(ran).toHaveLength(1);
    expect(paths().filter((path) => path.endsWith('/credential'))).toHaveLength(1);
  });

  test('when it was begun before and nobody knows how that went', async () => {
    const reference = await gate().ask(call);
    await gate().wait(reference.id);
    server.started.set(reference.id, 'another process');
    const outcome = await gate().run(call, { reference, tool });
    expect(outcome).toMatchObject({ state: 'unreported', answer: { unreported: true, retry: false } });
    expect(ran).toEqual([]);
  });

  test.each(['claim_expired', 'quorum_lost', 'denied_by_policy'])(
    'when its approval does not hold any more: %s',
    async (refusal) => {
      server.refusal = refusal;
      expect(await gate().pass(call, { tool })).toMatchObject({
        state: 'lapsed',
        answer: { lapsed: true, retry: true },
      });
      expect(ran).toEqual([]);
    },
  );
});

describe('a call does not run, and throws,', () => {
  test('when it is not what was approved', async () => {
    const reference = await gate().ask(call);
    const other = { ...call, arguments: { order: 'A-1001', amount: 9_999 } };
    await expect(gate().run(other, { reference, tool })).rejects.toMatchObject({ code: 'action_changed' });
    expect(ran).toEqual([]);
  });

  test.each([[{}], [{ credential }]])('when its reference was edited to fit, with %j', async (options) => {
    const approved = await gate(options).ask(call);
    await gate().wait(approved.id);
    const other = { ...call, arguments: { order: 'A-1001', amount: 9_999 } };
    server.states = ['pending'];
    const { digest } = await gate(options).ask(other);
    const forged = { id: approved.id, digest };
    const running = gate(options).run(other, { reference: forged, tool });
    await expect(running).rejects.toMatchObject({ code: 'action_changed' });
    expect([ran, server.started.size, server.claimed.size]).toEqual([[], 0, 0]);
  });

  test.each<[string, WireServer['faults']]>([
    ['before it is asked', ['drop', 'drop']],
    ['before it is taken', [{ status: 503, after: true }, 'drop', 'drop', 'drop', 'drop', 'drop']],
  ])('when Placet is away %s', async (_name, faults) => {
    server.faults.push(...faults);
    await expect(gate().pass(call, { tool })).rejects.toMatchObject({ code: 'unreachable' });
    expect(ran).toEqual([]);
  });

  test('when its caller gives up, and leaves the request to whoever comes back for it', async () => {
    server.states = ['pending'];
    const giving = new AbortController();
    const passing = gate().pass(call, { tool, signal: giving.signal });
    giving.abort(new Error('stopped'));
    await expect(passing).rejects.toThrow('stopped');
    expect([ran, paths().filter((path) => path.endsWith('/cancel'))]).toEqual([[], []]);
  });
});
