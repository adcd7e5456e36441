// The checks of `placet doctor` that ask PostgreSQL.

import type { Check, Finding } from '../cli/doctor.ts';
import { withConnection } from '../db/connect.ts';
import { tryNotifications } from '../db/listen.ts';
import { isWatched, listMigrations, readApplied } from '../db/migrate.ts';
import { assertSafeRole } from '../db/self-test.ts';
import { requireServer } from '../db/server.ts';
import { PlacetError } from '../domain/errors.ts';
import { MIGRATIONS } from './admin.ts';
import type { Config } from './config.ts';
import { databaseFault } from './faults.ts';
import { databaseUrl } from './wiring.ts';

/** What the views of INV-10 read only part of must have been watched without a gap. */
const UNWATCHED = 'triggers were switched off or replaced since the record was last read as a whole';

/** PostgreSQL with its schema, the login, and whether what it tells is heard. */
export function databaseChecks(config: Config): Check[] {
  const reach = 'start PostgreSQL and set DATABASE_URL to the application login (or run npm start)';
  const schema = 'run placet migrate with DATABASE_OWNER_URL set';
  const newer = 'use the version of Placet that migrated this database';
  const refuse = (error: unknown): never => {
    throw databaseFault(error, 'DATABASE_URL');
  };
  return [
    {
      name: 'PostgreSQL',
      remedy: reach,
      run: async () => {
        const { applied, version, is_watched } = await lookAt(config).catch(refuse);
        const known = await listMigrations(MIGRATIONS);
        const later = applied.filter((name) => !known.includes(name));
        if (later.length > 0) return { kind: 'ill', detail: `schema has ${later.join(', ')} too`, remedy: newer };
        const missing = known.filter((name) => !applied.includes(name));
        if (missing.length > 0) return { kind: 'ill', detail: `schema lacks ${missing.join(', ')}`, remedy: schema };
        if (!is_watched) return { kind: 'ill', detail: UNWATCHED, remedy: schema };
        return { kind: 'well', detail: `version ${version}, schema at ${applied.at(-1)}` };
      },
    },
    {
      name: 'Database role',
      remedy: reach,
      run: async () => {
        try {
          await assertSafeRole(databaseUrl(config)).catch(refuse);
          return { kind: 'well', detail: 'can do nothing that it must not' };
        } catch (error) {
          if (!(error instanceof PlacetError) || error.code !== 'database_unsafe') throw error;
          const { worked, remedy } = error.details;
          return { kind: 'ill', detail: `can do what it must not: ${JSON.stringify(worked)}`, remedy: String(remedy) };
        }
      },
    },
    notificationsCheck(config),
  ];
}

/** Sends one the way that the application does, and listens where it does. */
function notificationsCheck(config: Config): Check {
  const remedy = 'let DATABASE_LISTEN_URL lead to PostgreSQL itself, with the database and login of DATABASE_URL';
  const run = async (): Promise<Finding> => {
    const url = databaseUrl(config);
    const listen_url = config.database_listen_url ?? url;
    const variable = listen_url === url ? 'DATABASE_URL' : 'DATABASE_LISTEN_URL';
    const heard = await tryNotifications({ url, listen_url }).catch((error: unknown) => {
      throw databaseFault(error, variable);
    });
    switch (heard) {
      case 'none':
        return { kind: 'well', detail: 'arrive from PostgreSQL itself' };
      case 'session':
        return { kind: 'well', detail: 'arrive through a pooler that lends for a session' };
      case 'transaction':
        return {
          kind: 'ill',
          detail: `the pooler in ${variable} passes none on: each wait is two seconds late`,
          remedy,
        };
      case 'silence':
        return { kind: 'ill', detail: `what DATABASE_URL tells does not arrive at ${variable}`, remedy };
    }
  };
  return { name: 'Notifications', remedy, run };
}

type Seen = { readonly applied: readonly string[]; readonly version: number; readonly is_watched: boolean };

/** A server that cannot serve is told before its schema. */
function lookAt(config: Config): Promise<Seen> {
  return withConnection(databaseUrl(config), 'placet doctor', async (client) => {
    const { version } = await requireServer(client);
    return { applied: await readApplied(client), version, is_watched: await isWatched(client, config.tenant) };
  });
}
