// Slack at fault while requests are made and decided: each of the playground's faults, alone and beside each other one.
import type { Fault } from '@placet/playground';
import type { Chance } from './chance.ts';
import type { Scene } from './points.ts';

export type Kind = Fault['kind'];

/** Calls that every story below makes, so that a fault on them is met. */
const METHODS = ['chat.postMessage', 'chat.update', 'users.info', 'conversations.open', '*'];
/** What Slack says of trouble that passes. */
const ERRORS = ['internal_error', 'fatal_error', 'invalid_auth', 'service_unavailable', 'request_timeout'];
const STATUSES = [500, 502, 503];

const MAKE: Readonly<Record<Kind, (chance: Chance, method: string) => Fault>> = {
  http_error: (chance, method) => ({ kind: 'http_error', method, status: chance.pick(STATUSES) }),
  lost_answer: (_chance, method) => ({ kind: 'lost_answer', method }),
  api_error: (chance, method) => ({ kind: 'api_error', method, error: chance.pick(ERRORS) }),
  rate_limited: (chance, method) => ({ kind: 'rate_limited', method, retry_after: 1 + chance.below(2) }),
  slow: (chance, method) => ({ kind: 'slow', method, ms: 1_000 + chance.below(3_000) }),
  socket_drop: () => ({ kind: 'socket_drop' }),
  duplicate_delivery: () => ({ kind: 'duplicate_delivery', type: 'interactive' }),
  app_rate_limited: () => ({ kind: 'app_rate_limited' }),
  no_delivery: () => ({ kind: 'no_delivery', type: 'interactive' }),
};

/** A fault of this kind; `method` says on which calls, where the kind is about calls. */
export const makeFault = (kind: Kind, chance: Chance, method: string): Fault => MAKE[kind](chance, method);

const KINDS = Object.keys(MAKE) as Kind[];
const TIMES_MAX = 2;

/** One kind alone, or two together. */
export type Combination = readonly Kind[];

/** Each kind alone, then each with each other one. */
export const COMBINATIONS: readonly Combination[] = [
  ...KINDS.map((kind) => [kind]),
  ...KINDS.flatMap((one, place) => KINDS.slice(place + 1).map((other) => [one, other])),
];

/** What a combination is called in the table and the trace. */
export const nameOfCombination = (kinds: Combination): string => `slack: ${kinds.join(' and ')}`;

/** Switches the faults on, has a few stories told under them, and says which fault nobody met. */
export async function sufferFaults({ world, stories }: Scene, kinds: Combination, chance: Chance): Promise<string[]> {
  const faults = kinds.map((kind) => ({
    ...makeFault(kind, chance, chance.pick(METHODS)),
    id: kind,
    count: 1 + chance.below(TIMES_MAX),
  }));
  world.trace.note('slack at fault', nameOfCombination(kinds), JSON.stringify(faults));
  await world.slack.faults(faults);
  for (const plan of ['ran', 'denied', 'ran, two approved'] as const) stories.begin(plan);
  await stories.ended();
  const left = (await world.slack.state()).faults;
  await world.slack.clearFaults();
  const unmet = faults.filter(({ id, count }) => left.find((each) => each.id === id)?.count === count);
  return unmet.map(({ kind }) => `${kind} of ${nameOfCombination(kinds)} was not met`);
}
