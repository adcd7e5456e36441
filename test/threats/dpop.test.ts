// Credentials that are bound to a key of the agent, at the real door. Numbers are those of docs/threats.md.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  authorizeCall,
  type ClaimedCredential,
  createPlacet,
  createProofKey,
  type Placet,
  type ProofKey,
  reportResult,
  signProof,
  spendCredential,
  verifyCredential,
} from '@placet/sdk';
import { decodeJwt } from 'jose';
import { makeKey, type RealApi, startRealApi } from '../http/real-api.ts';
import { CREDENTIAL, makePolicy, makeRuleFor, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';

const CALL = { method: 'POST', url: 'https://orders.example/refunds' };
const ACTION = { action: 'orders.refund', resource: 'order/1', parameters: { amount: 5 } };
let database: TestDatabase;
let world: World;
let api: RealApi;
let agent_key: string;
let proofKey: ProofKey;
let placet: Placet;
beforeAll(async () => {
  database = await createTestDatabase();
  const free = { effect: 'allow', approvers: [] } as const;
  const bound = { ...CREDENTIAL, sender: 'dpop' } as const;
  world = await makeWorld(
    database,
    makePolicy([makeRuleFor('order/*', { ...free, credential: bound }), makeRuleFor('bearer/*', free)]),
  );
  api = await startRealApi(database, { is_issuer: true });
  agent_key = await makeKey(world.service);
  proofKey = await createProofKey();
  placet = createPlacet({ url: api.url, apiKey: agent_key, proofKey });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

type Bound = { readonly id: string; readonly digest: string; readonly claimed: ClaimedCredential };

async function claimed(resource = 'order/1'): Promise<Bound> {
  const request = await placet.request({ ...ACTION, resource });
  return { id: request.id, digest: request.digest, claimed: await placet.claim(request.id) };
}
const proofFor = async (token: string, more: object = {}, key = proofKey) => ({
  ...CALL,
  jwt: await signProof(key, { ...CALL, token, ...more }),
});
const claimPath = (id: string) => `/v1/approval-requests/${id}/credential`;
const codeOf = ({ text }: { readonly text: string }) => (JSON.parse(text) as { code?: string }).code;
const nonceOf = async (id: string) => {
  const dpop = await signProof(proofKey, { method: 'POST', url: api.url + claimPath(id) });
  const { status, headers } = await api.send(agent_key, 'POST', claimPath(id), undefined, { dpop });
  const challenge = headers.get('www-authenticate') ?? '';
  expect([status, challenge.split(', resource_metadata')[0]]).toEqual([
    401,
    'DPoP error="use_dpop_nonce", algs="ES256 EdDSA Ed25519"',
  ]);
  return headers.get('dpop-nonce') ?? '';
};

test('a bound credential is claimed, verified, used and told of with proofs of its key', async () => {
  const { id, claimed: held } = await claimed();
  const { token } = held.credential;
  expect(decodeJwt(token)).toMatchObject({ cnf: { jkt: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) } });
  const proof = await proofFor(token);
  const keys = `${api.url}/.well-known/jwks.json`;
  const audience = CREDENTIAL.audience;
  const call = { url: api.url, token, issuer: api.url, audience, keys, proof };
  await expect(authorizeCall({ ...call, action: ACTION })).resolves.toMatchObject({ lease: { state: 'used' } });
  const result = { status: 'succeeded' } as const;
  await expect(reportResult({ ...call, requestId: id, result })).resolves.toMatchObject({ status: 'succeeded' });
});

test('a proof that comes again to tell of its use changes nothing: the first result of the use stands', async () => {
  const { id, digest, claimed: held } = await claimed();
  const { token } = held.credential;
  const call = { url: api.url, token, proof: await proofFor(token), requestId: id };
  await spendCredential({ ...call, digest });
  const first = await reportResult({ ...call, result: { status: 'succeeded' } });
  expect(await reportResult({ ...call, result: { status: 'succeeded' } })).toEqual(first);
  const other = reportResult({ ...call, result: { status: 'failed' } });
  await expect(other).rejects.toMatchObject({ code: 'result_already_reported' });
});

test('29 without a proof nothing is claimed, verified, used or told of', async () => {
  const request = await placet.request(ACTION);
  const bare = createPlacet({ url: api.url, apiKey: agent_key });
  await expect(bare.claim(request.id)).rejects.toMatchObject({ code: 'dpop_proof_missing', status: 401 });
  expect(await leasesOf(database, request.id)).toEqual([]);
  const { id, digest, claimed: held } = await claimed();
  const { token } = held.credential;
  const verify = { issuer: api.url, audience: CREDENTIAL.audience, keys: `${api.url}/.well-known/jwks.json` };
  await expect(verifyCredential(token, verify)).rejects.toMatchObject({ code: 'proof_missing' });
  await expect(spendCredential({ url: api.url, token, digest })).rejects.toMatchObject({ code: 'credential_invalid' });
  const result = { status: 'failed' } as const;
  const telling = reportResult({ url: api.url, token, requestId: id, result });
  await expect(telling).rejects.toMatchObject({ code: 'credential_invalid' });
  expect(await leasesOf(database, id)).toEqual([{ state: 'active' }]);
});

test('30 the proof of another key opens nothing, neither the credential nor the repeat of its claim', async () => {
  const thief = await createProofKey();
  const request = await placet.request(ACTION);
  const { credential, lease } = await placet.claim(request.id, { idempotencyKey: 'mine' });
  const { token } = credential;
  const proof = await proofFor(token, {}, thief);
  const spending = spendCredential({ url: api.url, token, proof, digest: request.digest });
  await expect(spending).rejects.toMatchObject({ code: 'credential_invalid' });
  const facts = [{ facts: { code: 'proof_of_another_key' } }];
  expect(await eventsOf(database, request.id, 'credential.refused')).toEqual(facts);
  const stolen = createPlacet({ url: api.url, apiKey: agent_key, proofKey: thief });
  await expect(stolen.claim(request.id, { idempotencyKey: 'mine' })).rejects.toMatchObject({ code: 'already_claimed' });
  await expect(placet.claim(request.id, { idempotencyKey: 'mine' })).resolves.toMatchObject({
    lease: { id: lease.id },
  });
});

test('31 the same proof fifty times at once is taken once, for a claim and for a use', async () => {
  const request = await placet.request(ACTION);
  const dpop = await signProof(proofKey, {
    method: 'POST',
    url: api.url + claimPath(request.id),
    nonce: await nonceOf(request.id),
  });
  const headers = { dpop, 'idempotency-key': 'same' };
  const send = () => api.send(agent_key, 'POST', claimPath(request.id), undefined, headers);
  const answers = await Promise.all(Array.from({ length: 50 }, send));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(new Set(answers.filter(({ status }) => status !== 200).map(codeOf))).toEqual(new Set(['dpop_proof_invalid']));
  const one = await claimed();
  const { token } = one.claimed.credential;
  const proof = await proofFor(token);
  const use = (digest: string) => spendCredential({ url: api.url, token, proof, digest });
  const uses = await Promise.allSettled(Array.from({ length: 50 }, () => use(one.digest)));
  expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('32 two proofs, one in the header and one in the body, or two headers in one are refused', async () => {
  const { digest, claimed: held } = await claimed();
  const { token } = held.credential;
  const { jwt } = await proofFor(token);
  const path = `/v1/leases/${held.lease.id}/use`;
  const forwarded = { dpop: { ...CALL, proof: jwt } };
  const authorization = `DPoP ${token}`;
  for (const [dpop, body] of [
    [jwt, { digest, ...forwarded }],
    [`${jwt}, ${jwt}`, { digest }],
  ] as const) {
    const answer = await api.send('', 'POST', path, body, { dpop, authorization });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'dpop_proof_invalid']);
  }
});

test('38 a nonce that is not of ours, or of the last minutes, is answered with a fresh one', async () => {
  const request = await placet.request(ACTION);
  const fresh = await nonceOf(request.id);
  for (const nonce of ['', 'x', `${fresh}x`]) {
    const dpop = await signProof(proofKey, { method: 'POST', url: api.url + claimPath(request.id), nonce });
    const answer = await api.send(agent_key, 'POST', claimPath(request.id), undefined, { dpop });
    expect([codeOf(answer), answer.headers.get('dpop-nonce')?.length]).toEqual(['dpop_nonce_needed', fresh.length]);
  }
});

test('39 a bound credential sent as if anybody might bear it is refused, with its proof too; and the other way round', async () => {
  const { digest, claimed: held } = await claimed();
  const { token } = held.credential;
  const body = { digest, dpop: { ...CALL, proof: (await proofFor(token)).jwt } };
  const path = `/v1/leases/${held.lease.id}/use`;
  expect(codeOf(await api.send(token, 'POST', path, body))).toBe('credential_invalid');
  const open = await claimed('bearer/1');
  const { credential, lease } = open.claimed;
  expect(decodeJwt(credential.token)).not.toHaveProperty('cnf');
  const authorization = `DPoP ${credential.token}`;
  const answer = await api.send('', 'POST', `/v1/leases/${lease.id}/use`, { digest: open.digest }, { authorization });
  expect(codeOf(answer)).toBe('credential_invalid');
});

test('41 a header of the request cannot say what address a proof is for', async () => {
  const request = await placet.request(ACTION);
  const nonce = await nonceOf(request.id);
  const dpop = await signProof(proofKey, {
    method: 'POST',
    url: `https://evil.example${claimPath(request.id)}`,
    nonce,
  });
  for (const forged of [{ 'x-forwarded-host': 'evil.example' }, { forwarded: 'host=evil.example;proto=https' }]) {
    const answer = await api.send(agent_key, 'POST', claimPath(request.id), undefined, { dpop, ...forged });
    expect(codeOf(answer)).toBe('dpop_proof_invalid');
  }
});

test('a proof that was made for another tool than the audience is refused', async () => {
  const { digest, claimed: held } = await claimed();
  const { token } = held.credential;
  const elsewhere = { method: 'POST', url: 'https://other.example/refunds' };
  const proof = { ...elsewhere, jwt: await signProof(proofKey, { ...elsewhere, token }) };
  const spending = spendCredential({ url: api.url, token, proof, digest });
  await expect(spending).rejects.toMatchObject({ code: 'credential_invalid' });
});
