// What may happen to random humans, as fast-check makes it, and the policy that lists some of them. Does nothing itself.

import fc from 'fast-check';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { makeRuleFor, TEAM } from '../support/builders.ts';
import type { Humans } from './humans.ts';

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
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('claim') }) },
);

export type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** The policy file that lists these addresses, and second accounts of a human beside the first. */
export function documentOf(humans: Humans, members: readonly string[]): PolicyDocument {
  const seconds = humans.accounts.filter(
    ({ human }, place) => humans.accounts.findIndex((each) => each.human === human) < place,
  );
  const people = seconds.map((second) => {
    const first = humans.first(second.human);
    return { email: first.address, name: null, slack: [first, second].map(({ user_id }) => `${TEAM}/${user_id}`) };
  });
  return {
    version: 1,
    people,
    approver_groups: {
      payments: { members, slack_user_group: null, channel: 'C0PAYMENTS' },
      dba: { members: [], slack_user_group: 'S0DBA', channel: 'C0DBA' },
    },
    rules: [ruleOf(1, 'payments'), ruleOf(2, 'payments'), { ...ruleOf(9, 'dba'), quorum: 2 }],
  };
}

function ruleOf(quorum: number, approvers: string) {
  return makeRuleFor(`of/${quorum}`, { quorum, approvers: [approvers] });
}
