// The faults that are switched on, and their counting down. What a fault does is up to the place that takes it.
import type { Fault, FaultKind } from '../protocol.ts';

export type Faults = {
  list(): Fault[];
  add(faults: Fault[]): void;
  clear(): void;
  /** The first fault of these kinds that fits; using it counts it down. */
  take<K extends FaultKind>(kinds: K[], fits: (fault: Fault & { kind: K }) => boolean): (Fault & { kind: K }) | null;
};

/** Creates the list; `changed` is called after each change. */
export function createFaults(changed: () => void): Faults {
  let faults: Fault[] = [];
  let last = 0;
  const isOf = <K extends FaultKind>(kinds: K[], fault: Fault): fault is Fault & { kind: K } =>
    (kinds as FaultKind[]).includes(fault.kind);
  return {
    list: () => faults,
    add(added) {
      faults = [...faults, ...added.map((fault) => ({ ...fault, id: fault.id ?? `F${++last}` }))];
      changed();
    },
    clear() {
      faults = [];
      changed();
    },
    take(kinds, fits) {
      for (const fault of faults) {
        if (!isOf(kinds, fault) || !fits(fault)) continue;
        if (fault.count !== undefined) {
          const count = fault.count - 1;
          faults = faults.map((other) => (other === fault ? { ...fault, count } : other)).filter((f) => f.count !== 0);
          changed();
        }
        return fault;
      }
      return null;
    },
  };
}
