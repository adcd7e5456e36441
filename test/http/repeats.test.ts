// What the SDK repeats and what it does not, against the real API behind a proxy that answers in its place, or loses answers.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlacet, type Placet } from '@placet/sdk';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

/** What happens to one call: an answer of the proxy's own, or the API acts and its answer is lost. */
type Fault = 'lost' | 'cut' | { readonly status: number; readonly body?: object; readonly after?: string };

const ASK = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120, currency: 'EUR' } };
const unavailable = { status: 503, body: { code: 'unavailable', title: 'Down.', retryable: true }, after: '0' };

let database: TestDatabase;
let world: World;
let api: RealApi;
let proxy: { readonly url: string; readonly close: () => Promise<unknown> };
let placet: Placet;
const faults: Fault[] = [];
const passed: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  api = await startRealApi(database);
  proxy = await startProxy();
  const apiKey = await makeKey(world.service);
  placet = createPlacet({ url: proxy.url, apiKey, retry: { attemptsMax: 4, delayMs: 1 } });
});
afterAll(async () => {
  await proxy.close();
  await api.close();
  await database.drop();
});
beforeEach(() => {
  faults.length = 0;
  passed.length = 0;
});

async function startProxy() {
  const server = createServer(async (message, response) => {
    const fault = faults.shift();
    if (fault === 'cut') return void message.socket.destroy();
    if (typeof fault === 'object') {
      const headers = fault.after === undefined ? {} : { 'retry-after': fault.after };
      return void response.writeHead(fault.status, headers).end(JSON.stringify(fault.body ?? 'a proxy speaks'));
    }
    await pass(message, response, fault === 'lost');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function pass(message: IncomingMessage, response: ServerResponse, isLost: boolean): Promise<void> {
  const { authorization = '', 'idempotency-key': key, 'content-type': type } = message.headers;
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  passed.push(`${message.method} ${message.url?.replace(/apr_\w+/, 'ID')}`);
  const answer = await fetch(`${api.url}${message.url}`, {
    method: message.method ?? 'GET',
    headers: {
      authorization,
      ...(key === undefined ? {} : { 'idempotency-key': String(key) }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  const text = await answer.text();
  if (isLost) return void message.socket.destroy();
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
}

const pending = () => placet.request(ASK);
async function approved() {
  const request = await pending();
  await decide(world.deps, makeClick(request, 'ann'));
  passed.length = 0;
  return request;
}

const moments: readonly (readonly [string, Fault[]])[] = [
  ['says 503 by its code', [unavailable]],
  ['says 503 three times', [unavailable, unavailable, unavailable]],
  ['says 503 in the words of a proxy', [{ status: 503 }]],
  ['says 502 and 504', [{ status: 502 }, { status: 504 }]],
  ['says 429 with a time', [{ status: 429, body: { code: 'rate_limited', retryable: true }, after: '0' }]],
  ['says 500 and that again may help', [{ status: 500, body: { code: 'internal', retryable: true } }]],
  ['says 408', [{ status: 408, body: { code: 'request_timeout', retryable: true } }]],
  ['says that again may help by a code of later', [{ status: 503, body: { code: 'not_the_writer', retryable: true } }]],
  ['cuts the connection', ['cut', 'cut']],
];

describe.each(moments)('while the API %s', (_name, happening) => {
  test('reads and what has a key are repeated, and are done once', async () => {
    faults.push(...happening);
    const { id } = await pending();
    faults.push(...happening);
    expect(await placet.get(id)).toMatchObject({ id, state: 'pending' });
    faults.push(...happening);
    expect((await placet.list({ limit: 1 })).items[0]).toMatchObject({ id });
    faults.push(...happening);
    expect(await placet.cancel(id)).toMatchObject({ state: 'cancelled' });
    expect(faults).toEqual([]);
    expect(await eventsOf(database, id, 'approval_request.cancelled')).toHaveLength(1);
  });

  test('a start and its report go on, once', async () => {
    const { id, digest } = await approved();
    faults.push(...happening);
    await placet.start(id, digest);
    faults.push(...happening);
    await placet.report(id, { status: 'succeeded' });
    expect(await eventsOf(database, id, 'execution.started')).toHaveLength(1);
    expect(await eventsOf(database, id, 'result.reported')).toHaveLength(1);
  });

  test('a claim is repeated, and there is one lease', async () => {
    const { id } = await approved();
    faults.push(...happening);
    expect(await placet.claim(id)).toMatchObject({ credential: { type: 'jwt' } });
    expect(passed).toEqual(['POST /v1/approval-requests/ID/credential']);
    expect(await leasesOf(database, id)).toHaveLength(1);
  });
});

describe('when the API acted and its answer was lost', () => {
  test('a repeated ask, start, report and cancel are answered as the first was', async () => {
    const idempotencyKey = randomUUID();
    faults.push('lost');
    const request = await placet.request(ASK, { idempotencyKey });
    expect(await placet.request(ASK, { idempotencyKey })).toEqual(request);
    await decide(world.deps, makeClick(request, 'ann'));
    faults.push('lost');
    await placet.start(request.id, request.digest);
    faults.push('lost');
    await placet.report(request.id, { status: 'succeeded' });
    expect(await eventsOf(database, request.id, 'execution.start_refused')).toEqual([]);
    const { id } = await pending();
    faults.push('lost');
    expect(await placet.cancel(id)).toMatchObject({ state: 'cancelled' });
  });

  test('a claim has the same lease again, as an event of its own and no second redemption', async () => {
    const { id } = await approved();
    faults.push('lost', 'lost');
    const { lease } = await placet.claim(id);
    expect((await placet.get(id)).outcome).toMatchObject({ lease: { id: lease.id }, grant: { redemptions: 1 } });
    expect(await eventsOf(database, id, 'credential.repeated')).toHaveLength(2);
    expect(await eventsOf(database, id, 'credential.issued')).toHaveLength(1);
  });
});

describe('what is final is not repeated', () => {
  test.each<[string, Fault]>([
    ['a 500 that is for good', { status: 500, body: { code: 'database_unsafe', retryable: false } }],
    ['a 503 that says that again cannot help', { status: 503, body: { code: 'later', retryable: false } }],
    ['a 409', { status: 409, body: { code: 'conflict', retryable: false } }],
    ['a 500 of a proxy', { status: 500 }],
    ['a Retry-After that nobody waits for', { ...unavailable, after: '61' }],
  ])('%s', async (_name, fault) => {
    faults.push(fault);
    await expect(pending()).rejects.toMatchObject({ status: typeof fault === 'object' ? fault.status : 0 });
    expect(passed).toEqual([]);
  });

  test('an outage ends after the attempts that were allowed', async () => {
    faults.push(...Array.from({ length: 9 }, () => unavailable));
    await expect(pending()).rejects.toMatchObject({ code: 'unavailable' });
    expect(faults).toHaveLength(5);
  });
});

test('every code of the real API says whether again may help', async () => {
  const refused = await api.send('plk_unknown', 'GET', '/v1/approval-requests');
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'agent_key_invalid', retryable: false });
});
