// The revocation endpoint on real rows: what is given back is good for nothing, at once, and nobody takes back what is another's.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as oauth from 'oauth4webapi';
import { forgeKey } from '../../../sdk/test/forge.ts';
import { leasesOf } from '../../support/rows.ts';
import { resign } from '../../threats/door.ts';
import { INSECURE, type OAuthApi, openOAuth, type TestClient } from './oauth-api.ts';

let it: OAuthApi;
beforeAll(async () => {
  it = await openOAuth();
});
afterAll(() => it.close());

async function exchanged(resource = 'free/1') {
  const request = await it.ask(resource);
  const { json } = await it.exchange(it.agent, request.id);
  return { request, token: String(json['access_token']) };
}
const revoke = (client: TestClient, token: string) => it.post('/oauth/revoke', client, { token });
const typesOf = async (request_id: string) => {
  const sql = 'select type from placet.audit_events where request_id = $1 order by position';
  const rows = await it.database.asSuperuser<{ type: string }>(sql, [request_id]);
  return rows.map(({ type }) => type).filter((type) => type.endsWith('.revoked'));
};

test('an agent gives back what it has, as any OAuth client: use, introspection and another exchange refuse it at once', async () => {
  const { request, token } = await exchanged();
  const client: oauth.Client = { client_id: it.agent.id };
  const auth = oauth.ClientSecretPost(it.agent.secret);
  const send = () => oauth.revocationRequest(it.server, client, auth, token, INSECURE);
  expect(await oauth.processRevocationResponse(await send())).toBeUndefined();
  expect((await it.introspect(it.tool, token)).json).toEqual({ active: false });
  const path = `/v1/leases/${decodeJwt(token).jti}/use`;
  expect((await it.api.send(token, 'POST', path, { digest: request.digest })).status).toBe(409);
  expect((await it.exchange(it.agent, request.id)).status).toBe(400);
  expect(await leasesOf(it.database, request.id)).toEqual([{ state: 'revoked' }]);
  expect((await typesOf(request.id)).sort()).toEqual(['approval.revoked', 'lease.revoked']);
  // Once more is the same answer, and no second event.
  expect((await send()).status).toBe(200);
  expect(await typesOf(request.id)).toHaveLength(2);
});

test('98 what is no live credential of the client is answered alike, and changes nothing', async () => {
  const { request, token } = await exchanged();
  const used = await exchanged();
  const path = `/v1/leases/${decodeJwt(used.token).jti}/use`;
  expect((await it.api.send(used.token, 'POST', path, { digest: used.request.digest })).status).toBe(200);
  const tries: readonly (readonly [TestClient, string])[] = [
    [it.stranger, token],
    [it.agent, resign(forgeKey(), decodeJwt(token))],
    [it.agent, String(decodeJwt(token).jti)],
    [it.agent, request.id],
    [it.agent, 'garbage'],
    [it.agent, 'e30.eyJqdGkiOjF9.x'],
    [it.agent, used.token],
  ];
  for (const [client, text] of tries) {
    const { status, json, headers } = await revoke(client, text);
    expect([text.slice(0, 10), status, json, headers.get('cache-control')]).toEqual([
      text.slice(0, 10),
      200,
      {},
      'no-store',
    ]);
  }
  expect(await leasesOf(it.database, request.id)).toEqual([{ state: 'active' }]);
  expect([await typesOf(request.id), await typesOf(used.request.id)]).toEqual([[], []]);
  const byTool = await revoke(it.tool, token);
  expect([byTool.status, byTool.json['error']]).toEqual([403, 'unauthorized_client']);
  expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
});

test('revoked while it is used, fifty times at once, it is one of the two', async () => {
  const { request, token } = await exchanged();
  const path = `/v1/leases/${decodeJwt(token).jti}/use`;
  const uses = Array.from({ length: 25 }, () => it.api.send(token, 'POST', path, { digest: request.digest }));
  const revocations = Array.from({ length: 25 }, () => revoke(it.agent, token));
  const [used, revoked] = await Promise.all([Promise.all(uses), Promise.all(revocations)]);
  expect(new Set(revoked.map(({ status }) => status))).toEqual(new Set([200]));
  const [lease] = await leasesOf(it.database, request.id);
  const wins = used.filter(({ status }) => status === 200).length;
  expect([lease, wins]).toEqual(wins === 1 ? [{ state: 'used' }, 1] : [{ state: 'revoked' }, 0]);
});
