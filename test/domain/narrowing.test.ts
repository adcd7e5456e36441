// What a change of policy must prove to be applied without a second person, and what it never proves.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wideningsOf } from '../../src/domain/policy/narrowing.ts';
import { planOf } from '../../src/domain/policy/plan.ts';
import { evaluate, type PolicyDocument, type Rule } from '../../src/domain/policy/policy.ts';
import { makePolicy, makeRule } from '../support/builders.ts';

const AUTHOR = ['boss@example.com'];
const base = makePolicy([makeRule({ quorum: 2 })]);
const withMembers = (...members: string[]): PolicyDocument => ({
  ...base,
  approver_groups: { ...base.approver_groups, payments: { members, slack_user_group: null, channel: 'C0PAYMENTS' } },
});
const withRule = (changes: Partial<Rule>): PolicyDocument => ({
  ...base,
  rules: [makeRule({ quorum: 2, ...changes })],
});
const denial = makeRule({ name: 'never', effect: 'deny', approvers: [], quorum: 1, credential: null });

describe('only narrows', () => {
  test.each<[string, PolicyDocument]>([
    ['a member less', withMembers('ann@example.com', 'ben@example.com')],
    ['a higher quorum', withRule({ quorum: 3 })],
    ['a shorter timeout', withRule({ timeout_seconds: 300 })],
    ['another rule that denies', { ...base, rules: [...base.rules, denial] }],
    ['a rule that denies from now on', withRule({ effect: 'deny', approvers: [], quorum: 1, credential: null })],
  ])('%s', (_name, to) => {
    expect(wideningsOf(base, to, AUTHOR)).toEqual([]);
  });

  test('a role less, while somebody else than the author has it', () => {
    const from = { ...base, roles: { admin: ['a@example.com', 'b@example.com', ...AUTHOR] } };
    expect(wideningsOf(from, { ...base, roles: { admin: ['a@example.com', ...AUTHOR] } }, AUTHOR)).toEqual([]);
    expect(wideningsOf(from, { ...base, roles: { admin: AUTHOR } }, AUTHOR)).toHaveLength(1);
  });
});

describe('widens', () => {
  const apart = makeRule({ name: 'of dba', approvers: ['dba'], quorum: 2, timeout_seconds: 900 });
  const two = { ...base, rules: [...base.rules, apart] };
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ['a member more', base, withMembers('ann@example.com', 'ben@example.com', 'cat@example.com', 'eve@example.com')],
    ['a member for another one', base, withMembers('ann@example.com', 'ben@example.com', 'eve@example.com')],
    ['nobody left in a group', base, withMembers()],
    ['a lower quorum', base, withRule({ quorum: 1 })],
    ['a longer timeout', base, withRule({ timeout_seconds: 601 })],
    ['a rule less', two, base],
    ['a rule that allows from now on', base, withRule({ effect: 'allow', approvers: [], quorum: 1 })],
    ['another rule that requires', base, two],
    [
      'another rule that allows',
      base,
      { ...base, rules: [...base.rules, makeRule({ name: 'free', effect: 'allow', approvers: [] })] },
    ],
    [
      'another match',
      base,
      withRule({ match: { action: 'orders.*', resource: 'order/*', agents: ['*'], environments: ['*'] } }),
    ],
    ['a condition', base, withRule({ when: 'parameters.amount > 5' })],
    ['another group', base, withRule({ approvers: ['payments', 'dba'] })],
    ['a wider credential', base, withRule({ credential: null })],
    ['the rules in another order', two, { ...two, rules: [...two.rules].reverse() }],
    ['another name of a rule', base, withRule({ name: 'called otherwise' })],
    [
      'another channel',
      base,
      {
        ...base,
        approver_groups: {
          ...base.approver_groups,
          dba: { members: [], slack_user_group: 'S0DBA', channel: 'C0OTHER' },
        },
      },
    ],
    [
      'an account more',
      base,
      { ...base, people: [{ email: 'ann@example.com', name: 'Ann', slack: ['T0ACME/U0NEW'] }] },
    ],
    ['a role more', base, { ...base, roles: { viewer: ['ann@example.com'] } }],
    ['who must agree to changes', base, { ...base, policy_changes: { approvers: ['payments'], quorum: 1 } }],
    [
      'a quorum that lets another rule judge',
      two,
      { ...two, rules: [base.rules[0] ?? apart, { ...apart, quorum: 3 }] },
    ],
    [
      'a member less where others stand in',
      { ...base, fallback: ['dba'] } as PolicyDocument,
      { ...withMembers('ann@example.com', 'ben@example.com'), fallback: ['dba'] } as PolicyDocument,
    ],
    ['what this version does not know', base, { ...base, calendars: { office: {} } } as PolicyDocument],
  ])('%s', (_name, from, to) => {
    expect(wideningsOf(from, to, AUTHOR).length).toBeGreaterThan(0);
  });

  test('and so does the first version, in all that it says', () => {
    expect(wideningsOf(null, base, AUTHOR).length).toBeGreaterThan(0);
  });
});

const GROUPS = ['a', 'b'] as const;
const PEOPLE = ['p1@example.com', 'p2@example.com', 'p3@example.com'];
const ACTIONS = ['x', 'y', '*'];
const rule = fc.record({
  effect: fc.constantFrom('allow', 'require', 'deny'),
  action: fc.constantFrom(...ACTIONS),
  approvers: fc.subarray([...GROUPS], { minLength: 1 }),
  quorum: fc.integer({ min: 1, max: 3 }),
  timeout_seconds: fc.constantFrom(60, 120),
});
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
      rules: rules.map(({ effect, action, approvers, quorum, timeout_seconds }, at) => ({
        ...{ name: `rule ${at}`, effect, timeout_seconds, credential: null },
        ...(effect === 'require' ? { approvers, quorum } : { approvers: [], quorum: 1 }),
        match: { action, resource: '*', agents: ['*'], environments: ['*'] },
      })),
    }),
  );

test('what is proved to narrow lets nobody more decide, needs no fewer, and brings no verdict nearer to allow', () => {
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
          agent: { name: 'bot', environment: 'test' },
          action,
          resource: 'r',
          parameters: {},
          on_behalf_of: null,
          now: new Date(0),
        };
        const [before, after] = [evaluate(from, input), evaluate(to, input)];
        expect(nearness[after.effect]).toBeLessThanOrEqual(nearness[before.effect]);
        if (after.effect !== 'require') continue;
        expect(after.rule?.quorum).toBeGreaterThanOrEqual(before.rule?.quorum ?? 0);
        const [then, now] = [peopleOf(from, before.rule), peopleOf(to, after.rule)];
        expect(now.filter((person) => !then.includes(person))).toEqual([]);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(proved).toBeGreaterThan(100);
});

function pick(from: Rule | undefined): Partial<Rule> {
  return from?.effect === 'require' ? { quorum: from.quorum, timeout_seconds: from.timeout_seconds } : {};
}

function peopleOf({ approver_groups }: PolicyDocument, judging: Rule | null): readonly string[] {
  return (judging?.approvers ?? []).flatMap((name) => approver_groups[name]?.members ?? []);
}

describe('the plan', () => {
  test('says each difference in words, and how many people may then approve', () => {
    const to = {
      ...withMembers('ann@example.com', 'eve@example.com'),
      rules: [makeRule({ quorum: 1, timeout_seconds: 300 }), denial],
      roles: { admin: ['it@example.com'] },
    };
    expect(planOf(base, to)).toEqual([
      'changes members of the approver group "payments": adds "eve@example.com", removes "ben@example.com", "cat@example.com"',
      'changes quorum of the rule "refunds": 2 → 1',
      'changes timeout_seconds of the rule "refunds": 600 → 300',
      expect.stringMatching(/^adds the rule "never": \{.*"effect":"deny".*\}$/),
      'adds the role "admin": ["it@example.com"]',
      '2 people may now approve by the rule "refunds", 1 fewer than before',
    ]);
    expect(planOf(base, base)).toEqual([]);
  });

  test('of the first version says all that it holds', () => {
    const words = planOf(null, base).join('\n');
    for (const part of ['the rule "refunds"', 'the approver group "payments"', 'ann@example.com', 'C0DBA'])
      expect(words).toContain(part);
  });
});
