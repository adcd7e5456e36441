// What the metadata say is true: each address answers, each value is taken, and what they leave out is not.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { INSECURE, type OAuthApi, openOAuth } from './oauth-api.ts';
import { EXCHANGE, REQUEST_TYPE } from './operations.ts';

let it: OAuthApi;
beforeAll(async () => {
  it = await openOAuth();
});
afterAll(() => it.close());

test('the issuer is the one of the credentials, and its keys are those that they are signed with', async () => {
  const { server, api } = it;
  expect(server.issuer).toBe(api.url);
  expect(server.jwks_uri).toBe(`${api.url}/.well-known/jwks.json`);
  const { id } = await it.ask('free/1');
  const { json } = await it.exchange(it.agent, id);
  const request = new Request('https://orders.example/refunds', {
    headers: { authorization: `Bearer ${json['access_token']}` },
  });
  // RFC 9068, by somebody else's reading of the metadata alone.
  const claims = await oauth.validateJwtAccessToken(server, request, 'https://orders.example', INSECURE);
  expect(claims).toMatchObject({ iss: api.url, client_id: it.agent.id, txn: id });
});

test('every endpoint that is named is one, and none is left out', async () => {
  const { server, api } = it;
  const named = Object.entries(server).filter(([name]) => name.endsWith('_endpoint'));
  const { text } = await api.send('', 'GET', '/openapi.json');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> };
  const served = Object.keys(paths).filter((path) => path.startsWith('/oauth/'));
  expect(named.map(([, url]) => url).sort()).toEqual(served.map((path) => api.url + path).sort());
  for (const [, url] of named) {
    const answer = await fetch(String(url), { method: 'POST' });
    expect([url, answer.status, await answer.json()]).toMatchObject([url, 401, { error: 'invalid_client' }]);
  }
});

test('every way of saying who the client is that is named is taken at each endpoint, and no other', async () => {
  const { server, agent } = it;
  for (const endpoint of ['token', 'introspection', 'revocation'] as const) {
    expect(server[`${endpoint}_endpoint_auth_methods_supported`]).toEqual([
      'client_secret_basic',
      'client_secret_post',
    ]);
  }
  const client: oauth.Client = { client_id: agent.id };
  for (const auth of [oauth.ClientSecretBasic(agent.secret), oauth.ClientSecretPost(agent.secret)]) {
    const response = await oauth.introspectionRequest(server, client, auth, 'none', INSECURE);
    expect(await oauth.processIntrospectionResponse(server, client, response)).toEqual({ active: false });
  }
  const jwt = oauth.ClientSecretJwt(agent.secret);
  for (const auth of [jwt, oauth.None(), oauth.ClientSecretPost('plk_none'), oauth.ClientSecretBasic('x')]) {
    const response = await oauth.introspectionRequest(server, client, auth, 'none', INSECURE);
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  }
});

test('every grant type that is named is known, and no other', async () => {
  const { server, agent } = it;
  expect(server.response_types_supported).toEqual([]);
  expect(server.grant_types_supported).toHaveLength(2);
  for (const grant_type of [...(server.grant_types_supported ?? []), 'client_credentials', 'authorization_code', 'x']) {
    const form = { grant_type, subject_token: 'x', subject_token_type: REQUEST_TYPE, auth_req_id: 'x' };
    const { json } = await it.post('/oauth/token', agent, form);
    const isNamed = server.grant_types_supported?.includes(grant_type);
    expect([grant_type, json['error'] === 'unsupported_grant_type']).toEqual([grant_type, !isNamed]);
  }
});

test('every algorithm of proofs that is named is taken, and no other', async () => {
  const { server, agent } = it;
  const named = server.dpop_signing_alg_values_supported ?? [];
  expect(named).toEqual(['ES256', 'EdDSA', 'Ed25519']);
  const client: oauth.Client = { client_id: agent.id };
  for (const alg of ['ES256', 'Ed25519', 'ES384', 'RS256', 'PS256']) {
    const { id } = await it.ask('bound/1');
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(alg));
    const more = { subject_token: id, subject_token_type: REQUEST_TYPE };
    const send = () =>
      oauth.genericTokenEndpointRequest(server, client, oauth.ClientSecretBasic(agent.secret), EXCHANGE, more, {
        ...INSECURE,
        DPoP,
      });
    const first = await send();
    const { error } = (await first.clone().json()) as { error: string };
    expect([alg, error]).toEqual([alg, named.includes(alg) ? 'use_dpop_nonce' : 'invalid_dpop_proof']);
    if (!named.includes(alg)) continue;
    await oauth.processGenericTokenEndpointResponse(server, client, first).catch(() => undefined);
    const answer = await oauth.processGenericTokenEndpointResponse(server, client, await send());
    expect(answer.token_type).toBe('dpop');
  }
});

test('the API names itself as a resource, its issuer, and what a refused caller may read of both', async () => {
  const { api, server } = it;
  const url = new URL(api.url);
  const response = await oauth.resourceDiscoveryRequest(url, INSECURE);
  const resource = await oauth.processResourceDiscoveryResponse(url, response);
  expect(resource).toEqual({
    resource: api.url,
    resource_name: 'Placet',
    authorization_servers: [server.issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: server.dpop_signing_alg_values_supported,
    dpop_bound_access_tokens_required: false,
    authorization_details_types_supported: ['placet_action'],
  });
  expect(server['protected_resources']).toEqual([resource.resource]);
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  const refused = await api.send('', 'GET', '/v1/approval-requests');
  const [, named = ''] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  expect(await (await fetch(named)).json()).toEqual(resource);
});
