// The two servers below Placet in development: PostgreSQL and Temporal, embedded or those of the settings.

import pg from 'pg';
import type { Config } from '../src/process/config.ts';
import { temporalConnection } from '../src/process/temporal-connection.ts';
import { type DataFolder, keptAppPassword } from './data-folder.ts';
import { type KeptServer, keepServer } from './keep.ts';
import { startPostgres } from './postgres.ts';
import type { Progress } from './progress.ts';
import { startTemporal, temporalFiles, waitForTemporal } from './temporal.ts';
import { findTemporal } from './temporal-find.ts';

export type ServerDeps = {
  readonly data: DataFolder;
  readonly config: Config;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Finds the port that a server had in the last run, its usual one, or any; the first of them that is free. */
  readonly portFor: (name: string, usual?: number) => Promise<number>;
  readonly onPid: (pid: number) => void;
  /** Takes what stops a server, as soon as it runs. */
  readonly onStop: (stop: () => Promise<void>) => void;
};

/** Where the database is reached: by the application, and by whoever migrates. */
export type DatabaseUrls = {
  readonly app_url: string;
  readonly owner_url: string | undefined;
};

/** The application's login; migrations make it with the password in the URL. */
const APP_LOGIN = 'placet_login';
const DATABASE = 'placet';
const DUPLICATE_DATABASE = '42P04';
const EXTERNAL_WAIT_MS_MAX = 15_000;

/** Starts a server as a step of its own, and again whenever it ends by itself, until the stack stops. */
export async function startKept<Server extends KeptServer>(
  { progress, onPid, onStop }: Pick<ServerDeps, 'progress' | 'onPid' | 'onStop'>,
  server: { readonly name: string; readonly label: string; readonly start: () => Promise<Server> },
): Promise<Server> {
  const { name, label, start } = server;
  const first = await progress.step(label, start);
  onPid(first.pid);
  onStop(keepServer({ name, first, again: start, note: progress.note, onStart: ({ pid }) => onPid(pid) }));
  return first;
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${DATABASE}`);
  } catch (error) {
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
  } finally {
    await client.end();
  }
}

function inDatabase(url: string, login?: { user: string; password: string }): string {
  const changed = new URL(url);
  changed.pathname = `/${DATABASE}`;
  // It listens on this machine alone and has no TLS, whatever PGSSLMODE says of other servers.
  changed.search = '?sslmode=disable';
  if (login !== undefined) Object.assign(changed, { username: login.user, password: login.password });
  return changed.href;
}

/** Starts PostgreSQL in the data folder, or takes DATABASE_URL. */
export async function provideDatabase(deps: ServerDeps): Promise<DatabaseUrls> {
  const { config, data } = deps;
  if (config.database_url !== undefined) return { app_url: config.database_url, owner_url: config.database_owner_url };
  const port = await deps.portFor('postgres');
  const { url } = await startKept(deps, {
    name: 'PostgreSQL',
    label: `PostgreSQL on 127.0.0.1:${port}`,
    start: () => startPostgres({ folder: data.postgres, port }),
  });
  await ensureDatabase(url);
  const login = { user: APP_LOGIN, password: keptAppPassword(data) };
  return { app_url: inDatabase(url, login), owner_url: inDatabase(url) };
}

/** Starts a Temporal dev server on a file in the data folder, or waits for the one of TEMPORAL_ADDRESS. */
export async function provideTemporal(deps: ServerDeps): Promise<string> {
  const { config, data, progress, signal, environment } = deps;
  const { temporal_address, temporal_namespace: namespace, cache } = config;
  if (temporal_address !== undefined) {
    const place = await temporalConnection(config);
    await progress.step(`Temporal at ${temporal_address}`, () =>
      waitForTemporal({
        ...place,
        namespace,
        limit_ms: EXTERNAL_WAIT_MS_MAX,
        hasEnded: () => signal.aborted,
      }),
    );
    return temporal_address;
  }
  const { path } = await findTemporal({ env: environment, cache, progress, signal });
  const port = await deps.portFor('temporal');
  const { address } = await startKept(deps, {
    name: 'Temporal',
    label: `Temporal on 127.0.0.1:${port}`,
    start: () => startTemporal({ path, port, namespace, ...temporalFiles(data.temporal) }),
  });
  return address;
}
