// Names a process for ever by its pid and start time, so that nothing is signalled that only inherited a pid.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A process by pid and the moment it started (an opaque text; empty where the system does not tell). */
export type ProcessName = {
  readonly pid: number;
  readonly started: string;
};

function psField(pid: number, field: string): string {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/** Reads when a process started; empty when it is gone. */
function startedAt(pid: number): string {
  if (!existsSync('/proc/self/stat')) return psField(pid, 'lstart');
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended, it only waits for its parent to notice.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/** Reads the command line of a process; empty when it is gone. */
export function commandLine(pid: number): string {
  if (!existsSync('/proc/self/cmdline')) return psField(pid, 'command');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Names a process that runs now. */
export function nameProcess(pid: number): ProcessName {
  return { pid, started: startedAt(pid) };
}

/** Tells whether the very process that was named still runs. */
export function isRunning(name: ProcessName): boolean {
  const started = startedAt(name.pid);
  return started !== '' && started === name.started;
}
