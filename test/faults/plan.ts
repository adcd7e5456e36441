// How much a round does: a glance for each test run, the short one of `npm run long`, and the long one of `npm run faults`.
import { createChance } from './chance.ts';
import { CLASHES, type Clash } from './clashes.ts';
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
  readonly clashes: readonly Clash[];
  /** Stories beside those of the points. */
  readonly traffic: number;
};

export const PARTS = ['points', 'outages', 'slack', 'clashes'] as const;
export type Part = (typeof PARTS)[number];

const POINTS = [...API_POINTS, ...SLACK_POINTS, ...WORKER_POINTS];
/** A round takes so many combinations; five rounds go through all of them. */
const COMBINATIONS_PER_ROUND = 9;
/** Of clashes; three rounds go through all of them. */
const CLASHES_PER_ROUND = 10;
/** The short round takes so many pairs. */
const PAIRS_OF_SHORT_ROUND = 2;
/** In the short round each of them is killed once at a fault of Slack's. */
const ROLES_THAT_SPEAK = ['slack', 'worker'] as const;
const TRAFFIC = 12;
/** A glance takes so many of the points. */
const POINTS_OF_GLANCE = 6;

/** The round of this seed; `place` tells which combinations and clashes are its turn, and which server is away for minutes. */
export function planRound(seed: number, place: number, parts: readonly Part[]): Round {
  const chance = createChance(seed);
  /** The share of a list that is this round's turn. */
  const turn = <T>(all: readonly T[], count: number): T[] =>
    Array.from({ length: count }, (_, index) => all[(place * count + index) % all.length] as T);
  const outages = planOutages(chance.fork(), place % 2 === 0 ? 'postgres' : 'temporal');
  return {
    seed,
    points: parts.includes('points') ? chance.fork().shuffle(POINTS) : [],
    outages: parts.includes('outages') ? outages : [],
    combinations: parts.includes('slack') ? turn(COMBINATIONS, COMBINATIONS_PER_ROUND) : [],
    clashes: parts.includes('clashes') ? turn(CLASHES, CLASHES_PER_ROUND) : [],
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
    clashes: ROLES_THAT_SPEAK.flatMap((role) =>
      chance
        .fork()
        .shuffle(CLASHES.filter((clash) => clash.role === role))
        .slice(0, 1),
    ),
    traffic: TRAFFIC,
  };
}

/** A glance at it: a few of the points, one stop of PostgreSQL, one pair and one clash. */
export function planGlance(seed: number): Round {
  const { points, outages, combinations, clashes, ...round } = planShortRound(seed);
  return {
    ...round,
    points: points.slice(0, POINTS_OF_GLANCE),
    outages: outages.slice(0, 1),
    combinations: combinations.slice(0, 1),
    clashes: clashes.slice(0, 1),
  };
}
