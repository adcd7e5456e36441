// The schema dump in the tree is what the migrations make; migrations can be applied again and side by side.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { withConnection } from '../../src/db/connect.ts';
import { migrate, readApplied } from '../../src/db/migrate.ts';
import {
  createEmptyDatabase,
  createTestDatabase,
  migrationsFolder as folder,
  migrationsUntil,
} from '../support/database.ts';
import { dumpSchema } from '../support/schema-dump.ts';

const listApplied = (url: string) => withConnection(url, 'test', readApplied);

const FILE = fileURLToPath(new URL('../../docs/schema.txt', import.meta.url));
const log = () => undefined;

test('the schema dump in the tree is what the migrations make', async () => {
  const database = await createTestDatabase();
  try {
    const dump = await dumpSchema(database.asSuperuser);
    if (process.env['PLACET_TEST_UPDATE'] === '1') writeFileSync(FILE, dump);
    expect(dump).toContain('approval_requests.digest text not null');
    expect(dump).toBe(readFileSync(FILE, 'utf8'));
  } finally {
    await database.drop();
  }
});

test('migrations run once, however many start at the same moment, and again they do nothing', async () => {
  const { owner_url, app_url, drop } = await createEmptyDatabase();
  try {
    expect(await listApplied(owner_url)).toEqual([]);
    const runs = await Promise.all(Array.from({ length: 4 }, () => migrate({ owner_url, app_url, folder, log })));
    expect(runs.filter((applied) => applied.length > 0)).toHaveLength(1);
    expect(await migrate({ owner_url, app_url, folder, log })).toEqual([]);
    expect((await listApplied(app_url)).length).toBeGreaterThanOrEqual(5);
  } finally {
    await drop();
  }
});

test('a database of before 0007 keeps its messages, whose states are posting, posted and failed from then on', async () => {
  const { owner_url, app_url, drop } = await createEmptyDatabase();
  const before = migrationsUntil('0006');
  const client = new pg.Client({ connectionString: owner_url });
  await client.connect();
  const insert = `insert into placet.slack_messages (tenant_id, id, request_id, kind, destination, state, ts)
    values ('default', 'msg_' || repeat($1, 36), 'apr_1', 'card', $2, $3, $4)`;
  const rows = [
    ['1', 'C0ONE', 'posted', '1.1'],
    ['2', 'C0TWO', 'failed', null],
    ['3', 'C0THREE', 'posting', null],
  ];
  try {
    await migrate({ owner_url, app_url, folder: before, log });
    // Rows alone, without the requests that they are about.
    await client.query('set session_replication_role = replica');
    for (const row of rows) await client.query(insert, row);
    await migrate({ owner_url, app_url, folder, log });
    const kept = await client.query('select destination, state, ts from placet.slack_messages order by id');
    expect(kept.rows.map(Object.values)).toEqual(rows.map((row) => row.slice(1)));
    await expect(client.query(insert, ['4', 'C0FOUR', 'superseded', '4.4'])).rejects.toMatchObject({ code: '23514' });
  } finally {
    await client.end();
    await drop();
  }
});

test('a schema that a later version made is refused by name, and nothing of it is changed', async () => {
  const { owner_url, app_url, drop } = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: owner_url });
  await client.connect();
  try {
    await migrate({ owner_url, app_url, folder, log });
    await client.query("insert into placet_migrations.applied (name, run_on) values ('9999_later', now())");
    const before = await listApplied(owner_url);
    await expect(migrate({ owner_url, app_url, folder, log })).rejects.toMatchObject({
      code: 'unavailable',
      details: { reason: 'its schema has 9999_later, which this version does not know' },
    });
    expect(await listApplied(owner_url)).toEqual(before);
  } finally {
    await client.end();
    await drop();
  }
});

test('a PostgreSQL that is too old is told with the version that is needed, before anything is made in it', async () => {
  const { owner_url, app_url, drop } = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: owner_url });
  await client.connect();
  try {
    // This database now answers as PostgreSQL 14 would.
    await client.query('create schema old');
    await client.query("create function old.current_setting(text) returns text language sql return '140020'");
    const name = client.escapeIdentifier(new URL(owner_url).pathname.slice(1));
    await client.query(`alter database ${name} set search_path = old, pg_catalog, public`);
    const refused = migrate({ owner_url, app_url, folder, log });
    await expect(refused).rejects.toMatchObject({
      details: { reason: 'this is PostgreSQL 14', remedy: 'use PostgreSQL 15 or later' },
    });
    expect(await listApplied(owner_url)).toEqual([]);
  } finally {
    await client.end();
    await drop();
  }
});
