// Behind a real PgBouncer: each way of pooling either serves like PostgreSQL itself, or is refused with its reason.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Database, openDatabase, type Tx } from '../../src/db/database.ts';
import { openListener } from '../../src/db/listen.ts';
import { migrate } from '../../src/db/migrate.ts';
import { type Pooling, poolingOf } from '../../src/db/pooler.ts';
import { assertSafeRole } from '../../src/db/self-test.ts';
import { ensureTenant } from '../../src/db/tenants.ts';
import { createTestDatabase, migrationsFolder, TENANT, type TestDatabase } from '../support/database.ts';
import { later } from '../support/later.ts';
import {
  describePooler,
  type PgBouncer,
  pgBouncerVersion,
  type Settings,
  startPgBouncer,
} from '../support/pgbouncer.ts';

const OTHER = 'other';
const silent = () => undefined;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.transact(OTHER, (tx) => ensureTenant(tx));
});
afterAll(() => database.drop());

const open = (url: string): Database => openDatabase({ url, max: 6, application_name: 'test', onError: silent });

type Case = readonly [what: string, settings: Settings, pooling: Pooling];
const byTransaction: readonly Case[] = [
  ['transactions, one connection', { pool_mode: 'transaction', default_pool_size: 1 }, 'transaction'],
  ['transactions, two connections', { pool_mode: 'transaction', default_pool_size: 2 }, 'transaction'],
  ['transactions, many connections', { pool_mode: 'transaction', default_pool_size: 20 }, 'transaction'],
  ['transactions in turns', { pool_mode: 'transaction', default_pool_size: 4, server_round_robin: 1 }, 'transaction'],
];
// PgBouncer follows named statements from 1.21 on.
const [major, minor] = pgBouncerVersion();
const following: readonly Case[] =
  major > 1 || minor >= 21
    ? [0, 200].map((max_prepared_statements) => {
        const settings = { pool_mode: 'transaction', default_pool_size: 2, max_prepared_statements } as const;
        return [`transactions, ${max_prepared_statements} statements followed`, settings, 'transaction'] as const;
      })
    : [];
const cases: readonly Case[] = [
  ...byTransaction,
  ...following,
  ['sessions, few', { pool_mode: 'session', default_pool_size: 20 }, 'session'],
  ['sessions in turns', { pool_mode: 'session', default_pool_size: 40, server_round_robin: 1 }, 'session'],
];

/** What a transaction sees of itself, asked with statements that have values, and so names where there may be some. */
async function look(tx: Tx): Promise<unknown[]> {
  const tenant = await tx.query<{ tenant: string }>('select placet.current_tenant() || $1 as tenant', ['']);
  const limits = await tx.query<{ limit: string; idle: string }>(
    `select current_setting('statement_timeout') as limit,
      current_setting('idle_in_transaction_session_timeout') || $1 as idle`,
    [''],
  );
  const seen = await tx.query<{ id: string }>('select id from placet.tenants where length(id) > $1', [0]);
  return [tenant.rows, limits.rows, seen.rows];
}

const lookOf = (id: string) => [[{ tenant: id }], [{ limit: '10s', idle: '10s' }], [{ id }]];

describePooler.each(cases)('behind a pooler of %s', (_what, settings, pooling) => {
  let pooler: PgBouncer;
  let url: string;
  beforeAll(async () => {
    pooler = await startPgBouncer(database.app_url, settings);
    url = pooler.through(database.app_url);
  });
  afterAll(() => pooler.stop());

  test('two that share its connections get their own statements, tenants and limits, and leave none behind (INV-9)', async () => {
    const [one, two] = [open(url), open(url)];
    // They meet the statements in another order, as two processes would.
    await two.transact(OTHER, (tx) => tx.query('select $1::text as first', ['x']));
    const looks = Array.from({ length: 40 }, (_, n) =>
      n % 2 === 0 ? one.transact(TENANT, look) : two.transact(OTHER, look),
    );
    expect(await Promise.all(looks)).toEqual(looks.map((_, n) => lookOf(n % 2 === 0 ? TENANT : OTHER)));
    expect(await one.findAgentByKey(TENANT, new Uint8Array(32))).toBeNull();
    await two.requireWritable();
    const named = (tx: Tx) =>
      tx.query<{ name: string }>('select name from pg_prepared_statements where length(name) > $1', [0]);
    const left = await Promise.all(Array.from({ length: 12 }, () => one.transact(TENANT, named)));
    expect(left.flatMap(({ rows }) => rows)).toEqual([]);
    await Promise.all([one.close(), two.close()]);
  });

  test('the start is content, and knows how connections are lent', async () => {
    await assertSafeRole(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    expect(await poolingOf(client, url)).toBe(pooling);
    await client.end();
  });

  test('notifications arrive, or their lack is told and a wait ends soon', async () => {
    const key = `${TENANT}/apr_1`;
    const untold = later<void>();
    const listener = openListener({ url, onError: silent, onUntold: () => untold.resolve() });
    const heard = later<void>();
    listener.onOutbox(TENANT, () => heard.resolve());
    if (pooling === 'transaction') {
      await untold.promise;
      expect(listener.isConnected()).toBe(false);
      expect(await listener.wait(key, 60_000)).toBe('timeout');
    } else {
      await heard.promise;
      const change = listener.wait(key, 60_000);
      await database.asSuperuser('select pg_notify($1, $2)', ['placet_request', key]);
      expect(await change).toBe('changed');
    }
    await listener.close();
  });
});

test('PostgreSQL itself is no pooler', async () => {
  const client = new pg.Client({ connectionString: database.app_url });
  await client.connect();
  expect(await poolingOf(client, database.app_url)).toBe('none');
  await client.end();
});

describePooler('a pooler that cannot do it is refused', () => {
  test('a pooler of statements is refused at the start with its own words', async () => {
    const pooler = await startPgBouncer(database.app_url, { pool_mode: 'statement' });
    const refused = assertSafeRole(pooler.through(database.app_url));
    await expect(refused).rejects.toThrow(/transaction blocks not allowed in statement pooling mode/);
    await pooler.stop();
  });

  test.each([
    ['transaction', /lends its connections for one transaction only/],
    ['session', null],
  ] as const)(
    'migrations go through a pooler of kind %s only where it keeps their lock',
    async (pool_mode, refusal) => {
      const { username, password } = new URL(database.owner_url);
      const logins = { [decodeURIComponent(username)]: decodeURIComponent(password) };
      const pooler = await startPgBouncer(database.owner_url, { pool_mode, default_pool_size: 4 }, logins);
      const migrating = migrate({
        owner_url: pooler.through(database.owner_url),
        app_url: database.app_url,
        folder: migrationsFolder,
        log: silent,
      });
      const outcome = await migrating.then(
        () => null,
        ({ details }) => details as unknown,
      );
      const expected = {
        dependency: 'database',
        reason: expect.stringMatching(refusal ?? /./),
        remedy: expect.any(String),
      };
      expect(outcome).toEqual(refusal === null ? null : expected);
      await pooler.stop();
    },
  );
});
