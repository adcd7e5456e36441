// Brings the schema up to date and gives the app's login its role. Run by `placet migrate`, never by a serving process.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';
import { withConnection } from './connect.ts';
import { requireOwner } from './owner.ts';
import { requireSession } from './pooler.ts';
import { requireServer } from './server.ts';

const MIGRATIONS_SCHEMA = 'placet_migrations';
const MIGRATIONS_TABLE = 'applied';
/** PostgreSQL's own default for SCRAM-SHA-256 verifiers. */
const SCRAM_ITERATIONS = 4_096;

export type MigrateOptions = {
  /** Login that may create roles and schemas. */
  readonly owner_url: string;
  /** Login of the serving processes: made when missing, with the password in the URL, and put into placet_app. */
  readonly app_url: string;
  /** Folder of the numbered SQL files. */
  readonly folder: string;
  readonly log: (line: string) => void;
};

/** Applies what is missing, in one transaction under a lock; returns the names applied. */
export function migrate(options: MigrateOptions): Promise<readonly string[]> {
  return withConnection(options.owner_url, 'placet migrate', async (client) => {
    await requireServer(client);
    await requireSession(client, options.owner_url, 'DATABASE_OWNER_URL');
    await requireOwner(client);
    await requireKnown(client, options.folder);
    // The statements write a backslash as one character, as the standard has it.
    await client.query('set standard_conforming_strings = on');
    // Loaded by whoever migrates: it is a fifth of what a serving process would load.
    const { runner } = await import('node-pg-migrate');
    const applied = await runner({
      dbClient: client,
      dir: options.folder,
      direction: 'up',
      migrationsTable: MIGRATIONS_TABLE,
      migrationsSchema: MIGRATIONS_SCHEMA,
      createMigrationsSchema: true,
      advisoryLockMode: 'wait',
      singleTransaction: true,
      checkOrder: true,
      log: () => undefined,
    });
    await watchAll(client);
    for (const migration of applied) options.log(`applied ${migration.name}`);
    await client.query(`grant usage on schema ${MIGRATIONS_SCHEMA} to placet_app`);
    await client.query(`grant select on ${MIGRATIONS_SCHEMA}.${MIGRATIONS_TABLE} to placet_app`);
    await ensureAppLogin(client, options);
    return applied.map((migration) => migration.name);
  });
}

/** Reads the whole record once where no trigger has watched it since, so that the views of INV-10 need not. */
async function watchAll(client: pg.Client): Promise<void> {
  if (await isWatching(client)) await client.query('call placet.watch_all()');
}

async function isWatching(client: pg.Client): Promise<boolean> {
  const sql = "select to_regprocedure('placet.watch_all()') is not null as is_there";
  return (await client.query<{ is_there: boolean }>(sql)).rows[0]?.is_there === true;
}

/** False when no trigger has watched the rows of this tenant without a gap; a schema or tenant that is not there has none. */
export async function isWatched(client: pg.Client, tenant_id: string): Promise<boolean> {
  if (!(await isWatching(client))) return true;
  const seen = 'select from placet.tenants where id = $1 and watched_by is distinct from placet.watchers()';
  await client.query("select set_config('placet.tenant_id', $1, false)", [tenant_id]);
  return (await client.query(seen, [tenant_id])).rowCount === 0;
}

/** Migrations go forward only: what a later version made of the schema, this one must not serve as its own. */
async function requireKnown(client: pg.Client, folder: string): Promise<void> {
  const known = await listMigrations(folder);
  const unknown = (await readApplied(client)).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const reason = `its schema has ${unknown.join(', ')}, which this version does not know`;
  throw new PlacetError('unavailable', { dependency: 'database', reason, remedy: 'use the version that migrated it' });
}

/** Names of the migrations in the folder, in their order. */
export async function listMigrations(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql'));
  return files.map((file) => file.slice(0, -'.sql'.length)).sort();
}

/** Names of the migrations that this database has; empty when it has none. */
export async function readApplied(client: pg.Client): Promise<readonly string[]> {
  const sql = `select name from ${MIGRATIONS_SCHEMA}.${MIGRATIONS_TABLE} order by id`;
  try {
    return (await client.query<{ name: string }>(sql)).rows.map((row) => row.name);
  } catch (error) {
    if (error instanceof pg.DatabaseError && (error.code === '42P01' || error.code === '3F000')) return [];
    throw error;
  }
}

async function ensureAppLogin(client: pg.Client, options: MigrateOptions): Promise<void> {
  const app = new URL(options.app_url);
  const login = decodeURIComponent(app.username);
  if (login === '' || login === decodeURIComponent(new URL(options.owner_url).username)) return;
  const name = client.escapeIdentifier(login);
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [login]);
  if (rowCount === 0) {
    const verifier = client.escapeLiteral(scramVerifier(decodeURIComponent(app.password)));
    await client.query(
      `create role ${name} login nosuperuser nocreatedb nocreaterole nobypassrls password ${verifier}`,
    );
  }
  await client.query(`grant placet_app to ${name}`);
}

/** What PostgreSQL stores of a password (RFC 5803), so that the password itself never stands in a statement or a log. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, SCRAM_ITERATIONS, 32, 'sha256');
  const keyOf = (purpose: string) => createHmac('sha256', salted).update(purpose).digest();
  const stored = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${stored}:${keyOf('Server Key').toString('base64')}`;
}
