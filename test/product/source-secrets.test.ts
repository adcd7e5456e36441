// The secret of a source, all the way: sealed by the command, shown by the API's process to its host alone, over HTTPS, and to a
// private host only where the operator lists it.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPlacet } from '@placet/sdk';
import { freePort } from '../../dev/ports.ts';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import { makePolicy, makeRule, OPERATOR } from '../support/builders.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { newFolder, runProgram, runScript, type Script } from '../support/processes.ts';

const SECRET = randomBytes(24).toString('base64url');
const SERVE = `process.argv = [process.execPath, 'placet', 'serve', '--role', 'api']; await import('./dist/src/main.js');`;

let database: TestDatabase;
let certificates: Certificates;
let server: Server;
let host: string;
let environment: Record<string, string>;
let key: string;
const heard: (string | undefined)[] = [];

beforeAll(async () => {
  certificates = makeCertificates();
  const { cert, key: server_key } = certificates.server;
  server = createServer({ cert, key: server_key }, (request, response) => {
    heard.push(request.headers.authorization);
    response.end('{"emails": ["ann@example.com"]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `localhost:${(server.address() as AddressInfo).port}`;
  database = await createTestDatabase();
  const { PATH = '', HOME = '' } = process.env;
  environment = {
    ...{ PATH, HOME, DATABASE_URL: database.app_url, NODE_EXTRA_CA_CERTS: certificates.ca.cert_path },
    ...{ PLACET_MASTER_KEY: randomBytes(32).toString('base64url'), PLACET_PORT: String(await freePort()) },
  };
  const admin = buildAdmin(() => requireConfig(environment));
  const { approver_groups, ...made } = makePolicy([makeRule({ approvers: ['on_call'] })]);
  const on_call = { url: `https://${host}/emails`, among: ['payments'] };
  const group = { members: [], slack_user_group: null, on_call, channel: 'C0ONCALL' };
  const document = { ...made, approver_groups: { ...approver_groups, on_call: group } };
  await admin.applyPolicy({ document, source: JSON.stringify(document), operator: OPERATOR });
  const agent = {
    name: 'support',
    owner_email: 'olga@example.com',
    is_new_owner: true,
    environment: 'production',
    days: 1,
  };
  ({ key } = await admin.createAgent({ ...agent, by: OPERATOR }));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  certificates.remove();
  await database.drop();
});

/** The process of the API while the work runs. */
async function serving<T>(more: Record<string, string>, work: () => Promise<T>): Promise<{ answer: T; log: string }> {
  const api: Script = runScript(SERVE, { ...environment, ...more });
  try {
    await api.says('"msg":"started"');
    return { answer: await work(), log: api.output() };
  } finally {
    api.process.kill('SIGTERM');
    await api.ended;
  }
}
const ask = () =>
  createPlacet({ url: `http://127.0.0.1:${environment['PLACET_PORT']}`, apiKey: key }).request({
    ...{ action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } },
  });

test('a secret is sealed by placet secret set and sent to its host alone, which must be listed where it is private', async () => {
  const file = join(newFolder(), 'secret.txt');
  writeFileSync(file, `${SECRET}\n`);
  const set = await runProgram(['secret', 'set', host, '--file', file], environment);
  const list = await runProgram(['secret', 'list', '--json'], environment);
  expect([set.code, list.code]).toEqual([0, 0]);
  expect(JSON.parse(list.out)).toMatchObject({ items: [{ host }] });
  const sealed = "select position(convert_to($1, 'UTF8') in secret_sealed) as place from placet.source_secrets";
  expect(await database.asSuperuser(sealed, [SECRET])).toEqual([{ place: 0 }]);
  const unlisted = await serving({}, () => ask().catch((error: { code?: string }) => error.code));
  expect([unlisted.answer, heard]).toEqual(['quorum_unreachable', []]);
  const listed = await serving({ PLACET_PRIVATE_HOSTS: 'localhost' }, async () => {
    const first = await ask();
    const removed = await runProgram(['secret', 'remove', host], environment);
    await ask();
    return [first.state, removed.code];
  });
  expect(listed.answer).toEqual(['pending', 0]);
  expect(heard).toEqual([`Bearer ${SECRET}`, undefined]);
  const outputs = [set, list].flatMap(({ out, err }) => [out, err]);
  for (const text of [...outputs, unlisted.log, listed.log]) expect(text).not.toContain(SECRET);
});
