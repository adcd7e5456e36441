// Where the processor time of a run went, by process, and what others took meanwhile on the same machine.

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

/** Counts the processor time of a product's processes. */
export function createCosts(product: Pick<Product, 'pids'>): Costs {
  const notes = new Map<string, string>();
  return {
    of: async (name, count, work) => {
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
      notes.set(name, `${name}: processor ms each: ${parts}; ${noise}`);
      return result;
    },
    notes: () => [...notes.values()],
  };
}
