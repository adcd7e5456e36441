// A database as an earlier release left it, with requests in every state, brought up to this one. Its rows were written by that
// release; their times are moved so that what was open then is open now.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { createEmptyDatabase, migrationsFolder, migrationsUntil, openMigrated, type TestDatabase } from './database.ts';

type Release = {
  readonly dumped_at: string;
  readonly agent_key: string;
  /** Ids of its requests by what had become of them. */
  readonly requests: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, readonly object[]>>;
};

/** The newest migration of each release whose rows stand in test/releases. */
const LAST_MIGRATION = { '0.1': '0007' } as const;

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)/g;

/** The database, migrated, with the ids that the release gave out. */
export async function createUpgradedDatabase(
  release: keyof typeof LAST_MIGRATION,
): Promise<TestDatabase & Pick<Release, 'agent_key' | 'requests'>> {
  const empty = await createEmptyDatabase();
  const { owner_url, app_url } = empty;
  const log = () => undefined;
  await migrate({ owner_url, app_url, folder: migrationsUntil(LAST_MIGRATION[release]), log });
  const { agent_key, requests, rows } = readRelease(release);
  const superuser = new pg.Client({ connectionString: owner_url });
  await superuser.connect();
  await fill(superuser, rows).finally(() => superuser.end());
  await migrate({ owner_url, app_url, folder: migrationsFolder, log });
  return { ...openMigrated(empty), agent_key, requests };
}

function readRelease(release: string): Release {
  const file = fileURLToPath(new URL(`../releases/${release}.json`, import.meta.url));
  const text = readFileSync(file, 'utf8');
  const passed_ms = Date.now() - Date.parse((JSON.parse(text) as Release).dumped_at);
  const moved = text.replace(TIME, (time) => new Date(Date.parse(time) + passed_ms).toISOString());
  return JSON.parse(moved) as Release;
}

async function fill(client: pg.Client, rows: Release['rows']): Promise<void> {
  // In any order of the tables: what refers to what is whole in the end.
  await client.query('set session_replication_role = replica');
  for (const [table, of_table] of Object.entries(rows)) {
    await client.query(
      `insert into placet.${table} overriding system value select * from jsonb_populate_recordset(null::placet.${table}, $1)`,
      [JSON.stringify(of_table)],
    );
  }
  for (const sequence of ['outbox_id', 'audit_events_position']) {
    const [table, column] = sequence.split(/_(?=[a-z]+$)/);
    await client.query(
      `select setval('placet.${sequence}_seq', (select coalesce(max(${column}), 1) from placet.${table}))`,
    );
  }
}
