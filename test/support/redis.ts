// A real Redis: Debian's package, installed, or unpacked into the temporary folder of the run; and the least client for it.
import { execFileSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';
import { freePort } from '../../dev/ports.ts';
import { startBound } from '../../src/process/child.ts';
import { newFolder } from './processes.ts';
import { until } from './wait.ts';

/** The server's program lies in redis-tools; the rest are the libraries that a bare machine may lack. */
const PACKAGES = ['redis-tools', 'libatomic1', 'libjemalloc2', 'liblzf1'];

type Program = { readonly path: string; readonly libraries: string | null };

export type Redis = {
  /** Sends one command; answers its text, a number as text, or null. Rejects for an error and while the server is away. */
  readonly send: (command: readonly string[]) => Promise<string | null>;
  readonly stop: () => Promise<void>;
};

function installed(): Program | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const path = folders.map((folder) => join(folder, 'redis-server')).find(existsSync);
  return path === undefined ? null : { path, libraries: null };
}

/** Debian's package, without installing it: nothing of the machine is changed. Null where it cannot be had. */
function unpacked(): Program | null {
  const folder = newFolder();
  try {
    execFileSync('apt-get', ['-qq', 'download', ...PACKAGES], { cwd: folder, stdio: 'pipe' });
    for (const name of PACKAGES) execFileSync('sh', ['-c', `dpkg -x ${name}_*.deb .`], { cwd: folder, stdio: 'pipe' });
    const list = execFileSync('sh', ['-c', 'ls -d usr/lib/*-linux-gnu'], { cwd: folder, encoding: 'utf8' });
    // Debian's server and checker are one program, which goes by the name that it is called.
    execFileSync('cp', ['usr/bin/redis-check-rdb', 'redis-server'], { cwd: folder });
    return { path: join(folder, 'redis-server'), libraries: join(folder, list.trim().split('\n')[0] ?? '') };
  } catch {
    return null;
  }
}

let program: Program | null | undefined;
function findProgram(): Program | null {
  if (program === undefined) program = installed() ?? (existsSync('/usr/bin/apt-get') ? unpacked() : null);
  return program;
}

/** Tests that need Redis; left out, and said to be, where it can neither be found nor had. CI counts that as a failure. */
export const describeRedis = findProgram() === null ? describe.skip : describe;

/** Starts one that keeps nothing on disk. */
export async function startRedis(): Promise<Redis> {
  const found = findProgram();
  if (found === null) throw new Error('there is no Redis here');
  const folder = newFolder();
  const port = await freePort();
  const child = await startBound({
    command: found.path,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    cwd: folder,
    ...(found.libraries === null ? {} : { env: { LD_LIBRARY_PATH: found.libraries } }),
    output: openSync(join(folder, 'log'), 'w'),
  });
  const send: Redis['send'] = (command) => ask(port, command);
  const isReady = () =>
    send(['PING']).then(
      (answer) => answer === 'PONG',
      () => false,
    );
  await until(isReady, { what: `Redis on port ${port} (its log is in ${folder})` });
  return { send, stop: child.stop };
}

/** One command on a connection of its own (RESP 2). */
function ask(port: number, command: readonly string[]): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket: Socket = connect(port, '127.0.0.1', () => {
      const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
      socket.write(`*${command.length}\r\n${parts.join('')}`);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Redis closed the connection')));
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (!text.endsWith('\r\n')) return;
      const [first = '', bulk = ''] = text.split('\r\n');
      if (first.startsWith('-')) reject(new Error(first));
      else resolve(first === '$-1' ? null : first.startsWith('$') ? bulk : first.slice(1));
      socket.destroy();
    });
  });
}
