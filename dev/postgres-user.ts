// Chooses the system user that PostgreSQL runs as, since it refuses to run as root, and the names by which that user reaches
// its files: a folder above them may be closed to it.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { AdvisedError } from './fault.ts';

/** A system user and its group. */
export type Ids = {
  readonly uid: number;
  readonly gid: number;
};

/** What root needs to give files to another user, run programs as it, and read, end and remove what is its; by bit. */
const NEEDED_BITS = { CAP_CHOWN: 0, CAP_DAC_OVERRIDE: 1, CAP_KILL: 5, CAP_SETGID: 6, CAP_SETUID: 7 };
/** The folder that a process works in, whatever stands above it: no right to pass through that is asked for. */
const HERE = '/proc/self/cwd';

const WAY_OUT = 'Run Placet as another user than root';

function idOf(flag: '-u' | '-g'): number {
  return Number.parseInt(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }), 10);
}

function postgresIds(): Ids | undefined {
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
}

function createPostgresUser(): Ids {
  try {
    execFileSync('groupadd', ['--system', 'postgres'], { stdio: 'pipe' });
  } catch {
    // The group may be there without the user; useradd tells if not.
  }
  try {
    execFileSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'], { stdio: 'pipe' });
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch (cause) {
    const reason = `PostgreSQL does not run as root, and the system user postgres could not be made: ${(cause as Error).message}`;
    throw new AdvisedError(`${reason}\n${WAY_OUT}, or make that user.`, { cause });
  }
}

/** In a container root may be less than root. */
function requireCapabilities(): void {
  if (!existsSync('/proc/self/status')) return;
  const effective = /^CapEff:\s*(?<bits>[0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.groups?.['bits'];
  if (effective === undefined) return;
  const bits = BigInt(`0x${effective}`);
  const missing = Object.entries(NEEDED_BITS).filter(([, bit]) => ((bits >> BigInt(bit)) & 1n) === 0n);
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name).join(', ');
  throw new AdvisedError(
    `PostgreSQL does not run as root, and this root may not run it as another user: it lacks ${names}.\n` +
      `${WAY_OUT}, or let its container keep what it lacks.`,
  );
}

/** PostgreSQL makes no data folder for a user without a name. */
function requireName(): void {
  try {
    userInfo();
  } catch (cause) {
    const uid = process.getuid?.();
    throw new AdvisedError(
      `PostgreSQL does not run as a user without a name, and nothing here names the user ${uid}.\n` +
        'Run Placet as a user that the system names (in /etc/passwd), or name this one there.',
      { cause },
    );
  }
}

/** The user for the server of a data folder when we are root: who owns the data, or postgres, made when missing. */
export function chooseUser(data: string): Ids | undefined {
  const owner = statSync(data, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0) {
    if (owner === undefined) requireName();
    return undefined;
  }
  requireCapabilities();
  return owner === undefined || owner.uid === 0 ? (postgresIds() ?? createPostgresUser()) : owner;
}

/** The name of a folder for a program that runs in it as this user. */
export function nameFor(user: Ids | undefined, folder: string): string {
  return user !== undefined && existsSync(HERE) ? HERE : folder;
}
