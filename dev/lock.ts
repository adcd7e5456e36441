// A lock file that names its holder: taken by one process at a time, taken over when the holder has died.

import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRunning, nameProcess, type ProcessName } from '../src/process/pid.ts';

/** A held lock; `release` is safe to call twice. */
export type Lock = {
  readonly release: () => void;
};

export type LockResult =
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'taken'; readonly by: number };

/** Dead holders are cleared and the lock tried again; more rounds than this mean that others are faster. */
const ATTEMPTS_MAX = 10;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): ProcessName {
  const [pid = '', ...started] = text.split(' ');
  return { pid: Number(pid), started: started.join(' ') };
}

/**
 * Removes a dead holder's lock; a number is the process that does so right now. Only who holds the lock beside it may, and only
 * while the lock is still the one that was seen: whoever was slower must not take away what the faster one has got by then.
 */
function clearDead(file: string, seen: string): number | null {
  const guard = takeLock(`${file}.clearing`);
  if (guard.kind === 'taken') return guard.by;
  try {
    if (read(file) === seen) rmSync(file, { force: true });
    return null;
  } finally {
    guard.lock.release();
  }
}

function claim(file: string, mine: string): boolean {
  const fresh = `${file}.new.${process.pid}`;
  try {
    // Written first and linked after: nobody ever reads a half-written lock.
    writeFileSync(fresh, mine, { mode: 0o600 });
    linkSync(fresh, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Takes the lock or tells which process holds it; never waits. */
export function takeLock(file: string): LockResult {
  mkdirSync(dirname(file), { recursive: true, mode: 0o711 });
  const { pid, started } = nameProcess(process.pid);
  const mine = `${pid} ${started}`;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (claim(file, mine)) {
      const release = () => {
        if (read(file) === mine) rmSync(file, { force: true });
      };
      return { kind: 'held', lock: { release } };
    }
    const holder = read(file);
    if (holder === undefined) continue;
    if (isRunning(parse(holder))) return { kind: 'taken', by: parse(holder).pid };
    const clearing = clearDead(file, holder);
    if (clearing !== null) return { kind: 'taken', by: clearing };
  }
  return { kind: 'taken', by: parse(read(file) ?? '0').pid };
}
