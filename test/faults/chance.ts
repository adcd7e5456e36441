// Everything random of a plan, from one seed: the same seed makes the same plan.

import { createRandom } from '../../bench/support/measure.ts';

export type Chance = {
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(among: readonly T[]) => T;
  readonly shuffle: <T>(things: readonly T[]) => T[];
  /** A further source, so that what one part of a plan takes does not move another. */
  readonly fork: () => Chance;
};

/** The source of the plan of this seed. */
export function createChance(seed: number): Chance {
  const next = createRandom(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const shuffle = <T>(things: readonly T[]): T[] => {
    const left = [...things];
    return things.map(() => left.splice(below(left.length), 1)[0] as T);
  };
  return {
    below,
    shuffle,
    pick: (among) => among[below(among.length)] as (typeof among)[number],
    fork: () => createChance(below(2 ** 32)),
  };
}
