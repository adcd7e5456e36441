// Guards the guard's key: it is demanded, and a second call with it never asks, claims or runs again.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlacet, type GuardContext, type GuardOptions, type Placet, PlacetSpentError } from '../src/index.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

type Order = { id: string; amount: number };
let server: WireServer;
let placet: Placet;
let runs: Order[];
beforeEach(async () => {
  server = await startWireServer();
  placet = createPlacet({ url: server.url, apiKey: 'plk_x', retry: { attemptsMax: 2, delayMs: 1 } });
  runs = [];
});
afterEach(() => server.close());

const plain: GuardOptions<[Order], string> = {
  idempotencyKey: 'job-1',
  resource: (order) => `order/${order.id}`,
  parameters: (order) => ({ amount: order.amount }),
};
const credential = { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 300 };
const order: Order = { id: 'A-1001', amount: 120 };
const refundWith = (changes: Partial<GuardOptions<[Order], string>> = {}) =>
  placet.guard(
    'orders.refund',
    async (order: Order, _context: GuardContext) => {
      runs.push(order);
      return `refunded ${order.amount}`;
    },
    { ...plain, credential, ...changes },
  );

describe('a guard demands a key of the run', () => {
  const wrap = (idempotencyKey: unknown) => refundWith({ idempotencyKey } as never);
  const missing = { name: 'PlacetKeyError', code: 'idempotency_key_missing' };

  test.each([undefined, null, '', 7, {}, 'a'.repeat(256), 'jöb', 'a\nb', '\u0000'])(
    'and takes none such as %j, when it wraps',
    (key) => {
      expect(() => wrap(key)).toThrow(expect.objectContaining(missing));
    },
  );

  test.each([
    'undefined',
    'job-undefined',
    'job/null',
    'NaN',
    'run:NaN:1',
    '[object Object]',
    'job-[object Promise]',
    'job-\u0024{JOB_ID}',
    'job-\u0024{{ github.run_id }}',
    'wf/{{workflow.uid}}',
    'job-{run_id}',
    'job-$CI_JOB_ID',
    'job-%JOB_ID%',
    'job-%s',
    'job-() => id',
    'job-function id() { return 7 }',
    'job-[Function: id]',
    ' ',
    'a ',
  ])('and takes none such as %j, in which the id of the run was missing, however it is made', async (key) => {
    expect(() => wrap(key)).toThrow(expect.objectContaining(missing));
    await expect(wrap(() => key)(order)).rejects.toMatchObject(missing);
    expect(server.seen).toEqual([]);
  });

  test.each([
    ...['job-nullable', 'undefinedness', 'annul', 'NaNo-7', 'a b', '{6F9619FF-8B86-D011-B42D-00C04FC964FF}'],
    ...[
      'arn:aws:states:eu-west-1:1:execution:refund:7',
      'V1StGXR8_Z5jdHi6B-myT',
      'run%2F7',
      'a=1>0',
      'price-in-$',
      '%C3%A9',
    ],
  ])('and takes %j, which is an id', async (key) => {
    await refundWith({ idempotencyKey: key })(order);
    expect(server.seen[0]?.headers['idempotency-key']).toBe(key);
  });

  test('nor no options at all', () => {
    expect(() => placet.guard('orders.refund', () => 1, undefined as never)).toThrow(expect.objectContaining(missing));
  });

  test.each([undefined, null, '', 7, {}, 'a'.repeat(256), 'jöb', 'a\nb', Promise.resolve('job-1')])(
    'and takes none such as %j from its function, before anything is asked',
    async (key) => {
      await expect(wrap(() => key)(order)).rejects.toMatchObject(missing);
      expect(server.seen).toEqual([]);
    },
  );

  test('of the arguments, where they name the run', async () => {
    await refundWith({ idempotencyKey: ({ id }) => `job-${id}` })(order);
    expect(server.seen[0]?.headers['idempotency-key']).toBe('job-A-1001');
  });
});

describe('a second call with the key of the first', () => {
  const again = (changes: Partial<GuardOptions<[Order], string>> = {}) => refundWith(changes)(order);
  const plainly = (fn: () => string) =>
    placet.guard('orders.refund', (_order: Order, _context: GuardContext) => fn(), {
      ...plain,
      idempotencyKey: 'job-1',
    })(order);

  test.each(['succeeded', 'failed'] as const)(
    'after a run that %s gets its result as data, and runs nothing',
    async (status) => {
      const first = () => {
        if (status === 'failed') throw new RangeError('no');
        return 'done';
      };
      await plainly(first).catch(() => undefined);
      const error: unknown = await plainly(() => String(runs.push(order))).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PlacetSpentError);
      expect(error).toMatchObject({ code: 'already_executed', result: { status }, startedAt: 'now', lease: null });
      expect([runs, server.requests.size]).toEqual([[], 1]);
    },
  );

  test('after a claim whose use is not known says so, and claims nothing', async () => {
    const { id } = await placet.request(
      { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } },
      { idempotencyKey: 'job-1' },
    );
    await placet.get(id);
    await placet.claim(id);
    await expect(again()).rejects.toMatchObject({
      code: 'claimed_elsewhere',
      lease: { state: 'active' },
      result: null,
    });
    server.used.add(`lse_${id.slice(4)}`);
    await expect(again()).rejects.toMatchObject({ code: 'claimed_elsewhere', lease: { state: 'used' }, result: null });
    expect(runs).toEqual([]);
  });

  test('after a start without a result says so', async () => {
    const { id, digest } = await placet.request(
      { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } },
      { idempotencyKey: 'job-1' },
    );
    await placet.get(id);
    await placet.start(id, digest);
    const error: unknown = await plainly(() => 'ran').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'claimed_elsewhere', startedAt: 'now', lease: null, result: null });
    expect((error as Error).message).toContain('look whether it ran');
  });

  test.each(['denied', 'expired', 'cancelled'] as const)(
    'of a request that was %s asks nobody again',
    async (state) => {
      server.states = [state];
      await expect(again()).rejects.toMatchObject({ code: state });
      await expect(again()).rejects.toMatchObject({ code: state });
      expect([runs, server.requests.size]).toEqual([[], 1]);
    },
  );

  test('at the same time: one runs, the other is told', async () => {
    const both = await Promise.allSettled([plainly(() => 'one'), plainly(() => 'two')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [error] = both.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(error).toBeInstanceOf(PlacetSpentError);
  });

  test('after an outage while it waited: the request was left as it is, and goes on', async () => {
    server.states = ['pending'];
    server.faults.push({ status: 201, body: '' });
    const down = again({ onReportError: () => undefined });
    await expect(down).rejects.toThrow();
    server.states = ['approved'];
    expect(await again()).toBe('refunded 120');
    expect(server.seen.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
    expect(server.requests.size).toBe(1);
  });
});
