// Guards the agent's client: what it sends, what it repeats, when it gives up, and that it never repeats an ask as a new one.
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlacet, type Placet, PlacetApiError, PlacetTimeoutError, PlacetUnreachableError } from '../src/index.ts';
import { ACTION } from './forge.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

const API_KEY = 'plk_canary';
let server: WireServer;
let placet: Placet;
beforeEach(async () => {
  server = await startWireServer();
  placet = createPlacet({ url: `${server.url}/`, apiKey: API_KEY, retry: { attemptsMax: 3, delayMs: 1 } });
});
afterEach(() => server.close());

const keysSent = (): unknown[] => server.seen.map((call) => call.headers['idempotency-key']);

test('an ask goes out exactly as the API names its fields', async () => {
  const request = await placet.request({
    ...ACTION,
    justification: 'Parcel lost',
    onBehalfOf: 'support@example.com',
    timeoutSeconds: 600,
    credential: { audience: 'https://orders.example', scopes: ['orders:refund'], lifetimeSeconds: 300 },
  });
  expect(request).toMatchObject({ state: 'pending', digest: expect.stringMatching(/^sha256:/) });
  expect(server.seen).toEqual([
    {
      method: 'POST',
      path: '/v1/approval-requests',
      headers: expect.objectContaining({ authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }),
      body: {
        ...ACTION,
        justification: 'Parcel lost',
        on_behalf_of: 'support@example.com',
        timeout_seconds: 600,
        credential: {
          type: 'jwt',
          audience: 'https://orders.example',
          scopes: ['orders:refund'],
          lifetime_seconds: 300,
        },
      },
    },
  ]);
});

describe('an ask is repeated, never doubled', () => {
  test.each<[string, WireServer['faults']]>([
    ['the connection drops', ['drop', 'drop']],
    ['the answer is lost after the server acted', [{ status: 503, after: true }]],
    ['the server is down for a moment', [{ status: 503, retryAfter: '0' }]],
    ['the agent is too fast', [{ status: 429, retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT' }]],
    ['a proxy has no server', [{ status: 502, body: '<html>' }]],
  ])('when %s', async (_name, faults) => {
    const tries = faults.length + 1;
    server.faults.push(...faults);
    await placet.request(ACTION);
    expect(server.requests.size).toBe(1);
    expect(keysSent()).toHaveLength(tries);
    expect(new Set(keysSent()).size).toBe(1);
  });

  test("two asks have two keys of their own, and the caller's key is used when given", async () => {
    await placet.request(ACTION);
    await placet.request(ACTION);
    await placet.request(ACTION, { idempotencyKey: 'mine' });
    expect(new Set(keysSent()).size).toBe(3);
    expect(keysSent()[2]).toBe('mine');
  });
});

test('a claim is repeated under one key, so that a lost answer is given again; another claim is another', async () => {
  const { id } = await placet.request(ACTION);
  await placet.get(id);
  const before = keysSent().length;
  server.faults.push({ status: 503, after: true }, 'drop');
  expect(await placet.claim(id)).toMatchObject({ credential: { type: 'jwt' } });
  const sent = keysSent().slice(before);
  expect([sent.length, new Set(sent).size, server.claimed.size]).toEqual([3, 1, 1]);
  await expect(placet.claim(id)).rejects.toMatchObject({ code: 'already_claimed' });
});

describe('retries end', () => {
  test('after three lost connections the error says unreachable', async () => {
    server.faults.push('drop', 'drop', 'drop', 'drop');
    await expect(placet.request(ACTION)).rejects.toThrow(PlacetUnreachableError);
    expect(server.seen).toHaveLength(3);
  });

  test('after three times 503 the error is that of the API', async () => {
    server.faults.push({ status: 503 }, { status: 503 }, { status: 503, body: '{"code":"unavailable"}' });
    await expect(placet.request(ACTION)).rejects.toMatchObject({ status: 503, code: 'unavailable' });
  });

  test.each([400, 401, 403, 404, 409, 422, 500])('%i is final at once', async (status) => {
    server.faults.push({ status, body: `{"code":"some_code","title":"Some title"}` });
    const error: unknown = await placet.request(ACTION).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlacetApiError);
    expect(error).toMatchObject({ status, code: 'some_code' });
    expect(server.seen).toHaveLength(1);
  });

  test('a Retry-After of an hour is reported and not waited for', async () => {
    server.faults.push({ status: 429, retryAfter: '3600', body: '{"code":"rate_limited"}' });
    await expect(placet.request(ACTION)).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 3_600 });
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    [{ title: 'T.', code: 'invalid_json', detail: 'send it as text' }, 'T. Send it as text. (invalid_json, 400)'],
    [
      { title: 'T.', code: 'invalid_request', errors: [{ path: '/action', message: 'must not be empty' }] },
      'T. /action must not be empty. (invalid_request, 400)',
    ],
    [{ title: 'T.', code: 'invalid_request', errors: 'none' }, 'T. (invalid_request, 400)'],
  ])('an error says what to do, as the answer does: %j', async (problem, message) => {
    server.faults.push({ status: 400, body: JSON.stringify(problem) });
    await expect(placet.request(ACTION)).rejects.toThrow(message);
  });

  test('200 without JSON is no answer', async () => {
    server.faults.push({ status: 200, body: '<html>login</html>' });
    await expect(placet.request(ACTION)).rejects.toMatchObject({ code: 'unexpected_answer' });
  });

  test('a redirect is not followed with the key in hand', async () => {
    server.faults.push(...Array.from({ length: 3 }, () => ({ status: 302, body: '' })));
    await expect(placet.get('apr_1')).rejects.toThrow();
    expect(server.seen.every((call) => call.path === '/v1/approval-requests/apr_1')).toBe(true);
  });
});

describe('what the API would refuse or misread is an error before it is sent', () => {
  test.each<[string, unknown]>([
    ['an undefined parameter', { amount: undefined }],
    ['a whole number of any size', { amount: 2n ** 60n }],
    ['arguments as JSON text', '{"amount":1}'],
    ['a date', { at: new Date(0) }],
    ['a lone surrogate', { text: '\ud800' }],
  ])('%s', async (_name, parameters) => {
    await expect(placet.request({ ...ACTION, parameters: parameters as never })).rejects.toThrow(/not strict JSON/);
    expect(server.seen).toHaveLength(0);
  });

  test('an answer with the digest of another action is not taken for ours', async () => {
    server.digestShown = `sha256:${'0'.repeat(64)}`;
    await expect(placet.request(ACTION)).rejects.toMatchObject({ code: 'action_changed' });
  });
});

describe('waiting', () => {
  test('goes on poll after poll until the request leaves pending', async () => {
    const { id } = await placet.request(ACTION);
    server.states = ['pending', 'pending', 'pending', 'approved'];
    expect(await placet.waitForDecision(id)).toMatchObject({ id, state: 'approved' });
    const polls = server.seen.slice(1).map((call) => call.path);
    expect(polls).toEqual(Array(4).fill(`/v1/approval-requests/${id}?wait_seconds=30`));
  });

  test('outlasts an outage that would end any other call', async () => {
    const { id } = await placet.request(ACTION);
    server.faults.push('drop', { status: 503 }, 'drop', { status: 503 }, 'drop');
    expect(await placet.waitForDecision(id)).toMatchObject({ state: 'approved' });
  });

  test('ends at the time given, with the id to go on with', async () => {
    const { id } = await placet.request(ACTION);
    server.states = ['pending'];
    const error: unknown = await placet
      .waitForDecision(id, { timeoutSeconds: 0.05 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlacetTimeoutError);
    expect(error).toMatchObject({ requestId: id });
  });

  test("ends with the caller's own reason when the caller aborts", async () => {
    const { id } = await placet.request(ACTION);
    server.states = ['pending'];
    const controller = new AbortController();
    const waiting = placet.waitForDecision(id, { signal: controller.signal });
    controller.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
  });
});

test('the other calls use the paths of the API', async () => {
  server.states = ['pending'];
  const { id } = await placet.request(ACTION);
  expect(await placet.get(id, { waitSeconds: 5 })).toMatchObject({ id });
  expect(await placet.list({ state: 'pending', limit: 2, cursor: 'a b' })).toMatchObject({ next_cursor: null });
  expect(await placet.cancel(id)).toMatchObject({ state: 'cancelled' });
  expect(await placet.claim(id)).toMatchObject({ credential: { type: 'jwt' } });
  expect(await placet.report(id, { status: 'failed', detail: 'x', resultDigest: 'sha256:y' })).toMatchObject({
    status: 'failed',
  });
  await expect(placet.claim(id)).rejects.toMatchObject({ code: 'already_claimed', status: 409 });
  expect(server.seen.slice(1).map((call) => `${call.method} ${call.path.replace(id, 'ID')}`)).toEqual([
    'GET /v1/approval-requests/ID?wait_seconds=5',
    'GET /v1/approval-requests?state=pending&limit=2&cursor=a+b',
    'POST /v1/approval-requests/ID/cancel',
    'POST /v1/approval-requests/ID/credential',
    'POST /v1/approval-requests/ID/result',
    'POST /v1/approval-requests/ID/credential',
  ]);
});

test('an id cannot lead out of its path', async () => {
  await expect(placet.get('../../v1/leases')).rejects.toMatchObject({ code: 'not_found' });
  expect(server.seen[0]?.path).toBe('/v1/approval-requests/..%2F..%2Fv1%2Fleases');
});

test('neither the client nor its errors show the key (INV-8)', async () => {
  server.faults.push('drop', 'drop', 'drop');
  const error: unknown = await placet.request(ACTION).catch((thrown: unknown) => thrown);
  expect(inspect([placet, error], { depth: 12, showHidden: true })).not.toContain(API_KEY);
});

test('a client without a key or with a broken URL is not made', () => {
  expect(() => createPlacet({ url: server.url, apiKey: '' })).toThrow(TypeError);
  expect(() => createPlacet({ url: 'placet', apiKey: API_KEY })).toThrow('Invalid URL');
});
