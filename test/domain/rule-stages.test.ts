// Which of several rules that require approval judges, and what the stages of all of them are together.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Rule } from '../../src/domain/policy/policy.ts';
import { contains, judgingRule, type RuleStage, stagesOf } from '../../src/domain/policy/rule-stages.ts';
import { isMet } from '../../src/domain/request/stages.ts';
import { CREDENTIAL, makeRule } from '../support/builders.ts';
import { drawn } from '../support/long.ts';

const RUNS = drawn(30_000);
const rule = (name: string, ...stages: RuleStage[]): Rule => makeRule({ name, approvers: [], stages });
const of = (quorum: number, ...approvers: string[]): RuleStage => ({ approvers, quorum });
const each = (...approvers: string[]): RuleStage => ({ approvers, quorum: 1, each: true });

describe('of several that match', () => {
  const LEADS = rule('leads', of(1, 'payments'), of(2, 'leads'));
  const GROWS = { ...of(2, 'payments'), escalate: { after_seconds: 60, to: ['leads'] } };
  const TWO = makeRule({ name: 'two', quorum: 2 });
  test.each<[title: string, rules: readonly Rule[], judges: string]>([
    ['one alone judges', [LEADS], 'leads'],
    ['of one stage each, the larger quorum', [makeRule({ name: 'one' }), TWO], 'two'],
    ['stages contain their short form', [makeRule({ name: 'one' }), LEADS], 'leads'],
    ['a wider group is contained', [makeRule({ name: 'wide', approvers: ['payments', 'dba'] }), LEADS], 'leads'],
    [
      'each contains any',
      [makeRule({ name: 'any', approvers: ['payments', 'dba'], quorum: 2 }), rule('each', each('payments', 'dba'))],
      'each',
    ],
    [
      'any does not contain each',
      [rule('each', each('payments', 'dba')), rule('any', of(3, 'payments', 'dba'))],
      'each + any',
    ],
    [
      'whoever an escalation may add is not in the other',
      [makeRule({ name: 'one' }), rule('grows', GROWS)],
      'one + grows',
    ],
    ['a quorum that no stage has', [TWO, LEADS], 'two + leads'],
    ['another order', [rule('ab', of(1, 'a'), of(1, 'b')), rule('ba', of(1, 'b'), of(1, 'a'))], 'ab + ba'],
    ['of equals, the shorter time', [{ ...LEADS, name: 'long', timeout_seconds: 900 }, LEADS], 'leads'],
    [
      'what the others contain is not asked again',
      [makeRule({ name: 'one' }), LEADS, rule('dba', of(1, 'dba'), of(1, 'sre'))],
      'leads + dba',
    ],
  ])('%s', (_title, rules, judges) => {
    expect(judgingRule(rules)?.name).toBe(judges);
  });

  test('together they have the stages of all, the shortest time, and grant what all of them grant', () => {
    const a = { ...rule('a', of(1, 'payments'), of(1, 'leads')), timeout_seconds: 900 };
    const b = { ...rule('b', of(2, 'dba'), of(1, 'sre')), timeout_seconds: 300 };
    const scopes = [...CREDENTIAL.scopes, 'orders:read'];
    const wide = { ...b, credential: { ...CREDENTIAL, scopes, lifetime_seconds: 60 } };
    expect(judgingRule([a, wide])).toMatchObject({
      stages: [of(1, 'payments'), of(1, 'leads'), of(2, 'dba'), of(1, 'sre')],
      timeout_seconds: 300,
      credential: { ...CREDENTIAL, lifetime_seconds: 60 },
    });
    const elsewhere = { ...b, credential: { ...CREDENTIAL, audience: 'https://other.example' } };
    expect(judgingRule([a, elsewhere])?.credential).toBeNull();
    expect(judgingRule([a, { ...b, credential: null }])?.credential).toBeNull();
  });

  test('nobody counts in two stages unless every rule allows it', () => {
    const a: Rule = { ...rule('a', of(1, 'payments'), of(1, 'leads')), distinct_stages: false };
    const b = rule('b', of(1, 'dba'), of(1, 'sre'));
    expect(judgingRule([a, b])?.distinct_stages).toBeUndefined();
    expect(judgingRule([b, a])?.distinct_stages).toBeUndefined();
    expect(judgingRule([a, { ...b, distinct_stages: false }])?.distinct_stages).toBe(false);
  });

  test('each group has a person of its own, so there are at least as many people', () => {
    expect(stagesOf(rule('each', { ...each('a', 'b', 'b') }))).toEqual([
      { approvers: ['a', 'b'], quorum: 2, each: true },
    ]);
  });
});

const GROUPS = ['a', 'b', 'c'];
const rules: fc.Arbitrary<Rule> = fc
  .record({
    stages: fc.array(
      fc.record({
        approvers: fc.subarray(GROUPS, { minLength: 1 }),
        quorum: fc.integer({ min: 1, max: 2 }),
        is_each: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    is_distinct: fc.boolean(),
  })
  .map(({ stages, is_distinct }) => ({
    ...rule(
      'random',
      ...stages.map(({ is_each, ...one }) => ({ ...one, ...(is_each ? { each: true as const } : {}) })),
    ),
    ...(is_distinct ? {} : { distinct_stages: false as const }),
  }));
/** One who approved, which stage, and in which groups. */
const approvals = fc.array(
  fc.record({
    person_id: fc.constantFrom('p', 'q', 'r', 's', 't'),
    stage: fc.nat({ max: 2 }),
    group_ids: fc.subarray(GROUPS, { minLength: 1 }),
  }),
  { maxLength: 8 },
);

const requestOf = (one: Rule) => ({
  digest: 'd',
  excluded_people: [],
  requirement: {
    stages: stagesOf(one).map(({ escalate: _, ...stage }) => ({
      ...stage,
      approvers: stage.approvers.map((name) => ({ group_id: name, name })),
    })),
    ...(one.distinct_stages === false ? { distinct_stages: false as const } : {}),
  },
});

/** Some way of counting these approvals towards the stages of a rule, each where it stands or moved to an earlier stage. */
function canMeet(
  one: Rule,
  made: readonly { person_id: string; stage: number; group_ids: readonly string[] }[],
): boolean {
  const decisions = made.map((approval) => ({
    ...approval,
    decision: 'approve' as const,
    digest: 'd',
    decided_at: new Date(0),
    account_moved_at: null,
  }));
  const stages = stagesOf(one).length;
  const moves = (from: number): number[][] =>
    from === 3
      ? [[]]
      : moves(from + 1).flatMap((rest) => [-1, 0, 1, 2].slice(0, stages + 1).map((to) => [to, ...rest]));
  const ordered = moves(0).filter((to) => {
    const kept = to.filter((place) => place >= 0);
    return kept.every((place, index) => index === 0 || place > (kept[index - 1] ?? -1));
  });
  return ordered.some((to) =>
    isMet(
      requestOf(one),
      decisions.flatMap((made_one) => {
        const stage = to[made_one.stage] ?? -1;
        return stage < 0 ? [] : [{ ...made_one, stage }];
      }),
    ),
  );
}

test('whatever meets a rule meets, stage by stage and in order, every rule that it contains', () => {
  let contained = 0;
  fc.assert(
    fc.property(rules, rules, approvals, (one, other, made) => {
      if (
        !contains(one, other) ||
        !isMet(
          requestOf(one),
          made.map((each_one) => ({
            ...each_one,
            decision: 'approve' as const,
            digest: 'd',
            decided_at: new Date(0),
            account_moved_at: null,
          })),
        )
      )
        return;
      contained += 1;
      expect(canMeet(other, made)).toBe(true);
    }),
    RUNS,
  );
  expect(contained).toBeGreaterThan(RUNS.numRuns / 300);
});
