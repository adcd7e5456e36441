// Guards the guard: the function runs once after an approval of exactly its arguments, and in no other case.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlacet, type GuardContext, type GuardOptions, type Placet, PlacetDeniedError } from '../src/index.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

type Order = { id: string; amount: number };
let server: WireServer;
let placet: Placet;
let runs: { order: Order; context: GuardContext }[];
beforeEach(async () => {
  server = await startWireServer();
  placet = createPlacet({ url: server.url, apiKey: 'plk_x', retry: { attemptsMax: 2, delayMs: 1 } });
  runs = [];
});
afterEach(() => server.close());

let calls = 0;
const options: GuardOptions<[Order], string> = {
  idempotencyKey: () => `call-${++calls}`,
  resource: (order) => `order/${order.id}`,
  parameters: (order) => ({ amount: order.amount }),
  credential: { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 300 },
};
const refundWith = (changes: Partial<GuardOptions<[Order], string>> = {}) =>
  placet.guard(
    'orders.refund',
    async (order: Order, context) => {
      runs.push({ order, context });
      return `refunded ${order.amount}`;
    },
    { ...options, ...changes },
  );
const order: Order = { id: 'A-1001', amount: 120 };
const result = (): unknown => [...server.results.values()][0];

test('an approved call runs once, with the credential of its approval, and is reported', async () => {
  server.states = ['pending', 'approved'];
  expect(await refundWith()(order)).toBe('refunded 120');
  expect(runs).toHaveLength(1);
  expect(runs[0]?.context).toMatchObject({
    credential: expect.stringMatching(/^eyJ/),
    lease: { id: expect.stringMatching(/^lse_/) },
    request: { state: 'approved', action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } },
  });
  expect(result()).toEqual({ status: 'succeeded' });
});

test('without a credential asked for, none is claimed', async () => {
  const { credential: _unused, ...rest } = options;
  await placet.guard(
    'orders.refund',
    (_order: Order, context: GuardContext) => context.credential ?? 'none',
    rest,
  )(order);
  expect(server.claimed.size).toBe(0);
  expect(result()).toEqual({ status: 'succeeded' });
});

test('justification and the digest of the result travel along', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const justification = (input: Order): string => `because of ${input.id}`;
  await refundWith({ justification, onBehalfOf: 'a@example.com', timeoutSeconds: 60, resultDigest: () => digest })(
    order,
  );
  expect(server.seen[0]?.body).toMatchObject({
    justification: 'because of A-1001',
    on_behalf_of: 'a@example.com',
    timeout_seconds: 60,
  });
  expect(result()).toEqual({ status: 'succeeded', result_digest: digest });
});

describe('the function does not run', () => {
  test.each(['denied', 'expired', 'cancelled'] as const)('when the request is %s', async (state) => {
    server.states = ['pending', state];
    const error: unknown = await refundWith()(order).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlacetDeniedError);
    expect(error).toMatchObject({ code: state, by: ['Finance Lead'], reason: state === 'denied' ? 'Too much' : null });
    expect(runs).toEqual([]);
    expect(server.results.size).toBe(0);
  });

  test('when the state is one that this version does not know', async () => {
    server.states = ['granted' as never];
    await expect(refundWith()(order)).rejects.toThrow(TypeError);
    expect(runs).toEqual([]);
  });

  test.each<[string, WireServer['faults']]>([
    ['the ask cannot be sent', ['drop', 'drop']],
    ['the ask is refused', [{ status: 401, body: '{"code":"agent_key_invalid"}' }]],
    ['the wait fails', [{ status: 201, body: '{}' }]],
  ])('when %s', async (_name, faults) => {
    server.faults.push(...faults);
    await expect(refundWith()(order)).rejects.toThrow();
    expect(runs).toEqual([]);
  });

  test('when the credential cannot be claimed', async () => {
    const twice = placet.guard(
      'orders.refund',
      (input: Order, context: GuardContext) => runs.push({ order: input, context }),
      {
        idempotencyKey: 'job-1',
        resource: (input) => `order/${input.id}`,
        credential: { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 300 },
        parameters: (input) => {
          for (const id of server.requests.keys()) server.claimed.add(id);
          return { amount: input.amount };
        },
      },
    );
    await expect(twice(order)).rejects.toMatchObject({ code: 'claimed_elsewhere' });
    expect(runs).toEqual([]);
  });

  test('when an argument changed while people decided', async () => {
    const mine = { ...order };
    server.states = ['pending', 'approved'];
    const running = refundWith()(mine);
    mine.amount = 9_999;
    await expect(running).rejects.toMatchObject({ code: 'action_changed' });
    expect(runs).toEqual([]);
    expect(server.claimed.size).toBe(0);
  });

  test('when the caller aborts, and the request is cancelled then', async () => {
    const controller = new AbortController();
    server.states = ['pending'];
    const running = refundWith({
      signal: controller.signal,
      parameters: (input) => ({ amount: input.amount }),
    })(order);
    const failed = expect(running).rejects.toThrow('stop');
    while (server.seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('stop'));
    await failed;
    expect(runs).toEqual([]);
    expect(server.seen.at(-1)?.path).toMatch(/\/cancel$/);
  });
});

describe('how it went is reported', () => {
  test("a failure by the error's name only, and the error itself goes to the caller", async () => {
    const failing = placet.guard('orders.refund', () => Promise.reject(new RangeError('secret inside')), options);
    await expect(failing(order)).rejects.toThrow('secret inside');
    expect(result()).toEqual({ status: 'failed', detail: 'RangeError' });
  });

  test('a report that fails does not turn a success into an error', async () => {
    const errors: unknown[] = [];
    const refund = placet.guard(
      'orders.refund',
      () => {
        server.faults.push({ status: 409, body: '{"code":"lease_not_used"}' });
        return 'done';
      },
      { ...options, onReportError: (error) => errors.push(error) },
    );
    expect(await refund(order)).toBe('done');
    expect(errors).toMatchObject([{ code: 'lease_not_used' }]);
  });
});

test('what looks like a secret is masked before it leaves, and the function gets it as it is', async () => {
  const secret = `ghp_${'a'.repeat(36)}`;
  const changes = {
    parameters: ({ id }: Order) => ({ id, password: 'hunter2' }),
    justification: ({ id }: Order) => `as ${id} says`,
  };
  await refundWith(changes)({ id: secret, amount: 1 });
  const left = JSON.stringify([...server.requests.values()]);
  expect(left).toContain('[masked github_token ');
  expect(left).toContain('[masked secret_field ');
  expect(left).not.toMatch(/hunter2|ghp_a/);
  expect(runs[0]?.order.id).toBe(secret);
  await refundWith({ ...changes, mask: [] })({ id: 'open', amount: 1 });
  expect(JSON.stringify([...server.requests.values()])).toContain('hunter2');
});
