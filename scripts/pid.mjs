// What the system tells of a process, as src/process/pid.ts, which is not built yet. Plain Node, no dependencies.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const hasProc = existsSync('/proc/self/stat');

function psField(pid, field) {
  try {
    return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}

/** Fields of /proc/<pid>/stat from the third on: state, parent, …; none of a zombie, which has ended. */
function statFields(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? [] : fields;
  } catch {
    return [];
  }
}

/** When a process started, as an opaque text: with the pid it names one process for ever. Empty when it is gone. */
export const startTime = (pid) => (hasProc ? (statFields(pid)[19] ?? '') : psField(pid, 'lstart'));

/** The process that started this one; 0 when it is gone. */
export const parentOf = (pid) => Number(hasProc ? (statFields(pid)[1] ?? 0) : psField(pid, 'ppid'));

/** The command line of a process; empty when it is gone. */
export function commandLine(pid) {
  if (!hasProc) return psField(pid, 'command');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Tells whether the very process that was named still runs. */
export function isAlive(pid, started) {
  const now = startTime(pid);
  return now !== '' && now === started;
}
