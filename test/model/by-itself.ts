// What happens by itself: ends of requests, leases and old keys at moments that only the clock knows; links before a card.

import type { Event, OwnCall, Slot } from './calls.ts';
import { describe } from './calls.ts';
import type { Operation } from './linearize.ts';
import { type Local, stepsOf } from './steps.ts';
import { ownerOf, type State } from './world.ts';

/** The clocks of PostgreSQL and of the test are one machine's, read in another way. */
const CLOCK_MS = 50;

/** From which moment on, up to which it must have happened; nothing has to happen after the last look. */
type Interval = { readonly begin: number; readonly end: number; readonly is_certain: boolean };

/** Everything that happens by itself to the request, and to what all requests share. */
export function ownOperations(
  events: readonly Event[],
  slot: Slot,
  expires_at_ms: number | null,
): Operation<State, Local>[] {
  // A look at the rows ends the history.
  const last = Math.max(...events.map(({ end }) => end));
  const around = (from: number, to = from): Interval => ({
    begin: from - CLOCK_MS,
    end: to + CLOCK_MS,
    is_certain: to + CLOCK_MS < last,
  });
  return [
    ...(expires_at_ms === null
      ? []
      : [
          own({ ...slot, kind: 'time_over' }, around(expires_at_ms)),
          own({ ...slot, kind: 'expire' }, since(expires_at_ms - CLOCK_MS)),
        ]),
    ...events.flatMap((event, place) => endsAfter(event, events.slice(0, place), { slot, around })),
  ];
}

type About = { readonly slot: Slot; readonly around: (from: number, to?: number) => Interval };

/** What a call has set going: the row of a lease whose time is over, the end of keys that were rotated out. */
function endsAfter(
  { call, begin, end, answer }: Event,
  earlier: readonly Event[],
  { slot, around }: About,
): Operation<State, Local>[] {
  if (call.kind === 'create') {
    // Of those with one account nobody can tell whether it was linked before their first click or by it.
    const isTold = ownerOf(call.agent) === 'ann' && answer.includes('"state":"pending"');
    return isTold ? [own({ kind: 'tie' }, since(begin))] : [];
  }
  if (call.kind === 'approve' || call.kind === 'submit') return [own({ kind: 'home', who: call.who }, since(begin))];
  if (call.kind === 'end_lease') {
    const isOurs = call.agent === slot.agent && call.slot === slot.slot;
    return isOurs && answer === 'ended' ? [own({ ...slot, kind: 'lease_over' }, since(begin))] : [];
  }
  if (call.kind !== 'rotate' || call.overlap_seconds === 0) return [];
  const { agent, overlap_seconds } = call;
  const rotations = earlier.filter((each) => each.call.kind === 'rotate' && each.call.agent === agent);
  const keys = 1 + rotations.filter((each) => each.answer === 'rotated').length;
  const [from, to] = [begin + overlap_seconds * 1_000, end + overlap_seconds * 1_000];
  if (answer === 'rotated') return [own({ kind: 'keys_over', agent, keys }, around(from, to))];
  // One that is refused ends nothing; of one in trouble nobody knows.
  return answer === 'conflict' ? [] : [own({ kind: 'keys_over', agent, keys }, since(from - CLOCK_MS))];
}

function own(call: OwnCall, interval: Interval): Operation<State, Local> {
  const from = (interval.begin / 1_000).toFixed(3).slice(-7);
  return { name: `${from} … ${describe(call)}`, ...interval, answer: null, local: {}, steps: stepsOf(call) };
}

function since(begin: number): Interval {
  return { begin, end: Number.POSITIVE_INFINITY, is_certain: false };
}
