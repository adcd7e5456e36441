// `placet doctor` on notifications: one is sent by DATABASE_URL and has to arrive where the product listens.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Playground, startPlayground } from '@placet/playground';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { describePooler, type PgBouncer, type Settings, startPgBouncer } from '../support/pgbouncer.ts';
import { CLOSED_POSTGRES_URL } from '../support/stack.ts';
import { goodSettings, runDoctor } from './support.ts';

let database: TestDatabase;
let other: TestDatabase;
let playground: Playground;
beforeAll(async () => {
  [database, other, playground] = await Promise.all([createTestDatabase(), createTestDatabase(), startPlayground({})]);
});
afterAll(() => Promise.all([database.drop(), other.drop(), playground.close()]));

const notifications = async (environment: NodeJS.ProcessEnv) =>
  (await runDoctor({ ...goodSettings(database, playground), ...environment })).get('Notifications');
const changed = (change: (url: URL) => void) => {
  const url = new URL(database.app_url);
  change(url);
  return url.href;
};

test.each([
  ['none is named, and DATABASE_URL is PostgreSQL itself', () => ''],
  ['it is the same address', () => database.app_url],
  ['it names the host another way', () => changed((url) => Object.assign(url, { hostname: 'localhost' }))],
])('they arrive where %s', async (_what, listen_url) => {
  const line = await notifications({ DATABASE_LISTEN_URL: listen_url() });
  expect(line).toMatchObject({ ok: true, detail: 'arrive from PostgreSQL itself' });
});

test.each([
  ['another database', () => other.app_url, 'what DATABASE_URL tells does not arrive', 'the database and login of'],
  ['nothing', () => CLOSED_POSTGRES_URL, 'ECONNREFUSED', 'the host and port in DATABASE_LISTEN_URL'],
  [
    'no database',
    () => changed((url) => Object.assign(url, { pathname: '/gone' })),
    'does not exist',
    'correct its name',
  ],
  [
    'a wrong password',
    () => changed((url) => Object.assign(url, { password: 'x' })),
    'password',
    'in DATABASE_LISTEN_URL',
  ],
  ['nobody', () => changed((url) => Object.assign(url, { username: 'gone' })), 'gone', 'in DATABASE_LISTEN_URL'],
  [
    'TLS where there is none',
    () => changed((url) => url.searchParams.set('sslmode', 'require')),
    'does not support SSL',
    'sslmode=disable in DATABASE_LISTEN_URL',
  ],
])('a DATABASE_LISTEN_URL that leads to %s is told with what helps', async (_what, listen_url, detail, remedy) => {
  expect(await notifications({ DATABASE_LISTEN_URL: listen_url() })).toMatchObject({
    ok: false,
    detail: expect.stringContaining(detail),
    remedy: expect.stringContaining(remedy),
  });
});

describePooler.each<[Settings['pool_mode'], boolean, string]>([
  ['transaction', false, 'the pooler in DATABASE_URL passes none on'],
  ['session', true, 'arrive through a pooler that lends for a session'],
])('behind a pooler of %ss', (pool_mode, ok, detail) => {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await startPgBouncer(database.app_url, { pool_mode, default_pool_size: 10 });
  });
  afterAll(() => pooler.stop());

  test('it is told whether they arrive, and a direct address mends it', async () => {
    const DATABASE_URL = pooler.through(database.app_url);
    expect(await notifications({ DATABASE_URL })).toMatchObject({ ok, detail: expect.stringContaining(detail) });
    const line = await notifications({ DATABASE_URL, DATABASE_LISTEN_URL: database.app_url });
    expect(line).toMatchObject({ ok: true, detail: 'arrive from PostgreSQL itself' });
  });
});
