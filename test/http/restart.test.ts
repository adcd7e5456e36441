// The database goes away and comes back: agents get 503 with Retry-After, nothing is lost, and the same key succeeds.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeWorld, type World } from '../support/builders.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

const BASE = '/v1/approval-requests';
const ASK = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } };

let server: OwnServer;
let world: World;
let api: RealApi;
let key: string;
beforeAll(async () => {
  server = await startOwnServer();
  world = await makeWorld(server.database);
  api = await startRealApi(server.database);
  key = await makeKey(world.service);
});
afterAll(async () => {
  await api.close();
  await server.remove();
});

type Resource = { readonly id: string; readonly digest: string; readonly state: string };
const submit = (idempotency_key: string) => api.send(key, 'POST', BASE, ASK, { 'idempotency-key': idempotency_key });

test('503 while PostgreSQL is away; afterwards the same key and every earlier request are there', async () => {
  const before = await submit('before');
  const request = JSON.parse(before.text) as Resource;
  const waiting = api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`);
  await server.stop();

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

  await server.start();
  expect((await submit('during')).status).toBe(201);
  expect(await submit('before')).toMatchObject({ status: 201, text: before.text });
  await decide(world.deps, makeClick(request, 'ann'));
  // The wait either outlived the restart and hears the decision, or was told at once to ask again.
  expect([200, 503]).toContain((await waiting).status);
  const again = await api.send(key, 'GET', `${BASE}/${request.id}?wait_seconds=60`);
  expect(JSON.parse(again.text)).toMatchObject({ state: 'approved' });
  expect((await api.send(key, 'POST', `${BASE}/${request.id}/credential`)).status).toBe(200);
});
