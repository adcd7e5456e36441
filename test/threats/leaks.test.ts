// Secrets and contents searched, in every encoding, in what an operator or a caller of the API reads: logs at the lowest
// level, metrics, error bodies. The whole product (Slack, workflow histories, rows) is searched in test/product.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLog } from '../../src/observe/log.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeKey, type RealApi, startRealApi } from '../http/real-api.ts';
import { makeClick } from '../support/builders.ts';
import { secretsIn, textOf } from '../support/leaks.ts';
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
  const key = await makeKey(door.world.service);
  const ask = { action: 'orders.refund', resource: 'order/70', parameters: { canary: CANARY }, justification: WHY };
  const input = await send(key, 'POST', REQUESTS, ask, { 'idempotency-key': 'canary' });
  const request = JSON.parse(input.text) as { id: string; digest: string };
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
  await door.database.asSuperuser("alter table placet.leases add constraint never check (state <> 'used') not valid");
  await send(token, 'POST', usePath, { digest: request.digest });
  await door.database.asSuperuser('alter table placet.leases drop constraint never');
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

/** Each way to write text writes some of these characters in its own way. */
const SPECIAL = 'canary "\\ >>>>????ÿÿÿÿ 3f9c2d71e0b84a56';
const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);
const wide = bytes(SPECIAL, 'utf16le');
const packed = gzipSync(JSON.stringify({ before: 'x'.repeat(100), SPECIAL }));
const each = (write: (code: number) => string) => [...SPECIAL].map((sign) => write(sign.charCodeAt(0))).join('');
const at = (before: number, content: Buffer) => Buffer.concat([Buffer.alloc(before, 7), content, Buffer.alloc(2, 9)]);

test.each<[coat: string, text: string]>([
  ['plain', SPECIAL],
  ['JSON', JSON.stringify({ SPECIAL })],
  ['JSON within JSON', JSON.stringify(JSON.stringify({ SPECIAL }))],
  ['percent-encoding', encodeURIComponent(`{${SPECIAL}}`)],
  ['percent-encoding of every byte', bytes(SPECIAL).toString('hex').replace(/../g, '%$&')],
  ...[0, 1, 2].flatMap((before): [string, string][] => [
    [`base64 behind ${before} bytes`, at(before, bytes(SPECIAL)).toString('base64')],
    [`base64url behind ${before} bytes`, at(before, bytes(SPECIAL)).toString('base64url')],
    [`base64 of UTF-16 behind ${before} bytes`, at(before, wide).toString('base64')],
    [`base64 of gzip behind ${before} bytes`, at(before, packed).toString('base64')],
    [`base64url of gzip behind ${before} bytes`, at(before, packed).toString('base64url')],
    [`hex of gzip behind ${before} bytes`, at(before, packed).toString('hex')],
  ]),
  ['hex', bytes(SPECIAL).toString('hex')],
  ['percent-encoding of every byte in capitals', bytes(SPECIAL).toString('hex').toUpperCase().replace(/../g, '%$&')],
  ['hex in capitals', bytes(SPECIAL).toString('hex').toUpperCase()],
  ['UTF-16', wide.toString('latin1')],
  ['UTF-16 of the other end', bytes(SPECIAL, 'utf16le').swap16().toString('latin1')],
  ['hex of UTF-16', wide.toString('hex')],
  ['gzip of which the end is missing', packed.subarray(0, -9).toString('base64')],
  ['bytes that gzip packed', textOf({ data: packed })],
  ['escapes of JSON', each((code) => `\\u00${code.toString(16)}`)],
  ['escapes of JSON in capitals', each((code) => `\\u00${code.toString(16).toUpperCase()}`)],
  ['escapes of JavaScript', each((code) => `\\x${code.toString(16)}`)],
  ['escapes of HTML', each((code) => `&#${code};`)],
  ['escapes of HTML in hex', each((code) => `&#x${code.toString(16)};`)],
])('the search finds a secret in %s, and no other', (_coat, text) => {
  expect(secretsIn(`a ${text} b`, { SPECIAL, WHY })).toEqual(['SPECIAL']);
});
