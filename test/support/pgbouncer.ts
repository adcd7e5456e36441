// A real PgBouncer before the test server: Debian's package, installed, or unpacked into the temporary folder of the run.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';
import { freePort } from '../../dev/ports.ts';
import { chooseUser } from '../../dev/postgres-user.ts';
import { startBound } from '../../src/process/child.ts';
import { newFolder } from './processes.ts';
import { until } from './wait.ts';

const PACKAGES = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'];

type Program = { readonly path: string; readonly libraries: string | null };

/** The login of the application, as createTestDatabase makes it. */
const LOGINS = { placet_test_app: 'placet-test' };

export type PgBouncer = {
  /** The same URL, by way of PgBouncer. */
  readonly through: (url: string) => string;
  readonly stop: () => Promise<void>;
};

export type Settings = {
  readonly pool_mode: 'session' | 'transaction' | 'statement';
  /** Few connections for many clients, so that each client gets those of others. */
  readonly default_pool_size?: number;
  readonly server_round_robin?: 0 | 1;
  /** From 1.21 on: how many named statements it follows. */
  readonly max_prepared_statements?: number;
};

function installed(): Program | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const path = folders.map((folder) => join(folder, 'pgbouncer')).find(existsSync);
  return path === undefined ? null : { path, libraries: null };
}

/** Debian's package, without installing it: nothing of the machine is changed. Null where it cannot be had. */
function unpacked(): Program | null {
  const folder = newFolder();
  try {
    return unpackIn(folder);
  } catch {
    return null;
  }
}

function unpackIn(folder: string): Program {
  execFileSync('apt-get', ['-qq', 'download', ...PACKAGES], { cwd: folder, stdio: 'pipe' });
  for (const name of PACKAGES) {
    execFileSync('sh', ['-c', `dpkg -x ${name}_*.deb .`], { cwd: folder, stdio: 'pipe' });
  }
  const [libraries = ''] = execFileSync('sh', ['-c', 'ls -d usr/lib/*-linux-gnu'], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n');
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  return { path: join(folder, 'usr/sbin/pgbouncer'), libraries: join(folder, libraries) };
}

let program: Program | null | undefined;

function findProgram(): Program | null {
  if (program === undefined) {
    program = installed() ?? (existsSync('/usr/bin/apt-get') ? unpacked() : null);
  }
  return program;
}

/** Tests that need PgBouncer; left out, and said to be, where it can neither be found nor had. CI counts that as a failure. */
export const describePooler = findProgram() === null ? describe.skip : describe;

/** The version as two numbers, such as 1.18. */
export function pgBouncerVersion(): readonly [number, number] {
  const found = findProgram();
  if (found === null) return [0, 0];
  const { path, libraries } = found;
  const env = libraries === null ? {} : { LD_LIBRARY_PATH: libraries };
  const version = execFileSync(path, ['--version'], { encoding: 'utf8', env });
  const [, major = 0, minor = 0] = /PgBouncer (\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}

function requireProgram(): Program {
  const found = findProgram();
  if (found === null) throw new Error('there is no PgBouncer here');
  return found;
}

/** Starts one in front of the server of `url`. */
export async function startPgBouncer(url: string, settings: Settings, logins: object = LOGINS): Promise<PgBouncer> {
  const { hostname, port: behind } = new URL(url);
  const folder = newFolder();
  const port = await freePort();
  const lines = Object.entries({ default_pool_size: 2, ...settings }).map(([name, value]) => `${name} = ${value}`);
  const users = Object.entries(logins).map(([name, password]) => `"${name}" "${password}"`);
  writeFileSync(join(folder, 'users'), `${users.join('\n')}\n`);
  const config = [
    '[databases]',
    `* = host=${hostname} port=${behind}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    'auth_file = users',
    'max_client_conn = 200',
    ...lines,
  ];
  writeFileSync(join(folder, 'pgbouncer.ini'), `${config.join('\n')}\n`);
  const { path, libraries } = requireProgram();
  // It does not run as root.
  const user = chooseUser(join(folder, 'none'));
  chmodSync(folder, 0o755);
  const child = await startBound({
    command: path,
    args: ['pgbouncer.ini'],
    cwd: folder,
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    ...(libraries === null ? {} : { env: { LD_LIBRARY_PATH: libraries } }),
    output: openSync(join(folder, 'log'), 'w'),
  });
  await until(() => listens(port), { what: `PgBouncer on port ${port} (its log is in ${folder})` });
  const through = (direct: string) => Object.assign(new URL(direct), { host: `127.0.0.1:${port}` }).href;
  return { through, stop: child.stop };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
