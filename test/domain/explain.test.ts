// Why a rule judges and why the others do not, in words.

import { expect, test } from '@jest/globals';
import { explain } from '../../src/domain/policy/explain.ts';
import type { PolicyInput, Rule } from '../../src/domain/policy/policy.ts';
import { makePolicy, makeRule } from '../support/builders.ts';

const INPUT: PolicyInput = {
  agent: { name: 'bot', environment: 'production' },
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
    ],
    [
      'its action "orders.read" does not match',
      'its resource "customer/*" does not match',
      'none of its agents "x", "y" matches',
      'none of its environments "test" matches',
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

test('one rule judges at most, and it is the one of the judgement', () => {
  const { judgement, rules } = explain(makePolicy([named('a'), named('b', { quorum: 2 })]), INPUT);
  expect(rules.filter(({ is_judging }) => is_judging).map(({ name }) => name)).toEqual([judgement.rule?.name]);
});
