// Runs work so many times, so many at once, and sums up what was measured. Knows nothing of Placet.

import { WARM_UP_SHARE } from '../sizes.ts';

/** Several runs of one figure. */
export type Summary = { readonly median: number; readonly low: number; readonly high: number; readonly runs: number };

/** Median, lowest and highest of the runs of one figure. */
export function summarise(values: readonly number[]): Summary {
  return { median: percentile(values, 0.5), low: Math.min(...values), high: Math.max(...values), runs: values.length };
}

/** The nearest-rank percentile, `share` in 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Does `count` pieces of work, `atOnce` at a time; pieces per second. */
export async function rateOf(
  count: number,
  atOnce: number,
  work: (place: number, lane: number) => Promise<unknown>,
): Promise<number> {
  const begun = performance.now();
  let next = 0;
  const lane = async (_: unknown, number: number) => {
    for (let place = next++; place < count; place = next++) await work(place, number);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (count / (performance.now() - begun)) * 1_000;
}

/** A figure and its floor, taken in turns so that a busy machine slows both: one array of runs for each. */
export async function inTurns<Name extends string>(
  runs: number,
  measures: Readonly<Record<Name, (share: number) => Promise<number>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (const name of names) await measures[name](WARM_UP_SHARE);
  for (let run = 0; run < runs; run += 1) {
    for (const name of names) found[name].push(await measures[name](1));
  }
  return found;
}

/** Run by run, what part of its floor was reached. */
export function ratios(values: readonly number[], floors: readonly number[]): number[] {
  return values.map((value, run) => value / (floors[run] ?? Number.NaN));
}

/** Repeatable numbers in 0 to 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
