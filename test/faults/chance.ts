// Everything random of a plan, from one seed: the same seed makes the same plan.

export type Chance = {
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(among: readonly T[]) => T;
  readonly shuffle: <T>(things: readonly T[]) => T[];
  /** A further source, so that what one part of a plan takes does not move another. */
  readonly fork: () => Chance;
};

/** Mulberry32: small, and good enough to plan with. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
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
