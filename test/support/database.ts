// A migrated database of its own for each test file: cloned from a template that is made once per server.
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { newFolder } from './processes.ts';
import { superuserUrl } from './stack.ts';

export const migrationsFolder = fileURLToPath(new URL('../../migrations/', import.meta.url));
const TEMPLATE_LOCK = 7_411_001;
const APP = { username: 'placet_test_app', password: 'placet-test' };
export const TENANT = 'default';

export type TestDatabase = Database & {
  readonly owner_url: string;
  readonly app_url: string;
  /** Runs one statement as superuser, beyond every tenant: for looking at rows and for tampering. */
  readonly asSuperuser: <R>(sql: string, values?: readonly unknown[]) => Promise<R[]>;
  readonly drop: () => Promise<void>;
};

/** Makes a database with the whole schema and tenant "default"; drop() ends every connection to it. */
export async function createTestDatabase(server = superuserUrl()): Promise<TestDatabase> {
  const template = await ensureTemplate(server);
  const name = `placet_test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server, (client) => client.query(`create database ${name} template ${template}`));
  const owner_url = urlFor(server, name);
  const app_url = urlFor(server, name, APP);
  const drop = () =>
    asAdmin(server, (client) => client.query(`drop database if exists ${name} with (force)`)).then(() => undefined);
  const database = openMigrated({ owner_url, app_url, drop });
  await database.transact(TENANT, (tx) => tx.query('insert into placet.tenants (id) values ($1)', [TENANT]));
  return database;
}

/** Opens a database that has the schema, as the app and as superuser. */
export function openMigrated({ owner_url, app_url, drop }: EmptyDatabase): TestDatabase {
  const database = openDatabase({ url: app_url, max: 10, application_name: 'placet test', onError: () => undefined });
  const superuser = new pg.Pool({ connectionString: owner_url, max: 2 });
  superuser.on('error', () => undefined);
  return {
    ...database,
    owner_url,
    app_url,
    asSuperuser: async <R>(sql: string, values: readonly unknown[] = []) =>
      (await superuser.query(sql, [...values])).rows as R[],
    drop: async () => {
      await database.close();
      await superuser.end();
      await drop();
    },
  };
}

/** A folder with the migrations up to this one, by its number. */
export function migrationsUntil(last: string): string {
  const folder = newFolder();
  cpSync(migrationsFolder, folder, { recursive: true });
  for (const file of readdirSync(folder)) if (file.slice(0, last.length) > last) rmSync(`${folder}/${file}`);
  return folder;
}

export type EmptyDatabase = {
  readonly owner_url: string;
  readonly app_url: string;
  readonly drop: () => Promise<void>;
};

/** A fresh database without the schema, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<EmptyDatabase> {
  const server = superuserUrl();
  const name = `placet_empty_${randomBytes(6).toString('hex')}`;
  const drop = `drop database if exists ${name} with (force)`;
  await asAdmin(server, (client) => client.query(`create database ${name}`));
  return {
    owner_url: urlFor(server, name),
    app_url: urlFor(server, name, APP),
    drop: () => asAdmin(server, (client) => client.query(drop)).then(() => undefined),
  };
}

async function ensureTemplate(server: string): Promise<string> {
  const name = `placet_template_${digestOfMigrations()}`;
  return asAdmin(server, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await makeTemplate(server, client, name);
    return name;
  });
}

async function makeTemplate(server: string, client: pg.Client, name: string): Promise<void> {
  const draft = `${name}_draft`;
  await client.query(`drop database if exists ${draft} with (force)`);
  await client.query(`create database ${draft}`);
  const app_url = urlFor(server, draft, APP);
  await migrate({ owner_url: urlFor(server, draft), app_url, folder: migrationsFolder, log: () => undefined });
  await client.query(`alter database ${draft} rename to ${name}`);
}

function digestOfMigrations(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(migrationsFolder).sort())
    hash.update(file).update(readFileSync(`${migrationsFolder}/${file}`));
  return hash.digest('hex').slice(0, 12);
}

async function asAdmin<T>(server: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlFor(server: string, database: string, as?: typeof APP): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (as !== undefined) Object.assign(url, as);
  return url.href;
}
