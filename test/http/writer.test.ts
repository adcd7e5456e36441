// A database that takes no writes, for whatever reason: each call is told to come again, ready means that writes are taken,
// and once they are, no connection from before is in the way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { openListener } from '../../src/db/listen.ts';
import { makeWorld } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { LOGIN, type OwnServer, startOwnServer } from '../support/own-server.ts';
import { until } from '../support/wait.ts';
import { makeKey, type RealApi, startRealApi } from './real-api.ts';

const BASE = '/v1/approval-requests';
const ASK = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } };

let server: OwnServer;
let api: RealApi;
let key: string;
let count = 0;
beforeAll(async () => {
  server = await startOwnServer();
  const world = await makeWorld(server.database);
  api = await startRealApi(server.database);
  key = await makeKey(world.service);
});
afterAll(async () => {
  await api.close();
  await server.remove();
});

const ask = () => {
  count += 1;
  return api.send(key, 'POST', BASE, ASK, { 'idempotency-key': `ask-${count}` });
};
/** Enough at once that several connections are open. */
const askTogether = () => Promise.all(Array.from({ length: 8 }, ask));
const END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'placet'";
const SYSTEM_READ_ONLY = 'alter system set default_transaction_read_only';
const holder = () => {
  const client = new pg.Client({ connectionString: server.postgres().url });
  client.on('error', () => undefined);
  return client;
};

type Cause = readonly [what: string, begin: () => Promise<unknown>, end: () => Promise<unknown>];
let held: pg.Client;
const causes: readonly Cause[] = [
  [
    'new sessions of the database are read-only',
    () => server.asAdmin('alter database placet set default_transaction_read_only = on', END_SESSIONS),
    () => server.asAdmin('alter database placet reset default_transaction_read_only'),
  ],
  [
    'new sessions of the login are read-only',
    () => server.asAdmin(`alter role ${LOGIN} set default_transaction_read_only = on`, END_SESSIONS),
    () => server.asAdmin(`alter role ${LOGIN} reset default_transaction_read_only`),
  ],
  [
    'every session is read-only, those that are open too',
    () => server.asAdmin(`${SYSTEM_READ_ONLY} = on`, 'select pg_reload_conf()', END_SESSIONS),
    () => server.asAdmin(`${SYSTEM_READ_ONLY} = off`, 'select pg_reload_conf()'),
  ],
  ['it is a standby', () => server.startStandby(), () => server.start()],
  [
    'it shuts down, and lets nobody in meanwhile',
    async () => {
      held = holder();
      await held.connect();
      process.kill(server.postgres().pid, 'SIGTERM');
      await held.query(END_SESSIONS);
    },
    async () => {
      await held.end();
      await server.start();
    },
  ],
  [
    'the login is no member of the role of the application',
    () => server.asAdmin(`revoke placet_app from ${LOGIN}`),
    () => server.asAdmin(`grant placet_app to ${LOGIN}`),
  ],
  [
    'the login may not log in any more',
    () => server.asAdmin(`alter role ${LOGIN} nologin`, END_SESSIONS),
    () => server.asAdmin(`alter role ${LOGIN} login`),
  ],
  [
    'the login may open no connection more',
    () => server.asAdmin(`alter role ${LOGIN} connection limit 0`, END_SESSIONS),
    () => server.asAdmin(`alter role ${LOGIN} connection limit -1`),
  ],
  [
    'the database has another name',
    () => server.asAdmin(END_SESSIONS, 'alter database placet rename to elsewhere'),
    () => server.asAdmin('alter database elsewhere rename to placet'),
  ],
];

describe('while', () => {
  test.each(causes)('%s, every call is 503 and nothing is ready; afterwards each succeeds at once', async (...at) => {
    const [, begin, end] = at;
    const before = JSON.parse((await ask()).text) as { id: string };
    await askTogether();
    await begin();
    for (const send of [
      ask,
      () => api.send(key, 'GET', `${BASE}/${before.id}`),
      () => api.send(key, 'GET', BASE),
      () => api.send(key, 'POST', `${BASE}/${before.id}/cancel`),
      () => api.send('plk_nobody', 'GET', '/readyz'),
      () => api.send(key, 'GET', '/.well-known/jwks.json'),
    ]) {
      const answer = await send();
      expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([503, 'unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.text).not.toMatch(/read-only|standby|own_app|postgres/i);
    }
    // Steady traffic, so that connections that were opened meanwhile would be kept if they were ever used again.
    await askTogether();
    await end();
    expect((await askTogether()).map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect((await api.send('', 'GET', '/readyz')).status).toBe(200);
    expect((await api.send(key, 'POST', `${BASE}/${before.id}/cancel`)).status).toBe(200);
  });
});

test('connections that the server ended while nobody used them cost nobody a call', async () => {
  await askTogether();
  await server.asAdmin(END_SESSIONS);
  expect((await askTogether()).map(({ status }) => status)).toEqual(Array(8).fill(201));
});

test('who listens leaves a server that takes no writes any more, though nobody ended the connection, and hears again', async () => {
  const url = server.database.app_url;
  const errors: string[] = [];
  const listener = openListener({ url, onError: ({ message }) => void errors.push(message), look_every_ms: 10 });
  await until(() => listener.isConnected());
  await server.asAdmin(`${SYSTEM_READ_ONLY} = on`, 'select pg_reload_conf()');
  await until(() => !listener.isConnected());
  expect(errors[0]).toContain('takes no writes');
  await server.asAdmin(`${SYSTEM_READ_ONLY} = off`, 'select pg_reload_conf()');
  await until(() => listener.isConnected());
  const heard = listener.wait('default/apr_1', 600_000);
  await server.database.transact(TENANT, (tx) => tx.query("select pg_notify('placet_request', 'default/apr_1')"));
  expect(await heard).toBe('changed');
  await listener.close();
});
