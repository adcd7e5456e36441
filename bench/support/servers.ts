// PostgreSQL and Temporal for the bench, as safe as in operation: nothing that survives a power cut is switched off.

import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../dev/postgres.ts';
import { createProgress } from '../../dev/progress.ts';
import { startTemporal, temporalFiles } from '../../dev/temporal.ts';
import { findTemporal } from '../../dev/temporal-find.ts';
import { makeWorkFolder, removeWorkFolder } from '../../dev/work-folder.ts';
import { processEnvironment } from '../../src/process/config.ts';

/** What decides whether an answer survives a power cut; told beside the figures. */
const SHOWN = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
];

export type Servers = {
  readonly folder: string;
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  readonly pids: { readonly postgres: number; readonly temporal: number };
  /** The settings of PostgreSQL by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
};

/** Starts both on files in a temporary folder, with their own defaults. */
export async function startServers(): Promise<Servers> {
  const folder = makeWorkFolder('bench');
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
    removeWorkFolder(folder);
  };
  try {
    const postgres = await startPostgres({ folder: join(folder, 'postgres') });
    stops.push(postgres.stop);
    const environment = processEnvironment();
    const cache = environment['PLACET_CACHE'];
    const { path } = await findTemporal({ env: environment, cache, progress: createProgress() });
    const temporal = await startTemporal({ path, ...temporalFiles(join(folder, 'temporal')) });
    stops.push(temporal.stop);
    return {
      folder,
      postgresUrl: postgres.url,
      temporalAddress: temporal.address,
      pids: { postgres: postgres.pid, temporal: temporal.pid },
      settings: await readSettings(postgres.url),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readSettings(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const sql = 'select name, current_setting(name) as setting from pg_settings where name = any ($1)';
    const { rows } = await client.query<{ name: string; setting: string }>(sql, [SHOWN]);
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  } finally {
    await client.end();
  }
}
