// Runs a real PostgreSQL from npm in a given data folder, on 127.0.0.1 only; knows nothing of Placet's tables.

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BoundChild, startBound } from '../src/process/child.ts';
import { commandLine, isRunning, nameProcess } from '../src/process/pid.ts';
import { keptSecret } from './data-folder.ts';
import { freePort } from './ports.ts';
import { findPostgres } from './postgres-binaries.ts';
import { type Programs, programsFor } from './postgres-copy.ts';
import { chooseUser, type Ids, nameFor } from './postgres-user.ts';

export type PostgresOptions = {
  /** Made when missing; holds the cluster, its password and its log. */
  readonly folder: string;
  readonly port?: number;
  /** Further `-c name=value` settings. */
  readonly settings?: readonly string[];
};

/** A running server: the URL logs in as superuser into the database `postgres`. */
export type Postgres = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly ended: BoundChild['ended'];
  readonly stop: () => Promise<void>;
};

/** Recovery after a kill may replay up to max_wal_size (1 GB); measured well below this on a slow disk. */
const READY_MS_MAX = 60_000;
/** Orphaned backends leave within moments of their postmaster's end; until then a new one refuses to start. */
const START_ATTEMPTS_MAX = 5;
const POLL_MS = 25;

const PASSWORD_BYTES = 24;
const OWN_SETTINGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
const LOG_LINES_MAX = 5;
/** What initdb says before it fails would hide why. */
const REASONS = /(FATAL|PANIC|ERROR|HINT|error|fatal): /;

/** What a start works with. */
type Server = {
  readonly programs: Programs;
  /** As whom it runs, when not as we. */
  readonly user: Ids | undefined;
  readonly folder: string;
  readonly password: string;
  readonly settings: readonly string[];
};

function idsOf(user: Ids | undefined): Partial<Ids> {
  return user === undefined ? {} : { uid: user.uid, gid: user.gid };
}

function initialiseFault(folder: string, log: string): Error {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const reasons = lines.filter((line) => REASONS.test(line));
  const shown = reasons.length > 0 ? reasons : lines.slice(-LOG_LINES_MAX);
  return new Error([`PostgreSQL could not make its data folder in ${folder}. Its words:`, ...shown].join('\n'));
}

/** Makes a cluster beside its place and moves it there when it is whole: an interrupted one leaves nothing broken. */
async function initialise({ programs, user, folder, password }: Server): Promise<void> {
  const fresh = join(folder, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const password_file = join(folder, 'initdb-password');
  writeFileSync(password_file, `${password}\n`, { mode: 0o600 });
  // initdb writes and reads them as the other user.
  if (user !== undefined) for (const path of [fresh, password_file]) chownSync(path, user.uid, user.gid);
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--username=postgres', '--no-instructions'];
  const log = join(folder, 'initdb.log');
  const child = await startBound({
    command: programs.initdb,
    args: [`--pgdata=${nameFor(user, fresh)}`, `--pwfile=${join('..', basename(password_file))}`, ...flags],
    cwd: fresh,
    ...idsOf(user),
    output: openSync(log, 'w'),
  });
  const result = await child.ended;
  rmSync(password_file, { force: true });
  if (result !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw initialiseFault(folder, log);
  }
  renameSync(fresh, join(folder, 'data'));
}

function pidFile(data: string): string {
  return join(data, 'postmaster.pid');
}

function pidLines(data: string): string[] {
  try {
    return readFileSync(pidFile(data), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Ends the server that a killed run left in this folder; a pid that is now someone else's is left alone. */
async function clearLeftover(data: string): Promise<void> {
  const pid = Number(pidLines(data)[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const name = nameProcess(pid);
  if (isRunning(name) && commandLine(pid).includes(data)) {
    process.kill(pid, 'SIGINT');
    for (const end = Date.now() + READY_MS_MAX; isRunning(name) && Date.now() < end; ) await sleep(POLL_MS);
    if (isRunning(name))
      throw new Error(`The PostgreSQL of an earlier run (process ${pid}) does not stop; end it first.`);
  }
  rmSync(pidFile(data), { force: true });
}

async function isReady(child: BoundChild, data: string): Promise<boolean> {
  for (const end = Date.now() + READY_MS_MAX; Date.now() < end; await sleep(POLL_MS)) {
    if (child.hasEnded()) return false;
    const lines = pidLines(data);
    // Line 8 is the state that pg_ctl waits for too.
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return true;
  }
  await child.stop();
  return false;
}

function startServer({ programs, user, folder, settings }: Server, port: number): Promise<BoundChild> {
  const data = join(folder, 'data');
  // The last one is nobody's: it names the folder to whoever looks for its server, since -D may not.
  const all = [...OWN_SETTINGS, ...settings, `placet.data=${data}`];
  return startBound({
    command: programs.postgres,
    args: ['-D', nameFor(user, data), '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
    cwd: data,
    ...idsOf(user),
    output: openSync(join(folder, 'postgres.log'), 'w', 0o600),
    // SIGINT is PostgreSQL's fast stop: it does not wait for its clients to leave.
    stop_signal: 'SIGINT',
  });
}

function logTail(folder: string): string {
  return readFileSync(join(folder, 'postgres.log'), 'utf8').trimEnd().split('\n').slice(-LOG_LINES_MAX).join('\n');
}

async function launch(server: Server, port?: number): Promise<Postgres> {
  const { folder, password } = server;
  const data = join(folder, 'data');
  if (!existsSync(data)) await initialise(server);
  await clearLeftover(data);
  for (let attempt = 1; attempt <= START_ATTEMPTS_MAX; attempt += 1) {
    const chosen = port ?? (await freePort());
    const child = await startServer(server, chosen);
    if (await isReady(child, data)) {
      void child.ended.then(server.programs.remove);
      const url = `postgres://postgres:${password}@127.0.0.1:${chosen}/postgres`;
      return { url, port: chosen, pid: child.pid, ended: child.ended, stop: child.stop };
    }
    await sleep(attempt * 200);
  }
  throw new Error(`PostgreSQL did not start. Its last words:\n${logTail(folder)}`);
}

/** Starts the server, making its cluster first when there is none; stale pid files and leftovers are cleared. */
export async function startPostgres({ folder, port, settings = [] }: PostgresOptions): Promise<Postgres> {
  mkdirSync(folder, { recursive: true });
  // Others may pass through the folder, not read it: as root, the server runs as another user.
  chmodSync(folder, 0o711);
  const user = chooseUser(join(folder, 'data'));
  const programs = programsFor(user, findPostgres());
  try {
    const password = keptSecret(join(folder, 'password'), PASSWORD_BYTES);
    return await launch({ programs, user, folder, password, settings }, port);
  } catch (error) {
    programs.remove();
    throw error;
  }
}
