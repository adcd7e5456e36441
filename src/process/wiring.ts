// What every process has in common: the database, the statements, ids, and the exits. Builds; holds no rule.

import { randomBytes } from 'node:crypto';
import { type Database, openDatabase, type Transact } from '../db/database.ts';
import { type Listener, openListener } from '../db/listen.ts';
import { assertSafeRole } from '../db/self-test.ts';
import * as tenants from '../db/tenants.ts';
import { PlacetError } from '../domain/errors.ts';
import { ID_RANDOM_BYTES, type IdKind, makeId } from '../domain/ids.ts';
import type { Log } from '../observe/log.ts';
import type { ServiceDeps } from '../service/deps.ts';
import type { Config } from './config.ts';
import { databaseFault } from './faults.ts';

/** A running process of one role: `stop` finishes what is under way, within its own bounds. */
export type Running = { readonly stop: () => Promise<void> };

/** Random bytes are asked of the system for this many ids at once: each asking costs more than the bytes. */
const IDS_AT_ONCE = 256;
let random = randomBytes(0);

/** A new id of this moment. */
export function newId(kind: IdKind): string {
  if (random.length < ID_RANDOM_BYTES) random = randomBytes(ID_RANDOM_BYTES * IDS_AT_ONCE);
  const own = random.subarray(0, ID_RANDOM_BYTES);
  random = random.subarray(ID_RANDOM_BYTES);
  return makeId(kind, Date.now(), own);
}

/** The database URL, or one message that says what is missing. */
export function databaseUrl(config: Pick<Config, 'database_url'>): string {
  if (config.database_url !== undefined) return config.database_url;
  throw new PlacetError('unavailable', { dependency: 'database', remedy: 'set DATABASE_URL, or run npm start' });
}

/** Hears what the database tells a process, at the direct address where there is one; says so when nothing can be heard. */
export function openNotifications(config: Config, log: Log): Listener {
  return openListener({
    url: config.database_listen_url ?? databaseUrl(config),
    onError: (error) => log.warn('listening connection lost', { err: error }),
    onUntold: () =>
      log.warn(
        'notifications do not arrive through this pooler, so rows are read every two seconds: ' +
          'set DATABASE_LISTEN_URL to the address of PostgreSQL itself',
      ),
  });
}

/** Opens the records of a serving process, which are those of its tenant, after the self-test of its role. */
export async function openService(
  config: Config,
  role: string,
  log: Log,
): Promise<{ database: Omit<Database, 'transact'>; service: ServiceDeps }> {
  const url = databaseUrl(config);
  const refuse = (error: unknown): never => {
    throw databaseFault(error, 'DATABASE_URL');
  };
  await assertSafeRole(url).catch(refuse);
  const database = openDatabase({
    url,
    max: config.database_connections_max,
    application_name: `placet ${role}`,
    onError: (error) => log.warn('database connection lost', { err: error }),
  });
  await database.transact(config.tenant, (tx) => tenants.ensureTenant(tx)).catch(refuse);
  return { database, service: { transact: within(config.tenant, database.transact), newId } };
}

/** To a process of one tenant nothing of another exists, whoever asks: an agent, a run of Temporal or a click (INV-9). */
function within(tenant: string, transact: Transact): Transact {
  return (tenant_id, work) =>
    tenant_id === tenant ? transact(tenant_id, work) : Promise.reject(new PlacetError('not_found'));
}
