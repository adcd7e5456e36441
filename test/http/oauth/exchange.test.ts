// The token endpoint redeems an approval by the very claim: once, whichever door comes first, and for nobody else.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizeCall, createProofKey, signProof } from '@placet/sdk';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { CREDENTIAL } from '../../support/builders.ts';
import { eventsOf, leasesOf } from '../../support/rows.ts';
import { ACTION, type Answer, INSECURE, type OAuthApi, openOAuth } from './oauth-api.ts';
import { EXCHANGE, REQUEST_TYPE } from './operations.ts';

let it: OAuthApi;
beforeAll(async () => {
  it = await openOAuth();
});
afterAll(() => it.close());

const claimPath = (id: string) => `/v1/approval-requests/${id}/credential`;
const codeOf = ({ json }: Answer) => [json['error'], String(json['error_uri']).split('/').at(-1)];

async function approved(resource?: string) {
  const request = await it.ask(resource);
  if (request.state === 'pending') await it.approve(request);
  return request;
}

/** As a library that knows RFC 8693 and nothing of us sends it. */
const redeem = (id: string, options: object = {}) =>
  oauth.genericTokenEndpointRequest(
    it.server,
    { client_id: it.agent.id },
    oauth.ClientSecretBasic(it.agent.secret),
    EXCHANGE,
    { subject_token: id, subject_token_type: REQUEST_TYPE },
    { ...INSECURE, ...options },
  );

test('an OAuth client redeems what a person approved, and the tool takes that credential for exactly this', async () => {
  const request = await approved();
  const response = await redeem(request.id);
  expect([response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  const client: oauth.Client = { client_id: it.agent.id };
  const answer = await oauth.processGenericTokenEndpointResponse(it.server, client, response);
  const { access_token: token, ...rest } = answer;
  expect(rest).toEqual({
    token_type: 'bearer',
    expires_in: CREDENTIAL.lifetime_seconds,
    scope: CREDENTIAL.scopes.join(' '),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    authorization_details: decodeJwt(token)['authorization_details'],
  });
  const call = {
    url: it.api.url,
    issuer: it.api.url,
    audience: CREDENTIAL.audience,
    keys: `${it.api.url}/.well-known/jwks.json`,
  };
  const action = { ...ACTION, resource: 'order/A-1001' };
  await expect(authorizeCall({ ...call, token, action })).resolves.toMatchObject({ lease: { state: 'used' } });
  const issued = [{ facts: expect.objectContaining({ audience: CREDENTIAL.audience, use: 1 }) }];
  expect(await eventsOf(it.database, request.id, 'credential.issued')).toEqual(issued);
});

test('of 200 at once, claims, exchanges, polls and a start, one wins, and what it gave is used once (INV-6)', async () => {
  const request = await approved();
  const poll = { grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: request.id };
  const start = { digest: request.digest };
  const ways = [
    async () => {
      const { status, text } = await it.api.send(it.agent.secret, 'POST', claimPath(request.id));
      return { status, token: status === 200 ? (JSON.parse(text).credential.token as string) : null };
    },
    () => it.exchange(it.agent, request.id),
    () => it.post('/oauth/token', it.agent, poll),
    () => it.exchange(it.agent, request.id, { audience: CREDENTIAL.audience }),
  ];
  const begun = it.api.send(it.agent.secret, 'POST', `/v1/approval-requests/${request.id}/execution`, start, {
    'idempotency-key': 'race',
  });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => ways[at % ways.length]?.()));
  const won = answers.filter((answer) => answer?.status === 200);
  expect(won.length + ((await begun).status === 200 ? 1 : 0)).toBe(1);
  expect((await leasesOf(it.database, request.id)).length).toBe(won.length);
  const errors = new Set(
    answers.flatMap((one) => (one && 'json' in one && one.status !== 200 ? [codeOf(one)[0]] : [])),
  );
  for (const error of errors) expect(['invalid_request', 'invalid_grant']).toContain(error);
  const token = won.map((one) => (one && 'json' in one ? String(one.json['access_token']) : one?.token))[0];
  if (!token) return;
  const { jti } = decodeJwt(token);
  const use = () => it.api.send(token, 'POST', `/v1/leases/${jti}/use`, start);
  const uses = await Promise.all([...Array.from({ length: 50 }, use)]);
  expect(uses.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('exchanged twice it is refused; with the Idempotency-Key of the first it is the same lease, while it is unused', async () => {
  const { id } = await approved('free/1');
  const again = { headers: { 'idempotency-key': 'lost' } };
  const first = (await (await redeem(id, again)).json()) as { access_token: string };
  const second = (await (await redeem(id, again)).json()) as { access_token: string };
  expect(decodeJwt(second.access_token)).toEqual(decodeJwt(first.access_token));
  expect(codeOf(await it.exchange(it.agent, id))).toEqual(['invalid_request', 'already_claimed']);
  const claim = await it.api.send(it.agent.secret, 'POST', claimPath(id));
  expect(claim.status).toBe(409);
  expect(await leasesOf(it.database, id)).toHaveLength(1);
});

describe('is refused, and burns nothing', () => {
  test.each<[string, (id: string) => Promise<Answer>, [string, string]]>([
    ['for another agent', (id) => it.exchange(it.stranger, id), ['invalid_request', 'not_found']],
    ['for a tool', (id) => it.exchange(it.tool, id), ['unauthorized_client', 'permission_missing']],
    [
      'with the id of one client and the secret of another',
      (id) => it.exchange({ id: it.stranger.id, secret: it.agent.secret }, id),
      ['invalid_client', 'client_invalid'],
    ],
    [
      'with the client of the header and another one in the form',
      (id) => it.exchange(it.agent, id, { client_id: it.stranger.id }),
      ['invalid_client', 'client_invalid'],
    ],
    [
      'with two secrets',
      (id) => it.exchange(it.agent, id, { client_secret: it.agent.secret }),
      ['invalid_request', 'invalid_request'],
    ],
    [
      'for another audience',
      (id) => it.exchange(it.agent, id, { audience: 'https://other.example' }),
      ['invalid_target', 'target_invalid'],
    ],
    [
      'for another resource than the audience',
      (id) => it.exchange(it.agent, id, { audience: CREDENTIAL.audience, resource: 'https://other.example' }),
      ['invalid_target', 'target_invalid'],
    ],
    [
      'for more scope',
      (id) => it.exchange(it.agent, id, { scope: 'orders:refund admin' }),
      ['invalid_scope', 'scope_invalid'],
    ],
    [
      'as another type of token',
      (id) => it.exchange(it.agent, id, { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
      ['invalid_request', 'invalid_request'],
    ],
    [
      'with an actor of its own',
      (id) => it.exchange(it.agent, id, { actor_token: 'x' }),
      ['invalid_request', 'invalid_request'],
    ],
    [
      'as an access token of somebody',
      (id) => it.exchange(it.agent, id, { subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
      ['invalid_request', 'invalid_request'],
    ],
    [
      'with a parameter that comes twice',
      (id) => it.post('/oauth/token', it.agent, `grant_type=${EXCHANGE}&subject_token=${id}&subject_token=${id}`),
      ['invalid_request', 'invalid_request'],
    ],
  ])('%s', async (_name, send, expected) => {
    const { id } = await approved('free/1');
    const refused = await send(id);
    expect([codeOf(refused), refused.status]).toEqual([expected, expected[0] === 'invalid_client' ? 401 : 400]);
    expect(await leasesOf(it.database, id)).toEqual([]);
    expect((await it.exchange(it.agent, id, { scope: CREDENTIAL.scopes.join(' ') })).status).toBe(200);
  });

  test('while people have not decided, when they denied, and where its rule grants none', async () => {
    const { id } = await it.ask();
    expect(codeOf(await it.exchange(it.agent, id))).toEqual(['invalid_request', 'request_pending']);
    expect(await eventsOf(it.database, id, 'grant.claim_refused')).toEqual([]);
    const bare = await it.ask('bare/1');
    expect(codeOf(await it.exchange(it.agent, bare.id))).toEqual(['invalid_request', 'no_credential']);
    const denied = await it.ask('nothing/matches');
    expect(codeOf(await it.exchange(it.agent, denied.id))).toEqual(['access_denied', 'request_denied']);
  });
});

test('one that is to be bound needs a proof with a nonce of ours, and is bound to its key', async () => {
  const { id } = await approved('bound/1');
  expect(codeOf(await it.exchange(it.agent, id))).toEqual(['invalid_dpop_proof', 'dpop_proof_missing']);
  const client: oauth.Client = { client_id: it.agent.id };
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const first = oauth.processGenericTokenEndpointResponse(it.server, client, await redeem(id, { DPoP }));
  const refused = await first.catch((error: unknown) => error);
  expect(oauth.isDPoPNonceError(refused)).toBe(true);
  const response = await redeem(id, { DPoP });
  const answer = await oauth.processGenericTokenEndpointResponse(it.server, client, response);
  expect(answer.token_type).toBe('dpop');
  expect(decodeJwt(answer.access_token)).toMatchObject({ cnf: { jkt: await DPoP.calculateThumbprint() } });
});

test('a proof that was taken, is for another address or another method is refused, fifty at once', async () => {
  const key = await createProofKey();
  const { id } = await approved('bound/1');
  const url = `${it.api.url}/oauth/token`;
  const form = { grant_type: EXCHANGE, subject_token: id, subject_token_type: REQUEST_TYPE };
  const send = (dpop: string) => it.post('/oauth/token', it.agent, form, { dpop });
  const first = await send(await signProof(key, { method: 'POST', url }));
  expect([first.status, first.json['error']]).toEqual([400, 'use_dpop_nonce']);
  const nonce = first.headers.get('dpop-nonce') ?? '';
  for (const wrong of [
    { method: 'POST', url: it.api.url + claimPath(id) },
    { method: 'GET', url },
  ]) {
    const refused = await send(await signProof(key, { ...wrong, nonce }));
    expect(codeOf(refused)).toEqual(['invalid_dpop_proof', 'dpop_proof_invalid']);
  }
  const proof = await signProof(key, { method: 'POST', url, nonce });
  const answers = await Promise.all(Array.from({ length: 50 }, () => send(proof)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const errors = answers.filter(({ status }) => status !== 200).map((answer) => codeOf(answer).join(' '));
  expect(new Set(errors)).toEqual(new Set(['invalid_dpop_proof dpop_proof_invalid']));
});
