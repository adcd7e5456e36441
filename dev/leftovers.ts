// Ends what a killed run may have left: only processes that it recorded itself, told by pid and start time.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isRunning, nameProcess, type ProcessName } from '../src/process/pid.ts';
import { writePrivate } from './data-folder.ts';

const recorded = z.array(z.object({ pid: z.number().int().min(2), started: z.string().min(1) }));
const POLL_MS = 50;
/** The watchers of the killed run stop its children in ten seconds; then we do it. */
const PATIENCE_MS_MAX = 12_000;
const RECORDED_MAX = 200;

/** Remembers the processes of this run for the next start. */
export function createRecord(file: string): { add(pid: number): void } {
  const names: ProcessName[] = [];
  return {
    add(pid) {
      names.push(nameProcess(pid));
      names.splice(0, Math.max(0, names.length - RECORDED_MAX));
      writePrivate(file, JSON.stringify(names));
    },
  };
}

function readRecord(file: string): ProcessName[] {
  try {
    return recorded.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

function signal(name: ProcessName, kind: NodeJS.Signals): void {
  try {
    // Asked again right before: the pid must still be the process that was recorded.
    if (isRunning(name)) process.kill(name.pid, kind);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits for the recorded processes of an earlier run to end, then ends them; returns how many still ran. */
export async function endLeftovers(file: string, patience_ms = PATIENCE_MS_MAX): Promise<number> {
  const left = readRecord(file).filter(isRunning);
  // SIGINT is the quick stop of PostgreSQL, and all others take it like SIGTERM.
  for (const name of left) signal(name, 'SIGINT');
  for (const end = Date.now() + patience_ms; left.some(isRunning) && Date.now() < end; ) await sleep(POLL_MS);
  for (const name of left) signal(name, 'SIGKILL');
  return left.length;
}
