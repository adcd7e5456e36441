// Introspection on real rows: what is good is told whole, and everything else is one answer, to whoever may ask.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { forgeKey } from '../../../sdk/test/forge.ts';
import * as tenants from '../../../src/db/tenants.ts';
import { CREDENTIAL } from '../../support/builders.ts';
import { publish, resign } from '../../threats/door.ts';
import { makeClient, startRealApi } from '../real-api.ts';
import { INSECURE, type OAuthApi, openOAuth } from './oauth-api.ts';

const INACTIVE = { active: false };
let it: OAuthApi;
beforeAll(async () => {
  it = await openOAuth();
});
afterAll(() => it.close());

const useOf = ({ token, lease_id, request }: Awaited<ReturnType<OAuthApi['claimed']>>) =>
  it.api.send(token, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });

test('a tool, as a client of its own, is told all that a good credential says; and so is the agent', async () => {
  const { request, token, lease_id } = await it.claimed();
  const client: oauth.Client = { client_id: it.tool.id };
  const response = await oauth.introspectionRequest(
    it.server,
    client,
    oauth.ClientSecretBasic(it.tool.secret),
    token,
    INSECURE,
  );
  expect(response.headers.get('cache-control')).toBe('no-store');
  const found = await oauth.processIntrospectionResponse(it.server, client, response);
  const { authorization_details, ...claims } = decodeJwt<Record<string, unknown>>(token);
  expect(found).toEqual({
    active: true,
    token_type: 'Bearer',
    ...claims,
    authorization_details: [
      {
        type: 'placet_action',
        actions: ['orders.refund'],
        locations: [CREDENTIAL.audience],
        identifier: 'free/1',
        digest: request.digest,
        approval_request_id: request.id,
      },
    ],
  });
  expect(authorization_details).toEqual(found.authorization_details);
  expect(found).toMatchObject({ jti: lease_id, client_id: it.agent.id });
  expect(await it.introspect(it.agent, token)).toMatchObject({ status: 200, json: found });
});

test('one that is bound says to which key, and one for a person who that is and who acts', async () => {
  const { id } = await it.ask('bound/1');
  const client: oauth.Client = { client_id: it.agent.id };
  const keys = await oauth.generateKeyPair('ES256');
  const DPoP = oauth.DPoP(client, keys);
  const send = () =>
    oauth.genericTokenEndpointRequest(
      it.server,
      client,
      oauth.ClientSecretBasic(it.agent.secret),
      'urn:ietf:params:oauth:grant-type:token-exchange',
      { subject_token: id, subject_token_type: 'https://placet.dev/token-types/approval-request' },
      { ...INSECURE, DPoP },
    );
  await oauth.processGenericTokenEndpointResponse(it.server, client, await send()).catch(() => undefined);
  const { access_token } = await oauth.processGenericTokenEndpointResponse(it.server, client, await send());
  const { json } = await it.introspect(it.tool, access_token);
  expect(json).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: await DPoP.calculateThumbprint() } });
  const detail = { type: 'placet_action', actions: ['orders.refund'], identifier: 'free/2' };
  const form = { authorization_details: JSON.stringify([detail]), login_hint: 'Ann@example.com' };
  const { json: answered } = await it.post('/oauth/bc-authorize', it.agent, form);
  const { json: answer } = await it.exchange(it.agent, String(answered['auth_req_id']));
  const { json: found } = await it.introspect(it.tool, String(answer['access_token']));
  expect(found).toMatchObject({ sub: expect.stringMatching(/^prs_/), act: { sub: it.agent.id } });
});

describe('is told of as nothing, to the tool and to the agent', () => {
  test.each<[string, () => Promise<string>]>([
    ['no token at all', async () => 'garbage'],
    ['one of many characters', async () => 'a'.repeat(20_000)],
    ['an agent key', async () => it.agent.secret],
    ['one whose id is a number', async () => 'e30.eyJqdGkiOjF9.x'],
    ['one whose id is a list', async () => 'e30.eyJqdGkiOltdfQ.x'],
    ['the id of a lease', async () => (await it.claimed()).lease_id],
    [
      'one whose signature is not ours',
      async () => {
        const { token } = await it.claimed();
        return resign(forgeKey(), decodeJwt(token));
      },
    ],
    [
      'one that says another issuer, signed by a key of ours',
      async () => {
        const signing = forgeKey();
        await publish(it.database, signing);
        return resign(signing, decodeJwt((await it.claimed()).token), { iss: 'https://other.example' });
      },
    ],
    [
      'one for another audience, signed by a key of ours',
      async () => {
        const signing = forgeKey();
        await publish(it.database, signing);
        return resign(signing, decodeJwt((await it.claimed()).token), { aud: 'https://other.example' });
      },
    ],
    [
      'one that is used',
      async () => {
        const held = await it.claimed();
        expect((await useOf(held)).status).toBe(200);
        return held.token;
      },
    ],
    [
      'one of a lease that is over',
      async () => {
        const { token, lease_id } = await it.claimed();
        await it.database.asSuperuser(
          `update placet.leases set issued_at = now() - interval '2 s', expires_at = now() - interval '1 s' where id = $1`,
          [lease_id],
        );
        return token;
      },
    ],
    [
      'one that was revoked',
      async () => {
        const { token, lease_id } = await it.claimed();
        await it.database.asSuperuser(`update placet.leases set state = 'revoked', ended_at = now() where id = $1`, [
          lease_id,
        ]);
        return token;
      },
    ],
    [
      'one whose result is told of already',
      async () => {
        const { token, request } = await it.claimed();
        const path = `/v1/approval-requests/${request.id}/result`;
        expect((await it.api.send(token, 'POST', path, { status: 'failed' })).status).toBe(200);
        return token;
      },
    ],
  ])('%s', async (_name, make) => {
    const token = await make();
    for (const client of [it.tool, it.agent]) {
      const { status, headers, json } = await it.introspect(client, token);
      expect([status, json, headers.get('cache-control')]).toEqual([200, INACTIVE, 'no-store']);
    }
  });

  test('one of another agent to that agent, and not to the tool', async () => {
    const { token } = await it.claimed();
    expect((await it.introspect(it.stranger, token)).json).toEqual(INACTIVE);
    expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
  });

  test('one of another tenant, at either installation', async () => {
    await it.database.transact('other', (tx) => tenants.ensureTenant(tx));
    const elsewhere = await startRealApi(it.database, { tenant: 'other' });
    const { key } = await makeClient(it.world.service, 'other');
    const { token } = await it.claimed();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const there = await elsewhere.send(key, 'POST', '/oauth/introspect', `token=${token}`, headers);
    expect([there.status, there.text]).toEqual([200, '{"active":false}']);
    const here = await it.api.send(key, 'POST', '/oauth/introspect', `token=${token}`, headers);
    expect([here.status, JSON.parse(here.text)]).toMatchObject([401, { error: 'invalid_client' }]);
    await elsewhere.close();
  });
});

test('it changes nothing: no row, no event, and the credential is good for its use after', async () => {
  const held = await it.claimed();
  const sql =
    'select (select count(*)::int from placet.audit_events) as events, (select count(*)::int from placet.dpop_proofs) as proofs';
  const before = await it.database.asSuperuser(sql);
  for (const client of [it.tool, it.agent, it.stranger]) await it.introspect(client, held.token);
  expect(await it.database.asSuperuser(sql)).toEqual(before);
  expect((await useOf(held)).status).toBe(200);
});
