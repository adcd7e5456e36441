// Why a rule judges and why the others do not, in words.

import { expect, test } from '@jest/globals';
import { explain } from '../../src/domain/policy/explain.ts';
import type { PolicyInput, Rule } from '../../src/domain/policy/policy.ts';
import { makePolicy, makeRule } from '../support/builders.ts';

const INPUT: PolicyInput = {
  agent: { name: 'bot', environment: 'production', labels: { team: 'payments' }, owner: 'olga@example.com' },
  action: 'orders.refund',
  resource: 'order/A-1',
  parameters: { amount: 120 },
  on_behalf_of: null,
  now: new Date(0),
};
const { match } = makeRule();
const whys = (...rules: Rule[]) => explain(makePolicy(rules), INPUT).rules.map(({ why }) => why);
const named = (name: string, changes: Partial<Rule> = {}) => makeRule({ name, ...changes });

test.each<[string, Rule[], string[]]>([
  [
    'the part of the match that does not fit',
    [
      named('a', { match: { ...match, action: 'orders.read' } }),
      named('b', { match: { ...match, resource: 'customer/*' } }),
      named('c', { match: { ...match, agents: ['x', 'y'] } }),
      named('d', { match: { ...match, environments: ['test'] } }),
      named('e', { match: { ...match, labels: { team: 'orders' } } }),
    ],
    [
      'its action "orders.read" does not match',
      'its resource "customer/*" does not match',
      'none of its agents "x", "y" matches',
      'none of its environments "test" matches',
      'the agent has not the labels that it asks for',
    ],
  ],
  [
    'the effect that goes before',
    [named('a', { effect: 'allow', approvers: [] }), named('b', { effect: 'deny', approvers: [] }), named('c')],
    ['matches, but deny goes before allow', 'judges', 'matches, but deny goes before require'],
  ],
  [
    'the stricter of two',
    [named('a'), named('b', { quorum: 2 })],
    ['matches, but "b" is stricter or stands first', 'judges'],
  ],
  [
    'a condition',
    [named('a', { when: 'parameters.amount > 500' }), named('b', { when: 'parameters.amount > 50' })],
    ['its condition does not hold', 'judges: its condition holds'],
  ],
  [
    'a condition that fails, which never allows',
    [
      named('a', { when: 'parameters.none > 1' }),
      named('b', { effect: 'allow', approvers: [], when: 'parameters.none > 1' }),
    ],
    ['judges: its condition failed, which counts as matching', 'its condition failed, and what fails allows nothing'],
  ],
])('%s', (_name, rules, expected) => {
  expect(whys(...rules)).toEqual(expected);
});

const staged = (name: string, ...approvers: string[]) =>
  named(name, {
    approvers: [],
    stages: [
      { approvers, quorum: 1 },
      { approvers, quorum: 1 },
    ],
  });

test('rules that judge together are all said to judge, and the one that does not is not', () => {
  const answer = explain(makePolicy([staged('a', 'payments'), staged('b', 'dba'), named('c', { quorum: 1 })]), INPUT);
  expect(answer.judgement.rule?.name).toBe('a + b');
  expect(answer.rules.map(({ is_judging, why }) => [is_judging, why])).toEqual([
    [true, 'judges with others'],
    [true, 'judges with others'],
    [false, 'matches, but "a + b" is stricter or stands first'],
  ]);
});

test('a rule that asks for what another one needs besides judges under its own name', () => {
  const answer = explain(makePolicy([named('a', { quorum: 2 }), named('b', { confirm: true })]), INPUT);
  expect(answer.judgement.rule?.confirm).toBe(true);
  expect(answer.rules.map(({ is_judging }) => is_judging)).toEqual([true, false]);
});

test('a denial outside of its hours is said of the rule that denies', () => {
  const hours = { calendar: 'none', outside: 'deny' } as const;
  expect(whys(named('a', { quorum: 2 }), named('b', { hours }))).toEqual([
    'matches, but "b" denies outside its hours',
    'denies outside its hours',
  ]);
});

test('a condition that did not see masked values says so', () => {
  const policy = makePolicy([named('a', { when: 'parameters.amount > 50' })]);
  expect(explain(policy, INPUT, true).rules[0]?.why).toBe(
    'judges: its condition holds (seen without the masked values)',
  );
});

test('one rule judges at most, and it is the one of the judgement', () => {
  const { judgement, rules } = explain(makePolicy([named('a'), named('b', { quorum: 2 })]), INPUT);
  expect(rules.filter(({ is_judging }) => is_judging).map(({ name }) => name)).toEqual([judgement.rule?.name]);
});
