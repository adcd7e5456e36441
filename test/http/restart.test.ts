// The database goes away and comes back: agents get 503 with Retry-After, nothing is lost, and the same key succeeds.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Postgres, startPostgres } from '../../dev/postgres.ts';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeWorld, type World } from '../support/builders.ts';
import { migrationsFolder, TENANT, type TestDatabase } from '../support/database.ts';
import { newFolder } from '../support/processes.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

const BASE = '/v1/approval-requests';
const ASK = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } };
const folder = newFolder();

let postgres: Postgres;
let database: TestDatabase;
let world: World;
let api: RealApi;
let key: string;
beforeAll(async () => {
  postgres = await startPostgres({ folder, settings: ['fsync=off'] });
  database = await openOwnDatabase(postgres.url);
  world = await makeWorld(database);
  api = await startRealApi(database);
  key = await makeKey(world.service);
});
afterAll(async () => {
  await api.close();
  await database.drop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Like the other tests' database, on the server that this test stops and starts. */
async function openOwnDatabase(owner_url: string): Promise<TestDatabase> {
  const app_url = Object.assign(new URL(owner_url), { username: 'restart_app', password: 'restart' }).href;
  await migrate({ owner_url, app_url, folder: migrationsFolder, log: () => undefined });
  const opened = openDatabase({ url: app_url, max: 10, application_name: 'test', onError: () => undefined });
  await opened.transact(TENANT, (tx) => tx.query('insert into placet.tenants (id) values ($1)', [TENANT]));
  const asSuperuser = () => Promise.reject(new Error('not used here'));
  return { ...opened, owner_url, app_url, asSuperuser, drop: opened.close };
}

type Resource = { readonly id: string; readonly digest: string; readonly state: string };
const submit = (idempotency_key: string) => api.send(key, 'POST', BASE, ASK, { 'idempotency-key': idempotency_key });

test('503 while PostgreSQL is away; afterwards the same key and every earlier request are there', async () => {
  const before = await submit('before');
  const request = JSON.parse(before.text) as Resource;
  const waiting = api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`);
  await postgres.stop();

  for (const answer of [
    await submit('during'),
    await submit('before'),
    await api.send(key, 'GET', `${BASE}/${request.id}`),
    await api.send(key, 'POST', `${BASE}/${request.id}/credential`),
    await api.send(key, 'GET', '/.well-known/jwks.json'),
    await api.send(key, 'GET', '/readyz'),
  ]) {
    expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([503, 'unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|postgres/i);
  }
  expect((await api.send(key, 'GET', '/livez')).status).toBe(200);

  postgres = await startPostgres({ folder, port: postgres.port, settings: ['fsync=off'] });
  expect((await submit('during')).status).toBe(201);
  expect(await submit('before')).toMatchObject({ status: 201, text: before.text });
  await decide(world.deps, makeClick(request, 'ann'));
  // The wait either outlived the restart and hears the decision, or was told at once to ask again.
  expect([200, 503]).toContain((await waiting).status);
  const again = await api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`);
  expect(JSON.parse(again.text)).toMatchObject({ state: 'approved' });
  expect((await api.send(key, 'POST', `${BASE}/${request.id}/credential`)).status).toBe(200);
});
