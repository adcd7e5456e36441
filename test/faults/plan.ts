// How much a round does: the short one of CI, and the long one of `npm run faults`.
import { createChance } from './chance.ts';
import { type Outage, planOutages } from './outages.ts';
import type { Point } from './points.ts';
import { API_POINTS } from './points-api.ts';
import { SLACK_POINTS } from './points-slack.ts';
import { WORKER_POINTS } from './points-worker.ts';
import { COMBINATIONS, type Combination } from './slack-faults.ts';

export type Round = {
  readonly seed: number;
  readonly points: readonly Point[];
  readonly outages: readonly Outage[];
  readonly combinations: readonly Combination[];
  /** Stories beside those of the points. */
  readonly traffic: number;
};

export const PARTS = ['points', 'outages', 'slack'] as const;
export type Part = (typeof PARTS)[number];

const POINTS = [...API_POINTS, ...SLACK_POINTS, ...WORKER_POINTS];
/** A round takes so many combinations; five rounds go through all of them. */
const COMBINATIONS_PER_ROUND = 9;
/** The short round takes so many pairs. */
const PAIRS_OF_SHORT_ROUND = 2;
const TRAFFIC = 12;

/** The round of this seed; `place` tells which combinations are its turn. */
export function planRound(seed: number, place: number, parts: readonly Part[]): Round {
  const chance = createChance(seed);
  const turn = Array.from({ length: COMBINATIONS_PER_ROUND }, (_, index) => place * COMBINATIONS_PER_ROUND + index);
  const outages = planOutages(chance.fork(), true);
  return {
    seed,
    points: parts.includes('points') ? chance.fork().shuffle(POINTS) : [],
    outages: parts.includes('outages') ? outages : [],
    combinations: parts.includes('slack')
      ? turn.map((each) => COMBINATIONS[each % COMBINATIONS.length] as Combination)
      : [],
    traffic: TRAFFIC,
  };
}

/** The short round: each point once, one stop of each server, one wipe, and a few pairs. */
export function planShortRound(seed: number): Round {
  const chance = createChance(seed);
  const pairs = COMBINATIONS.filter((kinds) => kinds.length === 2);
  return {
    seed,
    points: chance.fork().shuffle(POINTS),
    outages: [
      { server: 'postgres', how: 'kill -9', isWiped: false, seconds: 2, killed: null },
      { server: 'temporal', how: 'orderly', isWiped: false, seconds: 2, killed: null },
      { server: 'temporal', how: 'kill -9', isWiped: true, seconds: 1, killed: null },
    ],
    combinations: chance.fork().shuffle(pairs).slice(0, PAIRS_OF_SHORT_ROUND),
    traffic: TRAFFIC,
  };
}
