// What a change of policy must prove to be applied without a second person, and what it never proves.

import { describe, expect, test } from '@jest/globals';
import type { Calendar } from '../../src/domain/policy/calendar.ts';
import type { Hours } from '../../src/domain/policy/hours.ts';
import { wideningsOf } from '../../src/domain/policy/narrowing.ts';
import { planOf } from '../../src/domain/policy/plan.ts';
import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import type { RuleStage } from '../../src/domain/policy/rule-stages.ts';
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

const named = (name: string): Rule => ({ ...denial, name });

const withStages = (stages: readonly RuleStage[], changes: Partial<Rule> = {}): PolicyDocument =>
  withRule({ approvers: [], quorum: 1, stages, ...changes });
const first = { approvers: ['payments'], quorum: 2 };
const second = { approvers: ['dba'], quorum: 1 };
const stages = [first, second];
const staged = withStages(stages);
const OFFICE: Calendar = {
  time_zone: 'Europe/Berlin',
  days: ['mon'],
  from_minutes: 480,
  to_minutes: 1_080,
  except: [],
};
const office: PolicyDocument = { ...base, calendars: { office: OFFICE } };
const withHours = (hours: Hours): PolicyDocument => ({ ...withRule({ hours }), calendars: { office: OFFICE } });
const escalating = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  rules: [
    makeRule({
      ...{ approvers: [], quorum: 1 },
      stages: [{ approvers: ['payments'], quorum: 1, escalate: { after_seconds: 60, to: ['dba'] } }],
    }),
  ],
});

describe('only narrows', () => {
  test.each<[string, PolicyDocument]>([
    ['a member less', withMembers('ann@example.com', 'ben@example.com')],
    ['a higher quorum', withRule({ quorum: 3 })],
    ['a shorter timeout', withRule({ timeout_seconds: 300 })],
    ['another rule that denies', { ...base, rules: [...base.rules, denial] }],
    ['another one by a name that every object knows', { ...base, rules: [...base.rules, named('constructor')] }],
    ['a rule that denies from now on', withRule({ effect: 'deny', approvers: [], quorum: 1, credential: null })],
  ])('%s', (_name, to) => {
    expect(wideningsOf(base, to, AUTHOR)).toEqual([]);
  });

  test('a rule with stages, hours and more that denies from now on', () => {
    const from = withStages(stages, { confirm: true, reason: 'required', justification: 'required' });
    const to = withRule({ effect: 'deny', approvers: [], quorum: 1, credential: null });
    expect(wideningsOf(from, to, AUTHOR)).toEqual([]);
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
    ['what this version does not know', base, { ...base, unheard_of: { office: {} } } as PolicyDocument],
    ['stages', base, withStages([{ approvers: ['payments'], quorum: 3 }])],
    ['a stage less', staged, withStages([{ approvers: ['payments'], quorum: 2 }])],
    ['another quorum of a stage', staged, withStages([{ approvers: ['payments'], quorum: 1 }, second])],
    ['people who count in two stages', staged, withStages(stages, { distinct_stages: false })],
    [
      'a stage that escalates',
      staged,
      withStages([{ ...first, escalate: { after_seconds: 60, to: ['dba'] } }, second]),
    ],
    [
      'a member less where a stage escalates',
      escalating(withMembers('ann@example.com', 'ben@example.com', 'cat@example.com')),
      escalating(withMembers('ann@example.com', 'ben@example.com')),
    ],
    ['nobody of each group any more', withStages([{ ...first, each: true }]), withStages([first])],
    ['hours', office, withHours({ calendar: 'office', outside: 'page' })],
    ['no hours any more', withHours({ calendar: 'office', outside: 'deny' }), office],
    ['another calendar', office, { ...office, calendars: { office: { ...OFFICE, from_minutes: 0 } } }],
    ['labels that an agent must have', base, withRule({ match: { ...makeRule().match, labels: { team: 'a' } } })],
    ['no justification any more', withRule({ justification: 'required' }), base],
    ['no reason any more', withRule({ reason: 'required' }), base],
    ['no second look any more', withRule({ confirm: true }), base],
    ['a value that nobody sees any more', base, { ...base, actions: { 'orders.refund': { mask: ['iban'] } } }],
    [
      'another schema of parameters',
      { ...base, actions: { 'orders.refund': { parameters: { type: 'object', additionalProperties: false } } } },
      { ...base, actions: { 'orders.refund': { parameters: { type: 'object' } } } },
    ],
  ])('%s', (_name, from, to) => {
    expect(wideningsOf(from, to, AUTHOR).length).toBeGreaterThan(0);
  });

  test('and so does the first version, in all that it says', () => {
    expect(wideningsOf(null, base, AUTHOR).length).toBeGreaterThan(0);
  });
});

describe('the plan', () => {
  test('says each difference in words, and how many people may then approve', () => {
    const to = {
      ...withMembers('ann@example.com', 'eve@example.com'),
      rules: [makeRule({ quorum: 1, timeout_seconds: 300 }), denial],
      roles: { admin: ['it@example.com'] },
    };
    expect(planOf(base, to)).toEqual([
      'adds eve@example.com and removes ben@example.com, cat@example.com in the group "payments"',
      'the rule "refunds" needs 1 person instead of 2',
      'the rule "refunds" waits 5 minutes instead of 10 minutes',
      'adds the rule "never": denies orders.refund on order/* by any agent',
      'gives the role admin to it@example.com',
      '2 people may now approve by the rule "refunds", 1 fewer than before',
    ]);
    expect(planOf(base, base)).toEqual([]);
  });

  test('of the first version says all that it holds', () => {
    const words = planOf(null, base).join('\n');
    for (const part of ['the rule "refunds"', 'the group "payments"', 'ann@example.com', 'C0DBA'])
      expect(words).toContain(part);
  });
});
