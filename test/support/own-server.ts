// A PostgreSQL of the test's own with one migrated database, for tests that stop it, set it otherwise or copy it.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type Postgres, startPostgres } from '../../dev/postgres.ts';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { migrationsFolder, TENANT, type TestDatabase } from './database.ts';
import { newFolder } from './processes.ts';

const NAME = 'placet';
export const LOGIN = 'own_app';
const SETTINGS = ['fsync=off'];

export type OwnServer = {
  readonly database: TestDatabase;
  readonly postgres: () => Postgres;
  /** Runs statements as superuser in the database `postgres`, which stays as it is. */
  readonly asAdmin: (...statements: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly start: (settings?: readonly string[]) => Promise<void>;
  /** Stops the primary and starts its copy as a standby at the same address; `start` brings the primary back. */
  readonly startStandby: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** Starts it with its database migrated and the tenant "default" in it. */
export async function startOwnServer(settings: readonly string[] = SETTINGS, folder = newFolder()): Promise<OwnServer> {
  const standby = newFolder();
  let postgres = await startPostgres({ folder, settings });
  const { port, url } = postgres;
  const asAdmin = async (...statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const stop = () => postgres.stop();
  const start = async (more: readonly string[] = []) => {
    await stop();
    postgres = await startPostgres({ folder, port, settings: [...settings, ...more] });
  };
  const startStandby = async () => {
    await stop();
    rmSync(standby, { recursive: true, force: true });
    // With its owner, who may be another user than we.
    execFileSync('cp', ['-a', folder, standby]);
    execFileSync('touch', [join(standby, 'data/standby.signal')]);
    postgres = await startPostgres({ folder: standby, port, settings });
  };
  await asAdmin(`create database ${NAME}`);
  const database = await openOwnDatabase(Object.assign(new URL(url), { pathname: `/${NAME}` }).href);
  const remove = async () => {
    await database.drop();
    await stop();
    for (const each of [folder, standby]) rmSync(each, { recursive: true, force: true });
  };
  return { database, postgres: () => postgres, asAdmin, stop, start, startStandby, remove };
}

/** Like the other tests' database, on the server that its test stops and starts. */
async function openOwnDatabase(owner_url: string): Promise<TestDatabase> {
  const app_url = Object.assign(new URL(owner_url), { username: LOGIN, password: 'own' }).href;
  await migrate({ owner_url, app_url, folder: migrationsFolder, log: () => undefined });
  const opened = openDatabase({ url: app_url, max: 10, application_name: 'test', onError: () => undefined });
  await opened.transact(TENANT, (tx) => tx.query('insert into placet.tenants (id) values ($1)', [TENANT]));
  const asSuperuser = () => Promise.reject(new Error('not used here'));
  return { ...opened, owner_url, app_url, asSuperuser, drop: opened.close };
}
