// A PostgreSQL that cannot keep the record is refused by migrate, by each start and by the doctor, before anything is written.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { assertSafeRole } from '../../src/db/self-test.ts';
import { type ServerFacts, serverFault } from '../../src/db/server.ts';
import type { PlacetError } from '../../src/domain/errors.ts';
import { requireConfig } from '../../src/process/config.ts';
import { doctorChecks } from '../../src/process/doctor-checks.ts';
import { migrationsFolder } from '../support/database.ts';
import { superuserUrl } from '../support/stack.ts';

const ENCODINGS = ['SQL_ASCII', 'LATIN1', 'LATIN9', 'WIN1252', 'KOI8R', 'EUC_JP', 'ISO_8859_5'];
const nameOf = (encoding: string) => `placet_in_${encoding.toLowerCase()}`;
const urlOf = (encoding: string, login = {}) =>
  Object.assign(new URL(superuserUrl()), { pathname: `/${nameOf(encoding)}`, ...login }).href;

let admin: pg.Client;
beforeAll(async () => {
  admin = new pg.Client({ connectionString: superuserUrl() });
  await admin.connect();
  for (const encoding of ENCODINGS) {
    await admin.query(`create database ${nameOf(encoding)} template template0 locale 'C' encoding '${encoding}'`);
  }
});
afterAll(async () => {
  for (const encoding of ENCODINGS) await admin.query(`drop database ${nameOf(encoding)} with (force)`);
  await admin.end();
});

const detailsOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: PlacetError) => error.details,
  );

describe.each(ENCODINGS)('a database of encoding %s', (encoding) => {
  const refusal = {
    dependency: 'database',
    reason: `this database has the encoding ${encoding}, which cannot keep every text`,
    remedy: expect.stringContaining("encoding 'UTF8' template template0"),
  };

  test('is refused by migrate, which makes nothing in it', async () => {
    const owner_url = urlOf(encoding);
    const app_url = urlOf(encoding, { username: 'placet_test_app', password: 'placet-test' });
    expect(await detailsOf(migrate({ owner_url, app_url, folder: migrationsFolder, log: () => undefined }))).toEqual(
      refusal,
    );
    const client = new pg.Client({ connectionString: owner_url });
    await client.connect();
    const made = await client.query("select nspname from pg_namespace where nspname like 'placet%'");
    await client.end();
    expect(made.rows).toEqual([]);
  });

  test('is refused by each start, and told by the doctor', async () => {
    expect(await detailsOf(assertSafeRole(urlOf(encoding)))).toEqual(refusal);
    const checks = doctorChecks(requireConfig({ DATABASE_URL: urlOf(encoding) }));
    const check = checks.find(({ name }) => name === 'PostgreSQL');
    expect(await detailsOf(Promise.resolve(check?.run(new AbortController().signal)))).toEqual(refusal);
  });
});

const GOOD: ServerFacts = {
  version: 18,
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  is_standby: false,
  is_read_only: false,
};

test.each<[string, Partial<ServerFacts>, RegExp | null]>([
  ['the least version', { version: 15 }, null],
  ['a later version', { version: 19 }, null],
  ['an old version', { version: 14 }, /^this is PostgreSQL 14/],
  ['a very old version, of another encoding', { version: 9, server_encoding: 'LATIN1' }, /^this is PostgreSQL 9/],
  ['a pooler that speaks another encoding', { client_encoding: 'LATIN1' }, /speaks LATIN1 to us/],
  ['a standby', { is_standby: true, is_read_only: true }, /is a standby/],
  ['read-only sessions', { is_read_only: true }, /are read-only/],
])('%s', (_what, facts, reason) => {
  const fault = serverFault({ ...GOOD, ...facts });
  if (reason === null) expect(fault).toBeNull();
  else expect(fault).toEqual({ reason: expect.stringMatching(reason), remedy: expect.any(String) });
});

test('with standard_conforming_strings off the same schema is made', async () => {
  const name = 'placet_old_strings';
  const url = Object.assign(new URL(superuserUrl()), { pathname: `/${name}` }).href;
  await admin.query(`create database ${name}`);
  // PostgreSQL 19 has no such setting any more.
  await admin.query(`alter database ${name} set standard_conforming_strings = off`).catch(() => undefined);
  const app_url = Object.assign(new URL(url), { username: 'placet_test_app', password: 'placet-test' }).href;
  await migrate({ owner_url: url, app_url, folder: migrationsFolder, log: () => undefined });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ rule: string }>(
    "select pg_get_constraintdef(oid) as rule from pg_constraint where conname = 'audit_events_type_check'",
  );
  await client.end();
  await admin.query(`drop database ${name} with (force)`);
  expect(rows[0]?.rule).toContain(String.raw`\.`);
});
