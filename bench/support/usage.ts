// What processes cost: processor time and memory of a process with its children, from /proc (Linux only).

import { readdirSync, readFileSync } from 'node:fs';

/** Hundredths of a second on every Linux that Node supports. */
const MS_PER_TICK = 10;
const KIB_PER_PAGE = 4;

type Stat = { readonly pid: number; readonly parent: number; readonly cpu_ms: number; readonly pages: number };

/** Processor milliseconds used so far by each named process with its children; of this very process, without them. */
export function cpuOf(pids: Readonly<Record<string, number>>): Record<string, number> {
  const all = readAll();
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, treeOf(all, pid).reduce((sum, { cpu_ms }) => sum + cpu_ms, 0)]),
  );
}

/** Resident memory of one process in MB (10^6 bytes), its children not included. */
export function memoryOf(pid: number): number {
  return ((readStat(pid)?.pages ?? 0) * KIB_PER_PAGE * 1_024) / 1e6;
}

/** Processor milliseconds that the whole machine was busy so far. */
export function machineCpu(): number {
  const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = ticks;
  return (user + nice + system + irq + softirq) * MS_PER_TICK;
}

/** The load average of the last minute. */
export function machineLoad(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
}

function treeOf(all: readonly Stat[], pid: number): Stat[] {
  const own = all.filter((stat) => stat.pid === pid);
  if (pid === process.pid) return own;
  return [...own, ...all.filter((stat) => stat.parent === pid).flatMap((child) => treeOf(all, child.pid))];
}

function readAll(): Stat[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .flatMap((pid) => readStat(pid) ?? []);
}

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // proc(5): ppid is the 4th field, utime to cstime the 14th to 17th, rss the 24th; ours begin at the 3rd.
    const cpu = [11, 12, 13, 14].reduce((sum, place) => sum + (fields[place] ?? 0), 0);
    return { pid, parent: fields[1] ?? 0, cpu_ms: cpu * MS_PER_TICK, pages: fields[21] ?? 0 };
  } catch {
    return null;
  }
}
