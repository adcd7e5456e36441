// The API end to end, over real HTTP and a real database: ask once, wait, claim once, use once, report once.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { actionDigest } from '@placet/sdk';
import { decodeProtectedHeader } from 'jose';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

const BASE = '/v1/approval-requests';
const ASK = {
  action: 'orders.refund',
  resource: 'order/A-1001',
  parameters: { currency: 'EUR', amount: 120 },
  justification: 'The parcel arrived broken.',
  on_behalf_of: 'Support@example.com',
};

let database: TestDatabase;
let world: World;
let api: RealApi;
let key: string;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  api = await startRealApi(database);
  key = await makeKey(world.service);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

type Resource = { readonly id: string; readonly digest: string; readonly state: string };
type Claimed = { readonly credential: { readonly token: string }; readonly lease: { readonly id: string } };
const codeOf = ({ text }: { readonly text: string }) => (JSON.parse(text) as { code?: string }).code;

const submit = (idempotency_key: string = randomUUID(), body: object | string = ASK) =>
  api.send(key, 'POST', BASE, body, { 'idempotency-key': idempotency_key });

async function pending(): Promise<Resource> {
  const answer = await submit();
  if (answer.status !== 201) throw new Error(answer.text);
  return JSON.parse(answer.text) as Resource;
}

async function approved(): Promise<Resource> {
  const request = await pending();
  await decide(world.deps, makeClick(request, 'ann'));
  return request;
}

async function claimed() {
  const request = await approved();
  const { text } = await api.send(key, 'POST', `${BASE}/${request.id}/credential`);
  const { credential, lease } = JSON.parse(text) as Claimed;
  return { request, token: credential.token, lease };
}

describe('asking', () => {
  test('the digest is the one that the SDK makes of the same action', async () => {
    const { digest, state } = await pending();
    expect(state).toBe('pending');
    const { action, resource, parameters } = ASK;
    expect(digest).toBe(actionDigest({ action, resource, parameters }));
  });

  test('the same key and body give the same bytes, also after the decision; another body is a conflict', async () => {
    const idempotency_key = randomUUID();
    const first = await submit(idempotency_key);
    const request = JSON.parse(first.text) as Resource;
    expect(await submit(idempotency_key)).toMatchObject({ status: 201, text: first.text });
    await decide(world.deps, makeClick(request, 'ann'));
    const { parameters, ...rest } = ASK;
    const reordered = { ...rest, parameters: { amount: 120, currency: 'EUR' } };
    expect(parameters).toEqual(reordered.parameters);
    expect(await submit(idempotency_key, reordered)).toMatchObject({ status: 201, text: first.text });
    const other = await submit(idempotency_key, { ...ASK, parameters: { currency: 'EUR', amount: 121 } });
    expect([other.status, codeOf(other)]).toEqual([409, 'idempotency_conflict']);
    const stranger = await makeKey(world.service);
    const theirs = await api.send(stranger, 'POST', BASE, ASK, { 'idempotency-key': idempotency_key });
    expect((JSON.parse(theirs.text) as Resource).id).not.toBe(request.id);
  });

  test('fifty submits at once with one key make one request', async () => {
    const idempotency_key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(idempotency_key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const rows = await database.asSuperuser('select from placet.approval_requests where idempotency_key = $1', [
      idempotency_key,
    ]);
    expect(rows).toHaveLength(1);
  });

  test('parameters are stored and answered as they were sent, whatever their characters', async () => {
    const parameters = { '\u{1f600}': 'e\u0301', '\u00e9': '\u202e\u2028', toJSON: [null, -1.5e-7, true, {}] };
    const { status, text } = await submit(randomUUID(), { ...ASK, parameters });
    expect(status).toBe(201);
    expect((JSON.parse(text) as { parameters: unknown }).parameters).toEqual(parameters);
  });

  test('a body whose numbers grow to the limit of a stored action is taken', async () => {
    const numbers = `[${'1e15,'.repeat(7_500)}0]`;
    const raw = `{"action":"orders.refund","resource":"order/A-1","parameters":{"n":${numbers}}}`;
    const answer = await api.send(key, 'POST', BASE, raw, { 'idempotency-key': randomUUID() });
    expect(answer.status).toBe(201);
  });
});

describe('waiting', () => {
  test('a long poll answers with the decision', async () => {
    const request = await pending();
    const answer = api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`);
    await decide(world.deps, makeClick(request, 'ann'));
    const { status, text } = await answer;
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      state: 'approved',
      on_behalf_of: 'support@example.com',
      decisions: [{ person: { email: 'ann@example.com' }, decision: 'approve' }],
      outcome: { state: 'approved', by: ['Ann'], lease: null },
    });
  });

  test('a thousand agents at once hear of one decision', async () => {
    const request = await pending();
    const polls = Array.from({ length: 1_000 }, () => api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`));
    await until(async () => (await api.waiting()) === 1_000);
    await decide(world.deps, makeClick(request, 'ann'));
    const answers = await Promise.all(polls);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => (JSON.parse(text) as Resource).state))).toEqual(new Set(['approved']));
  });

  test('a cancel ends it, once and again', async () => {
    const request = await pending();
    const answer = api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`);
    for (let i = 0; i < 2; i += 1) {
      expect((await api.send(key, 'POST', `${BASE}/${request.id}/cancel`)).status).toBe(200);
    }
    expect(JSON.parse((await answer).text)).toMatchObject({ state: 'cancelled' });
    const late = await approved();
    expect(codeOf(await api.send(key, 'POST', `${BASE}/${late.id}/cancel`))).toBe('not_pending');
  });

  test('the list has pages that join without a gap', async () => {
    const mine = await makeKey(world.service);
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { text } = await api.send(mine, 'POST', BASE, ASK, { 'idempotency-key': String(i) });
      made.unshift((JSON.parse(text) as Resource).id);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { text } = await api.send(mine, 'GET', `${BASE}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = JSON.parse(text) as { items: Resource[]; next_cursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(made);
    expect(codeOf(await api.send(mine, 'GET', `${BASE}?cursor=nonsense`))).toBe('invalid_request');
  });
});

describe('claiming, using, reporting', () => {
  test('200 claims at once over HTTP have one winner', async () => {
    const request = await approved();
    const claims = await Promise.all(
      Array.from({ length: 200 }, () => api.send(key, 'POST', `${BASE}/${request.id}/credential`)),
    );
    expect(claims.filter(({ status }) => status === 200)).toHaveLength(1);
    const losers = claims.filter(({ status }) => status !== 200);
    expect(new Set(losers.map((loser) => `${loser.status} ${codeOf(loser)}`))).toEqual(
      new Set(['409 already_claimed']),
    );
  });

  test('a lease is spent once; another digest does not spend it', async () => {
    const { request, token, lease } = await claimed();
    const use = (digest: string) => api.send(token, 'POST', `/v1/leases/${lease.id}/use`, { digest });
    const wrong = await use(`sha256:${'0'.repeat(64)}`);
    expect([wrong.status, codeOf(wrong)]).toEqual([403, 'digest_mismatch']);
    const uses = await Promise.all(Array.from({ length: 20 }, () => use(request.digest)));
    expect(uses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(uses.filter(({ status }) => status !== 200).map(codeOf))).toEqual(new Set(['already_used']));
  });

  test('the credential of one lease opens no other', async () => {
    const [one, two] = [await claimed(), await claimed()];
    const digest = two.request.digest;
    const crossed = await api.send(one.token, 'POST', `/v1/leases/${two.lease.id}/use`, { digest });
    expect([crossed.status, codeOf(crossed)]).toEqual([401, 'credential_invalid']);
    const asKey = await api.send(key, 'POST', `/v1/leases/${two.lease.id}/use`, { digest });
    expect([asKey.status, codeOf(asKey)]).toEqual([401, 'credential_invalid']);
  });

  test('a result needs the use, is taken once, and the same again is harmless', async () => {
    const { request, token, lease } = await claimed();
    const path = `${BASE}/${request.id}/result`;
    const body = { status: 'succeeded', detail: 'Refund 8812.' };
    expect(codeOf(await api.send(key, 'POST', path, body))).toBe('lease_not_used');
    await api.send(token, 'POST', `/v1/leases/${lease.id}/use`, { digest: request.digest });
    const first = await api.send(token, 'POST', path, body);
    expect(first.status).toBe(200);
    expect(await api.send(key, 'POST', path, body)).toMatchObject({ status: 200, text: first.text });
    expect(codeOf(await api.send(key, 'POST', path, { status: 'failed' }))).toBe('result_already_reported');
    const { text } = await api.send(key, 'GET', `${BASE}/${request.id}`);
    expect(JSON.parse(text)).toMatchObject({
      outcome: { lease: { id: lease.id, state: 'used' }, result: { status: 'succeeded', detail: 'Refund 8812.' } },
    });
  });

  test('the keys that verify the credential are public, and only their public half', async () => {
    const { token } = await claimed();
    const { kid } = decodeProtectedHeader(token);
    const { keys } = JSON.parse((await api.send('', 'GET', '/.well-known/jwks.json')).text) as { keys: object[] };
    expect(keys).toContainEqual(expect.objectContaining({ kid, kty: 'OKP', crv: 'Ed25519' }));
    for (const jwk of keys) expect(jwk).not.toHaveProperty('d');
  });
});

test("another agent's request does not exist for me, on any path (INV-9)", async () => {
  const request = await approved();
  const stranger = await makeKey(world.service);
  const body = { status: 'failed' };
  const tries = [
    await api.send(stranger, 'GET', `${BASE}/${request.id}`),
    await api.send(stranger, 'GET', `${BASE}/${request.id}?wait_seconds=60`),
    await api.send(stranger, 'POST', `${BASE}/${request.id}/cancel`),
    await api.send(stranger, 'POST', `${BASE}/${request.id}/credential`),
    await api.send(stranger, 'POST', `${BASE}/${request.id}/result`, body),
  ];
  expect(tries.map((answer) => `${answer.status} ${codeOf(answer)}`)).toEqual(Array(5).fill('404 not_found'));
  const list = JSON.parse((await api.send(stranger, 'GET', BASE)).text) as { items: unknown[] };
  expect(list.items).toEqual([]);
  expect((await api.send(key, 'POST', `${BASE}/${request.id}/credential`)).status).toBe(200);
});
