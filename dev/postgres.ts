// Runs a real PostgreSQL from npm in a given data folder, on 127.0.0.1 only; knows nothing of Placet's tables.
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BoundChild, startBound } from '../src/process/child.ts';
import { commandLine, isRunning, nameProcess } from '../src/process/pid.ts';
import { keptSecret } from './data-folder.ts';
import { freePort } from './ports.ts';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { chooseUser, type RunAs } from './postgres-user.ts';

export interface PostgresOptions {
  /** Made when missing; holds the cluster, its password and its log. */
  readonly folder: string;
  readonly port?: number;
  /** Further `-c name=value` settings. */
  readonly settings?: readonly string[];
}

/** A running server: the URL logs in as superuser into the database `postgres`. */
export interface Postgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly ended: BoundChild['ended'];
  stop(): Promise<void>;
}

/** Recovery after a kill may replay up to max_wal_size (1 GB); measured well below this on a slow disk. */
const READY_MS_MAX = 60_000;
/** Orphaned backends leave within moments of their postmaster's end; until then a new one refuses to start. */
const START_ATTEMPTS_MAX = 5;
const POLL_MS = 25;

const PASSWORD_BYTES = 24;
const LOG_LINES_MAX = 5;
/** What initdb says before it fails would hide why. */
const REASONS = /(FATAL|PANIC|ERROR|HINT|error|fatal): /;

function initialiseFault(folder: string, log: string): Error {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const reasons = lines.filter((line) => REASONS.test(line));
  const shown = reasons.length > 0 ? reasons : lines.slice(-LOG_LINES_MAX);
  return new Error([`PostgreSQL could not make its data folder in ${folder}. Its words:`, ...shown].join('\n'));
}

/** Makes a cluster beside its place and moves it there when it is whole: an interrupted one leaves nothing broken. */
async function initialise(binaries: PostgresBinaries, runAs: RunAs, folder: string, password: string): Promise<void> {
  const fresh = join(folder, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  // initdb reads the password as the other user.
  const passwordFile = join(folder, 'initdb-password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const { uid, gid } = runAs.owner ?? {};
  for (const path of [fresh, passwordFile]) if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--username=postgres', '--no-instructions'];
  const log = join(folder, 'initdb.log');
  const [command, ...args] = [
    ...runAs.prefix,
    binaries.initdb,
    `--pgdata=${fresh}`,
    `--pwfile=${passwordFile}`,
    ...flags,
  ];
  const child = await startBound({
    command: command as string,
    args,
    cwd: fresh,
    ...runAs.ids,
    output: openSync(log, 'w'),
  });
  const result = await child.ended;
  rmSync(passwordFile, { force: true });
  if (result !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw initialiseFault(folder, log);
  }
  renameSync(fresh, join(folder, 'data'));
}

const pidFile = (data: string): string => join(data, 'postmaster.pid');

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
      throw new Error(`The PostgreSQL of an earlier run (process ${pid}) doesn't stop; end it first.`);
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

function startServer(binaries: PostgresBinaries, runAs: RunAs, options: PostgresOptions, port: number) {
  const data = join(options.folder, 'data');
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  const flags = [...settings, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting]);
  const [command, ...args] = [...runAs.prefix, binaries.postgres, '-D', data, '-p', String(port), ...flags];
  return startBound({
    command: command as string,
    args,
    cwd: data,
    ...runAs.ids,
    output: openSync(join(options.folder, 'postgres.log'), 'w', 0o600),
    // SIGINT is PostgreSQL's fast stop: it doesn't wait for its clients to leave.
    stop_signal: 'SIGINT',
  });
}

const logTail = (folder: string): string =>
  readFileSync(join(folder, 'postgres.log'), 'utf8').trimEnd().split('\n').slice(-LOG_LINES_MAX).join('\n');

/** Starts the server, making its cluster first when there is none; stale pid files and leftovers are cleared. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const data = join(options.folder, 'data');
  // Others may pass through the folder, not read it: as root, the server runs as another user.
  mkdirSync(options.folder, { recursive: true, mode: 0o711 });
  const binaries = findPostgres();
  const runAs = chooseUser(options.folder, binaries.home);
  const password = keptSecret(join(options.folder, 'password'), PASSWORD_BYTES);
  if (!existsSync(data)) await initialise(binaries, runAs, options.folder, password);
  await clearLeftover(data);
  for (let attempt = 1; attempt <= START_ATTEMPTS_MAX; attempt += 1) {
    const port = options.port ?? (await freePort());
    const child = await startServer(binaries, runAs, options, port);
    if (await isReady(child, data)) {
      const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
      return { url, port, pid: child.pid, ended: child.ended, stop: child.stop };
    }
    await sleep(attempt * 200);
  }
  throw new Error(`PostgreSQL did not start. Its last words:\n${logTail(options.folder)}`);
}
