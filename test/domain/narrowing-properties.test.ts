// Random changes of policy: whatever is proved to narrow does, whoever judges by then.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wideningsOf } from '../../src/domain/policy/narrowing.ts';
import { evaluate, type PolicyDocument, type Rule } from '../../src/domain/policy/policy.ts';
import { groupNames, type RuleStage, stagesOf } from '../../src/domain/policy/rule-stages.ts';
import { firstUnreachable } from '../../src/domain/request/reach.ts';
import { drawn } from '../support/long.ts';

const RUNS = drawn(5_000);
const GROUPS = ['a', 'b'] as const;
const PEOPLE = ['p1@example.com', 'p2@example.com', 'p3@example.com'];
const SETS = Array.from({ length: 2 ** PEOPLE.length }, (_, set) => PEOPLE.filter((_person, at) => (set >> at) & 1));
const ACTIONS = ['x', 'y', '*'];
const rule = fc.record({
  effect: fc.constantFrom('allow', 'require', 'deny'),
  action: fc.constantFrom(...ACTIONS),
  approvers: fc.subarray([...GROUPS], { minLength: 1 }),
  quorum: fc.integer({ min: 1, max: 3 }),
  timeout_seconds: fc.constantFrom(60, 120),
  // Most rules have one stage, so that enough is proved.
  shape: fc.constantFrom<Shape>('one', 'one', 'one', 'one', 'each', 'two', 'shared', 'escalating'),
});
type Shape = 'one' | 'each' | 'two' | 'shared' | 'escalating';
const demandOf = (shape: Shape, approvers: string[], quorum: number): Pick<Rule, 'approvers' | 'quorum' | 'stages'> => {
  const staged = (...stages: RuleStage[]) => ({ approvers: [], quorum: 1, stages });
  const next = { approvers: ['b'], quorum: 1 };
  switch (shape) {
    case 'one':
      return { approvers, quorum };
    case 'each':
      return staged({ approvers, quorum, each: true });
    case 'two':
      return staged({ approvers, quorum }, next);
    case 'shared':
      return { ...staged({ approvers, quorum }, next), ...{ distinct_stages: false } };
    case 'escalating':
      return staged({ approvers: ['a'], quorum, escalate: { after_seconds: 30, to: ['b'] } });
  }
};
const document = fc
  .record({
    rules: fc.array(rule, { maxLength: 4 }),
    a: fc.subarray(PEOPLE, { minLength: 1 }),
    b: fc.subarray(PEOPLE, { minLength: 1 }),
  })
  .map(
    ({ rules, a, b }): PolicyDocument => ({
      version: 1,
      people: [],
      approver_groups: Object.fromEntries(
        Object.entries({ a, b }).map(([name, members]) => [name, { members, slack_user_group: null, channel: 'C0' }]),
      ),
      rules: rules.map(({ effect, action, approvers, quorum, timeout_seconds, shape }, at) => ({
        ...{ name: `rule ${at}`, effect, timeout_seconds, credential: null },
        ...(effect === 'require' ? demandOf(shape, approvers, quorum) : { approvers: [], quorum: 1 }),
        match: { action, resource: '*', agents: ['*'], environments: ['*'] },
      })),
    }),
  );

test('what is proved to narrow lets nobody more decide, nor longer, needs no fewer, and brings no verdict nearer to allow', () => {
  const nearness = { deny: 0, require: 1, allow: 2 };
  let proved = 0;
  fc.assert(
    fc.property(document, document, fc.boolean(), (from, other, isNear) => {
      // Near changes are proved often enough to be looked at: the same rules with other numbers and members.
      const to = isNear
        ? {
            ...from,
            approver_groups: other.approver_groups,
            rules: from.rules.map((each, at) => ({ ...each, ...pick(other.rules[at]) })),
          }
        : other;
      if (wideningsOf(from, to, []).length > 0) return;
      proved += 1;
      for (const action of ['x', 'y']) {
        const input = {
          agent: { name: 'bot', environment: 'test', labels: {}, owner: '' },
          action,
          resource: 'r',
          parameters: {},
          on_behalf_of: null,
          now: new Date(0),
        };
        const [before, after] = [evaluate(from, input), evaluate(to, input)];
        expect(nearness[after.effect]).toBeLessThanOrEqual(nearness[before.effect]);
        if (after.effect !== 'require' || before.effect !== 'require') continue;
        expect(after.rule?.timeout_seconds).toBeLessThanOrEqual(before.rule?.timeout_seconds ?? 0);
        // Whoever could agree by then could agree before.
        for (const people of SETS)
          expect(canAgree(from, before.rule, people) || !canAgree(to, after.rule, people)).toBe(true);
      }
    }),
    RUNS,
  );
  expect(proved).toBeGreaterThan(RUNS.numRuns / 50);
});

function pick(from: Rule | undefined): Partial<Rule> {
  return from?.effect === 'require' ? { quorum: from.quorum, timeout_seconds: from.timeout_seconds } : {};
}

/** Whether these people can fill every stage, with those whom it escalates to. */
function canAgree({ approver_groups }: PolicyDocument, judging: Rule | null, people: readonly string[]): boolean {
  if (judging === null) return false;
  const pools = stagesOf(judging).map((stage) => ({
    quorum: stage.quorum,
    is_each: stage.each === true,
    groups: groupNames(stage).map((name) => ({
      people: (approver_groups[name]?.members ?? []).filter((member) => people.includes(member)),
      is_open: false,
    })),
  }));
  return firstUnreachable(pools, judging.distinct_stages !== false) === null;
}
