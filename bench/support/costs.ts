// Where the processor time of a run went, by process, what PostgreSQL did for it, and what others took meanwhile on the same
// machine.

import type { Product } from './product.ts';
import { cpuOf, machineCpu, machineLoad } from './usage.ts';

/** Less than this each is not worth a word. */
const TOLD_MS_MIN = 0.02;

export type Costs = {
  /** Does so many pieces of work and keeps what one of them cost; gives what the work gave. */
  readonly of: <T>(name: string, count: number, work: (count: number) => Promise<T>) => Promise<T>;
  /** One line for each name, of its last run. */
  readonly notes: () => string[];
};

/** Counts the processor time of a product's processes, and the work of its database. */
export function createCosts(product: Pick<Product, 'pids' | 'sql'>): Costs {
  const notes = new Map<string, string>();
  return {
    of: async (name, count, work) => {
      const database = await readWork(product);
      const before = cpuOf(product.pids);
      const machine = machineCpu();
      const begun = performance.now();
      const result = await work(count);
      const after = cpuOf(product.pids);
      const used = Object.entries(after).map(
        ([process, ms]) => [process, (ms - (before[process] ?? 0)) / count] as const,
      );
      const each = used.reduce((sum, [, ms]) => sum + ms, 0);
      const others = (machineCpu() - machine - each * count) / (performance.now() - begun);
      const named = used.filter(([, ms]) => ms >= TOLD_MS_MIN).map(([process, ms]) => `${process} ${ms.toFixed(2)}`);
      const parts = `${named.join(', ')}; ${each.toFixed(2)} in all`;
      const noise = `others took ${Math.max(0, others).toFixed(2)} cores (load ${machineLoad()})`;
      const done = await readWork(product);
      const text = `${name}: processor ms each: ${parts}; ${noise}`;
      notes.set(name, `${text}; PostgreSQL each: ${workText(database, done, count)}`);
      return result;
    },
    notes: () => [...notes.values()],
  };
}

type DatabaseWork = { readonly commits: number; readonly buffers: number; readonly wal_bytes: number };

/** PostgreSQL counts a transaction up to a second after its end: what is told of a short run is a little too low. */
const WORK = `select xact_commit::float8 as commits, (blks_hit + blks_read)::float8 as buffers,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as wal_bytes
  from pg_stat_database where datname = current_database()`;

async function readWork({ sql }: Pick<Product, 'sql'>): Promise<DatabaseWork> {
  return (await sql<DatabaseWork>(WORK))[0] ?? { commits: 0, buffers: 0, wal_bytes: 0 };
}

function workText(from: DatabaseWork, to: DatabaseWork, count: number): string {
  const each = (name: keyof DatabaseWork) => (to[name] - from[name]) / count;
  const kB = each('wal_bytes') / 1_000;
  return `${each('commits').toFixed(1)} transactions, ${kB.toFixed(1)} kB of WAL, ${each('buffers').toFixed(0)} buffers`;
}
