// Secrets and contents searched, in every encoding, in what an operator or a caller of the API reads: logs at the lowest
// level, metrics, error bodies. The whole product (Slack, workflow histories, rows) is searched in test/product.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLog } from '../../src/log.ts';
import { decide } from '../../src/service/decide.ts';
import { makeKey, type RealApi, startRealApi } from '../http/real-api.ts';
import { makeClick } from '../support/builders.ts';
import { coatsOf, secretsIn } from '../support/leaks.ts';
import { MASTER_KEY } from '../support/use-cases.ts';
import { type Door, openDoor, REQUESTS } from './door.ts';

const CANARY = 'canary-parameter-3f9c2d71e0b84a56';
const WHY = 'canary-justification-77d1a0c4b2e9';

let door: Door;
let api: RealApi;
let logged = '';
let bodies = '';
beforeAll(async () => {
  door = await openDoor();
  const destination = {
    write: (line: string) => {
      logged += line;
    },
  };
  api = await startRealApi(door.database, { log: createLog({ level: 'trace', role: 'api', destination }) });
});
afterAll(async () => {
  await api.close();
  await door.close();
});

/** Sends, and keeps the body of every answer that is an error. */
async function send(...call: Parameters<RealApi['send']>) {
  const answer = await api.send(...call);
  if (answer.status >= 400) bodies += answer.text;
  return answer;
}

test('70, 71, 72 no key, credential, parameter or justification reaches a log line, a metric or an error body', async () => {
  const key = await makeKey(door.world.records);
  const ask = { action: 'orders.refund', resource: 'order/70', parameters: { canary: CANARY }, justification: WHY };
  const asked = await send(key, 'POST', REQUESTS, ask, { 'idempotency-key': 'canary' });
  const request = JSON.parse(asked.text) as { id: string; digest: string };
  await decide(door.world.deps, makeClick(request, 'ann'));
  const path = `${REQUESTS}/${request.id}`;
  const { credential, lease } = JSON.parse((await send(key, 'POST', `${path}/credential`)).text) as {
    credential: { token: string };
    lease: { id: string };
  };
  const { token } = credential;
  const usePath = `/v1/leases/${lease.id}/use`;
  // Where a key or a credential goes by mistake: another header, the path, the query, a body, another route.
  await send(key, 'POST', usePath, { digest: request.digest });
  await send(token, 'GET', path);
  await send(`${token}x`, 'POST', usePath, { digest: request.digest });
  await send(token, 'POST', usePath, { digest: token });
  await send('', 'GET', `${path}?access_token=${key}`);
  await send('', 'GET', `${path}?agent_key=${token}`, undefined, { referer: `https://x.example/?token=${token}` });
  await send(key, 'GET', `/v1/leases/${token}`);
  await send(key, 'GET', `/${encodeURIComponent(key)}`);
  await send(key, 'POST', `${path}/result`, { status: key });
  await send(key, 'POST', `${path}/result`, { status: 'succeeded', [token]: 1 });
  await send(key, 'POST', REQUESTS, `{"action": "${key}"`, { 'idempotency-key': key });
  await send(key, 'POST', REQUESTS, { ...ask, parameters: { other: CANARY } }, { 'idempotency-key': 'canary' });
  await send(key, 'POST', `${path}/credential`);
  await door.database.asSuperuser('revoke select on placet.leases from placet_app');
  await send(token, 'POST', usePath, { digest: request.digest });
  await door.database.asSuperuser('grant select on placet.leases to placet_app');
  await send(token, 'POST', usePath, { digest: request.digest });
  await send(token, 'POST', `${path}/result`, { status: 'failed', detail: `could not: ${WHY}` });
  const metrics = (await send('', 'GET', '/metrics')).text;

  const [row] = await door.database.asSuperuser<{ sealed: Buffer }>(
    'select private_sealed as sealed from placet.signing_keys where retired_at is null',
  );
  const [, payload = '', signature = ''] = token.split('.');
  const secrets = {
    ...{ key, signature, payload, 'key without prefix': key.slice(4) },
    ...{ canary: CANARY, justification: WHY, 'master key': Buffer.from(MASTER_KEY, 'base64url') },
    'sealed key': row?.sealed ?? '',
    'database password': new URL(door.database.app_url).password.padEnd(16, '@'),
  };
  expect(logged.split('\n').length).toBeGreaterThan(15);
  expect(logged).toContain('"msg":"failed"');
  expect(bodies.length).toBeGreaterThan(1_000);
  expect({ logged: secretsIn(logged, secrets), metrics: secretsIn(metrics, secrets) }).toEqual({
    logged: [],
    metrics: [],
  });
  // A body tells its caller which of their own members is wrong; nothing else comes back.
  const { key: _key, payload: _payload, signature: _signature, 'key without prefix': _rest, ...theirs } = secrets;
  expect(secretsIn(bodies, theirs)).toEqual([]);
});

test('the search finds a secret in each coat', () => {
  const coats = coatsOf(CANARY);
  expect(coats.length).toBeGreaterThanOrEqual(6);
  for (const coat of coats) expect(secretsIn(`a ${coat} b`, { CANARY })).toEqual(['CANARY']);
});
