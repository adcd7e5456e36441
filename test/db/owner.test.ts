// Two installations in one cluster, each with an owner of its own: the second is told whose the roles are, and how it gets in.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { assertSafeRole } from '../../src/db/self-test.ts';
import type { PlacetError } from '../../src/domain/errors.ts';
import { migrationsFolder } from '../support/database.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await startOwnServer();
  // The first installation of this cluster is the superuser's; a cluster without it is what these owners need.
  await server.asAdmin(
    'drop database placet with (force)',
    'drop role own_app',
    'drop role placet_owner, placet_app, placet_auditor',
    ...['one', 'two'].flatMap((name) => [
      `create role owner_${name} login createrole password 'own'`,
      `create database ${name} owner owner_${name}`,
    ]),
  );
});
afterAll(() => server.remove());

const urlOf = (database: string, login: string) =>
  Object.assign(new URL(server.postgres().url), { pathname: `/${database}`, username: login, password: 'own' }).href;

/** Migrates a database with an owner; answers what was refused, or null. */
async function migrated(database: string, owner: string) {
  const app_url = urlOf(database, `app_${database}`);
  const options = { owner_url: urlOf(database, owner), app_url, folder: migrationsFolder, log: () => undefined };
  return migrate(options).then(
    () => null,
    (error: PlacetError) => error.details,
  );
}

async function schemasOf(database: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: urlOf(database, `owner_${database}`) });
  await client.connect();
  const { rows } = await client.query("select nspname from pg_namespace where nspname like 'placet%'");
  await client.end();
  return rows;
}

test('an owner of its own migrates its database, again and again', async () => {
  expect(await migrated('one', 'owner_one')).toBeNull();
  expect(await migrated('one', 'owner_one')).toBeNull();
  await assertSafeRole(urlOf('one', 'app_one'));
});

test('the owner of a second installation is told whose the roles are, and its database stays as it is', async () => {
  expect(await migrated('two', 'owner_two')).toEqual({
    dependency: 'database',
    reason: expect.stringContaining('another installation in it made with the login owner_one'),
    remedy: expect.stringContaining('as owner_one: grant placet_owner, placet_app to owner_two with admin option'),
  });
  expect(await schemasOf('two')).toEqual([]);
});

test('another login is told who migrated the database', async () => {
  expect(await migrated('one', 'owner_two')).toEqual({
    dependency: 'database',
    reason: 'this database was migrated by the login owner_one, and owner_two is another one',
    remedy: 'name owner_one in DATABASE_OWNER_URL, or as owner_one: grant owner_one to owner_two',
  });
});

test.each<[what: string, grant: string, shared: string]>([
  ['both roles without the admin option', 'placet_owner, placet_app to owner_two', 'placet_owner and placet_app'],
  ['the one role', 'placet_owner to owner_two with admin option', 'shares placet_app,'],
  ['the other role', 'placet_app to owner_two with admin option', 'shares placet_owner,'],
])('a grant of %s is not enough, and the message names what is missing', async (_what, grant, shared) => {
  const owner = new pg.Client({ connectionString: urlOf('one', 'owner_one') });
  await owner.connect();
  await owner.query(`grant ${grant}`);
  expect(await migrated('two', 'owner_two')).toMatchObject({ reason: expect.stringContaining(shared) });
  expect(await schemasOf('two')).toEqual([]);
  await owner.query('revoke placet_owner, placet_app from owner_two');
  await owner.end();
});

test('with what the message says the second installation is made, beside the first', async () => {
  const owner = new pg.Client({ connectionString: urlOf('one', 'owner_one') });
  await owner.connect();
  await owner.query('grant placet_owner, placet_app to owner_two with admin option');
  await owner.end();
  expect(await migrated('two', 'owner_two')).toBeNull();
  expect(await migrated('one', 'owner_one')).toBeNull();
  await assertSafeRole(urlOf('two', 'app_two'));
  await assertSafeRole(urlOf('one', 'app_one'));
});
