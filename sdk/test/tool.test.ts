// Guards the tool's side: a call runs only with a valid credential for exactly this action, and once.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { authorizeCall, createPlacet, reportResult, spendCredential } from '../src/index.ts';
import { ACTION, AUDIENCE, forgeKey, ISSUER, jwksOf } from './forge.ts';
import { startWireServer, type WireServer } from './wire-server.ts';

let server: WireServer;
let token: string;
let request_id: string;
beforeEach(async () => {
  server = await startWireServer();
  const placet = createPlacet({ url: server.url, apiKey: 'plk_x' });
  request_id = (await placet.request(ACTION)).id;
  token = (await placet.claim(request_id)).credential.token;
  server.seen.length = 0;
});
afterEach(() => server.close());

const optionsWith = (changes: Partial<Parameters<typeof authorizeCall>[0]> = {}) => ({
  url: server.url,
  token,
  issuer: ISSUER,
  audience: AUDIENCE,
  keys: jwksOf(server.key),
  action: ACTION,
  retry: { attemptsMax: 2, delayMs: 1 },
  ...changes,
});

test('a call with a good credential is allowed once, and the second time it is not', async () => {
  const allowed = await authorizeCall(optionsWith());
  expect(allowed).toMatchObject({ claims: { client_id: 'agt_1', scope: 'orders:refund' }, lease: { state: 'used' } });
  expect(server.seen[0]).toMatchObject({
    path: `/v1/leases/${allowed.claims.jti}/use`,
    headers: { authorization: `Bearer ${token}` },
    body: { digest: allowed.claims.authorization_details[0].digest },
  });
  await expect(authorizeCall(optionsWith())).rejects.toMatchObject({ code: 'already_used' });
});

test('of fifty calls at once with one credential, one is allowed', async () => {
  const calls = await Promise.allSettled(Array.from({ length: 50 }, () => authorizeCall(optionsWith())));
  expect(calls.filter((call) => call.status === 'fulfilled')).toHaveLength(1);
});

describe('a bad call is refused before it spends anything', () => {
  test.each<[string, () => Parameters<typeof optionsWith>[0], string]>([
    ['other parameters', () => ({ action: { ...ACTION, parameters: { amount: 1 } } }), 'action_mismatch'],
    ['other keys', () => ({ keys: jwksOf(forgeKey()) }), 'key_unknown'],
    ['another tool', () => ({ audience: 'https://other.example' }), 'audience_mismatch'],
    ['no token', () => ({ token: '' }), 'token_malformed'],
    ['an ended one', () => ({ now: new Date(Date.now() + 301_000) }), 'expired'],
  ])('%s', async (_name, changes, code) => {
    await expect(authorizeCall(optionsWith(changes()))).rejects.toMatchObject({ code });
    expect(server.seen).toEqual([]);
    expect(server.used.size).toBe(0);
  });
});

describe('a call is refused when nobody can say whether the credential is unspent', () => {
  test.each<[string, WireServer['faults'], string]>([
    ['the API is unreachable', ['drop', 'drop'], 'unreachable'],
    ['the API is down', [{ status: 503 }, { status: 503, body: '{"code":"unavailable"}' }], 'unavailable'],
    ['the answer is lost after the spending', [{ status: 503, after: true }], 'already_used'],
    ['something else answers 200', [{ status: 200, body: '{"ok":true}' }], 'not_spent'],
    ['the lease is another', [{ status: 200, body: '{"lease":{"id":"lse_x","state":"used"}}' }], 'not_spent'],
  ])('%s', async (_name, faults, code) => {
    server.faults.push(...faults);
    await expect(authorizeCall(optionsWith())).rejects.toMatchObject({ code });
  });
});

test('spending alone takes the lease from the credential, and another digest does not spend it', async () => {
  const [request] = server.requests.values();
  const input = { url: server.url, token, retry: { attemptsMax: 1 } };
  await expect(spendCredential({ ...input, digest: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({
    code: 'digest_mismatch',
  });
  expect(await spendCredential({ ...input, digest: request?.digest ?? '' })).toMatchObject({ state: 'used' });
});

test('a tool reports in the name of the credential', async () => {
  await reportResult({
    url: server.url,
    token,
    requestId: request_id,
    result: { status: 'succeeded', detail: 'done' },
  });
  expect(server.seen[0]).toMatchObject({
    path: `/v1/approval-requests/${request_id}/result`,
    headers: { authorization: `Bearer ${token}` },
    body: { status: 'succeeded', detail: 'done' },
  });
});
