// What may happen to random humans, as fast-check makes it. Does nothing itself.

import fc from 'fast-check';

export const HUMANS = 4;

const human = fc.nat({ max: HUMANS - 1 });
/** Weighted, so that a run has something to count. */
export const steps = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('ask'),
      owner: human,
      behalf: fc.option(human),
      quorum: fc.constantFrom(1, 2, 2, 9),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({ kind: fc.constant('click'), account: fc.nat({ max: 7 }), request: fc.nat({ max: 2 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('rename'), account: fc.nat({ max: 7 }), isRecycled: fc.boolean() }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('apply'),
      members: fc.subarray([0, 1, 2, 3], { minLength: 2 }),
      stale: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('second'), human }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('group'), account: fc.nat({ max: 7 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), account: fc.nat({ max: 7 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge'), human }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('claim'), request: fc.nat({ max: 2 }) }) },
);

export type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;
