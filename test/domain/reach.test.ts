// Whether people can fill the stages: the seats of each, nobody in two of them, beside every way of seating them.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstUnreachable, type PoolStage, seatsOf } from '../../src/domain/request/reach.ts';

const of = (...people: string[]) => ({ people, is_open: false });
const OPEN = { people: [], is_open: true };
const stage = (groups: PoolStage['groups'], quorum = 1, is_each = false): PoolStage => ({ groups, quorum, is_each });

describe('what people cannot fill (INV-1)', () => {
  test.each<[title: string, stages: readonly PoolStage[], is_distinct: boolean, unreachable: number | null]>([
    ['two of two', [stage([of('ann', 'ben')], 2)], true, null],
    ['one person in five groups is one', [stage([of('ann'), of('ann'), of('ann'), of('ann'), of('ann')], 2)], true, 0],
    ['one of each group, though one stands in both', [stage([of('ann', 'ben'), of('ann')], 2, true)], true, null],
    ['one of each group, where one person is all there is', [stage([of('ann'), of('ann')], 2, true)], true, 0],
    ['an empty group where each has a say', [stage([of('ann', 'ben'), of()], 2, true)], true, 0],
    ['a second stage of the same one person', [stage([of('ann')]), stage([of('ann')])], true, 1],
    ['the same where stages are not distinct', [stage([of('ann')]), stage([of('ann')])], false, null],
    ['whoever is needed later is spared', [stage([of('ann', 'ben')]), stage([of('ann')])], true, null],
    ['a group that nobody can count', [stage([OPEN], 3)], true, null],
    ['one of each, of which one cannot be counted', [stage([OPEN, of()], 2, true)], true, 0],
    ['a stage without a group', [stage([])], true, 0],
  ])('%s', (_title, stages, is_distinct, unreachable) => {
    expect(firstUnreachable(stages, is_distinct)?.stage ?? null).toBe(unreachable);
  });
});

const groups = fc.array(
  fc.record({ people: fc.subarray(['p', 'q', 'r', 's']), is_open: fc.constantFrom(false, false, false, true) }),
  { minLength: 1, maxLength: 3 },
);
const stages = fc.array(
  fc.record({ groups, quorum: fc.integer({ min: 1, max: 3 }), is_each: fc.boolean() }).map((one) => ({
    ...one,
    quorum: one.is_each ? Math.max(one.quorum, one.groups.length) : one.quorum,
  })),
  { minLength: 1, maxLength: 3 },
);

/** Every way of giving each seat a person, tried. */
function canSeat(seats: readonly (readonly string[])[], taken: ReadonlySet<string>): boolean {
  const [seat, ...rest] = seats;
  if (seat === undefined) return true;
  return seat.some((person) => !taken.has(person) && canSeat(rest, new Set([...taken, person])));
}

function seatsIn({ groups: all, quorum, is_each }: PoolStage): (readonly string[])[] {
  const own = is_each ? all.map((group) => [group]) : [];
  const rest = Array.from({ length: quorum - own.length }, () => all);
  return [...own, ...rest].flatMap((seat) =>
    seat.some(({ is_open }) => is_open) ? [] : [seat.flatMap(({ people }) => people)],
  );
}

test('stages can be filled exactly when there is a way to seat people, nobody twice where stages are distinct', () => {
  fc.assert(
    fc.property(stages, fc.boolean(), (all, is_distinct) => {
      const isPossible = is_distinct
        ? canSeat(all.flatMap(seatsIn), new Set())
        : all.every((one) => canSeat(seatsIn(one), new Set()));
      expect(firstUnreachable(all, is_distinct) === null).toBe(isPossible);
    }),
    { numRuns: 2_000 },
  );
});

test('as many people of a group as there are seats are as good as all of them', () => {
  const people = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const large = fc.array(
    fc.record({
      groups: fc.array(
        fc.subarray(people).map((some) => ({ people: some, is_open: false })),
        { minLength: 1, maxLength: 3 },
      ),
      quorum: fc.integer({ min: 1, max: 3 }),
      is_each: fc.constant(false),
    }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(large, (all) => {
      const seats = seatsOf(all);
      const few = all.map((one) => ({
        ...one,
        groups: one.groups.map((group) => ({ ...group, people: group.people.slice(0, seats) })),
      }));
      expect(firstUnreachable(few, true) === null).toBe(firstUnreachable(all, true) === null);
    }),
    { numRuns: 1_000 },
  );
});
