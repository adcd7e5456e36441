// The SDK's middlewares, each in its real framework, over the real API: the approved call runs, once; every other one never.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPlacet, createProofKey, type Placet, type ProofKey, signProof } from '@placet/sdk';
import { createPostgresStore, createRedisStore, USE_STORE_TABLE, type UseStore } from '@placet/sdk/use-store';
import pg from 'pg';
import { makeKey, type RealApi, startRealApi } from '../http/real-api.ts';
import { CREDENTIAL, makePolicy, makeRuleFor, makeWorld } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describeRedis, type Redis, startRedis } from '../support/redis.ts';
import { FRAMEWORKS, PUBLIC_URL, type Tool } from './frameworks.ts';

const PARAMETERS = { amount: 120, currency: 'EUR' };
let database: TestDatabase;
let api: RealApi;
let key: ProofKey;
let placet: Placet;
beforeAll(async () => {
  database = await createTestDatabase();
  const free = { effect: 'allow', approvers: [] } as const;
  const rules = [
    makeRuleFor('order/B-*', { ...free, credential: { ...CREDENTIAL, sender: 'dpop' } }),
    makeRuleFor('order/open-*', { ...free, credential: CREDENTIAL }),
  ];
  const { service } = await makeWorld(database, makePolicy(rules));
  api = await startRealApi(database, { is_issuer: true });
  key = await createProofKey();
  placet = createPlacet({ url: api.url, apiKey: await makeKey(service), proofKey: key });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function tokenFor(id: string): Promise<string> {
  const request = await placet.request({ action: 'orders.refund', resource: `order/${id}`, parameters: PARAMETERS });
  return (await placet.claim(request.id)).credential.token;
}
const urlOf = (id: string) => `${PUBLIC_URL}/refunds/${id}`;
const proofOf = (token: string, more: object = {}, proofKey = key) =>
  signProof(proofKey, { method: 'POST', url: urlOf('B-1'), token, ...more });

type Sent = { readonly path?: string; readonly body?: object; readonly headers: Readonly<Record<string, string>> };
const send = (tool: Tool, { path = '/refunds/B-1', body = PARAMETERS, headers }: Sent) =>
  tool.call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const bound = async (token: string, proof?: string) => ({
  authorization: `DPoP ${token}`,
  dpop: proof ?? (await proofOf(token)),
});

describe.each(Object.entries(FRAMEWORKS))('%s', (_name, start) => {
  let tool: Tool;
  /** What is refused spends nothing of it, whatever was tried before. */
  let token: string;
  beforeAll(async () => {
    tool = await start({ url: api.url });
    token = await tokenFor('B-1');
  });
  afterAll(() => tool.close());

  test('runs the approved call with its proof, once, of fifty at once', async () => {
    const once = await tokenFor('B-1');
    const proofs = await Promise.all(Array.from({ length: 50 }, () => proofOf(once)));
    const before = tool.ran.length;
    const answers = await Promise.all(proofs.map(async (proof) => send(tool, { headers: await bound(once, proof) })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]));
    expect(tool.ran.slice(before)).toEqual([{ id: 'B-1', lease_id: expect.stringMatching(/^lse_/) }]);
    expect(tool.refused.at(-1)).toBe('already_used');
  });

  test('runs what anybody may bear, with the query that it came with', async () => {
    const headers = { authorization: `Bearer ${await tokenFor('open-1')}` };
    expect((await send(tool, { path: '/refunds/open-1?trace=1', headers })).status).toBe(200);
    const again = await send(tool, { path: '/refunds/open-1', headers });
    expect([again.status, again.headers.get('cache-control')]).toEqual([401, 'no-store']);
  });

  test.each<[string, number, string, (token: string) => Promise<Sent>]>([
    ['with nothing', 401, 'token_malformed', async () => ({ headers: {} })],
    ['with a key', 401, 'token_malformed', async () => ({ headers: { authorization: 'Bearer plk_key' } })],
    ['with Basic', 401, 'token_malformed', async (token) => ({ headers: { authorization: `Basic ${token}` } })],
    [
      'as bearer, with its proof',
      401,
      'proof_invalid',
      async (token) => ({ headers: { ...(await bound(token)), authorization: `Bearer ${token}` } }),
    ],
    ['as bearer, bare', 401, 'proof_missing', async () => ({ headers: { authorization: `Bearer ${token}` } })],
    ['without a proof', 401, 'proof_missing', async (token) => ({ headers: { authorization: `DPoP ${token}` } })],
    [
      'with two proofs',
      401,
      'proof_missing',
      async (token) => ({ headers: await bound(token, `${await proofOf(token)}, ${await proofOf(token)}`) }),
    ],
    [
      'with the proof of another key',
      401,
      'proof_of_another_key',
      async (token) => ({ headers: await bound(token, await proofOf(token, {}, await createProofKey())) }),
    ],
    [
      'with a proof for another method',
      401,
      'proof_invalid',
      async (token) => ({ headers: await bound(token, await proofOf(token, { method: 'PUT' })) }),
    ],
    [
      'with a proof for another path',
      401,
      'proof_invalid',
      async (token) => ({ headers: await bound(token, await proofOf(token, { url: urlOf('B-2') })) }),
    ],
    [
      'with a proof for the address behind the proxy, and a header that says so',
      401,
      'proof_invalid',
      async (token) => ({
        headers: {
          ...(await bound(token, await proofOf(token, { url: 'https://evil.example/api/refunds/B-1' }))),
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
        },
      }),
    ],
    [
      'with a proof for another credential',
      401,
      'proof_invalid',
      async (token) => ({ headers: await bound(token, await proofOf('another')) }),
    ],
    [
      'with another amount',
      403,
      'action_mismatch',
      async (token) => ({ body: { ...PARAMETERS, amount: 121 }, headers: await bound(token) }),
    ],
    [
      'for another order',
      403,
      'action_mismatch',
      async (token) => ({
        path: '/refunds/B-2',
        headers: await bound(token, await proofOf(token, { url: urlOf('B-2') })),
      }),
    ],
  ])('refuses a call %s, runs nothing and spends nothing', async (_case, status, code, make) => {
    const before = tool.ran.length;
    const answer = await send(tool, await make(token));
    const error = status === 403 ? 'insufficient_scope' : 'invalid_token';
    expect([answer.status, await answer.json(), tool.refused.at(-1)]).toEqual([status, { error }, code]);
    expect(answer.headers.get('www-authenticate')).toContain(`DPoP error="${error}"`);
    expect(tool.ran.length).toBe(before);
  });

  test('runs, after all that was refused, what that credential is for', async () => {
    expect((await send(tool, { headers: await bound(token) })).status).toBe(200);
  });

  test('lets a call through that needs no credential', async () => {
    expect(await (await tool.call('/health', { method: 'GET' })).json()).toEqual({ free: true });
  });

  test('runs nothing while nobody can say whether it was spent', async () => {
    const away = await start({ url: 'http://127.0.0.1:9' });
    const answer = await send(away, { headers: await bound(token) });
    expect([answer.status, answer.headers.get('retry-after'), await answer.json(), away.ran]).toEqual([
      503,
      '2',
      { error: 'temporarily_unavailable' },
      [],
    ]);
    await away.close();
  });
});

/** What a store has to do, whichever it is. */
function sharing(open: () => Promise<{ readonly store: UseStore; readonly lose: () => Promise<unknown> }>): void {
  test('two processes of a tool run a call once, of fifty at once, and a proof is taken once', async () => {
    const { store, lose } = await open();
    const tools = [await FRAMEWORKS.Fastify({ url: api.url, store }), await FRAMEWORKS.Hono({ url: api.url, store })];
    const token = await tokenFor('B-1');
    const calls = Array.from({ length: 50 }, async (_, at) => {
      const [one, other] = tools;
      const tool = at % 2 === 0 ? one : other;
      return tool === undefined ? null : send(tool, { headers: await bound(token) });
    });
    const statuses = (await Promise.all(calls)).map((answer) => answer?.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(tools.flatMap(({ ran }) => ran)).toHaveLength(1);
    const [tool] = tools;
    if (tool === undefined) throw new Error('no tool');
    const another = await tokenFor('B-1');
    const headers = await bound(another);
    const twice = await Promise.all([send(tool, { headers }), send(tool, { headers })]);
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(tool.refused.at(-1)).toBe('proof_seen_before');
    for (const each of tools) await each.close();
    await lose();
  });

  test('a store that is away, or says anything but yes, runs nothing', async () => {
    const { store, lose } = await open();
    const odd: UseStore = { takeOnce: async () => 'yes' as unknown as boolean };
    const [away, strange] = [
      await FRAMEWORKS.Express({ url: api.url, store }),
      await FRAMEWORKS.Express({ url: api.url, store: odd }),
    ];
    await lose();
    const lost = await send(away, { headers: await bound(await tokenFor('B-1')) });
    const unsure = await send(strange, { headers: await bound(await tokenFor('B-1')) });
    expect([lost.status, unsure.status, away.ran, strange.ran]).toEqual([503, 401, [], []]);
    await away.close();
    await strange.close();
  });
}

describe('with what was spent in PostgreSQL', () => {
  sharing(async () => {
    const pool = new pg.Pool({ connectionString: database.owner_url });
    await pool.query(USE_STORE_TABLE);
    return { store: createPostgresStore(pool), lose: () => pool.end() };
  });
});

describeRedis('with what was spent in Redis', () => {
  const started: Redis[] = [];
  afterAll(async () => {
    for (const { stop } of started) await stop();
  });
  sharing(async () => {
    const redis = await startRedis();
    started.push(redis);
    return { store: createRedisStore(redis), lose: redis.stop };
  });
});
