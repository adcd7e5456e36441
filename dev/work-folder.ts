// Temporary folders that a run works in; each run also removes those of runs that were killed, and no others.

import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, nameProcess } from '../src/process/pid.ts';

/** A work folder bears its run's pid in its name, and in this file when that run started. */
const OWNER = 'started';
const NAME = /^placet-[a-z]+-(?<pid>\d+)-/;
/** What a killed run had started is ended by its watchers, and may write for a moment more. */
const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 200 };
const LEFTOVER_REMOVAL = { ...REMOVAL, maxRetries: 5 };

function isLeftover(place: string, name: string): boolean {
  const pid = Number(NAME.exec(name)?.groups?.['pid'] ?? 0);
  if (pid === 0) return false;
  try {
    const folder = join(place, name);
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    const started = readFileSync(join(folder, OWNER), 'utf8');
    // Without a word in it, its run is just writing it.
    return started !== '' && !isRunning({ pid, started });
  } catch {
    // It is none of ours, or its run has just removed it.
    return false;
  }
}

function removeLeftover(folder: string): void {
  try {
    // The file that tells whose it is goes last: what cannot be removed yet is left to the next run.
    for (const name of readdirSync(folder)) if (name !== OWNER) rmSync(join(folder, name), LEFTOVER_REMOVAL);
    rmSync(folder, LEFTOVER_REMOVAL);
  } catch {
    // It is in nobody's way.
  }
}

/** Makes a folder for this run, named after its use; throws when the system's folder for temporary files takes none. */
export function makeWorkFolder(use: 'bench' | 'demo' | 'fuzz' | 'postgres' | 'test'): string {
  const place = tmpdir();
  for (const name of readdirSync(place)) if (isLeftover(place, name)) removeLeftover(join(place, name));
  const folder = mkdtempSync(join(place, `placet-${use}-${process.pid}-`));
  try {
    writeFileSync(join(folder, OWNER), nameProcess(process.pid).started);
    // As root, PostgreSQL runs as another user, who must get through.
    chmodSync(folder, 0o711);
  } catch (error) {
    removeWorkFolder(folder);
    throw error;
  }
  return folder;
}

/** Removes a folder at the end of its run. */
export function removeWorkFolder(folder: string): void {
  rmSync(folder, REMOVAL);
}
