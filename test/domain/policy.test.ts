// Which rule judges what is asked, what a pattern matches, and what lint refuses.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../src/domain/policy/glob.ts';
import { lint } from '../../src/domain/policy/lint.ts';
import { evaluate, type PolicyDocument, type PolicyInput, type Rule } from '../../src/domain/policy/policy.ts';

const rule = (name: string, changes: Partial<Rule> = {}): Rule => ({
  name,
  match: { action: '*', resource: '*', agents: ['*'], environments: ['*'] },
  effect: 'require',
  approvers: ['payments'],
  quorum: 1,
  timeout_seconds: 600,
  credential: null,
  ...changes,
});

const document = (...rules: Rule[]): PolicyDocument => ({
  version: 1,
  people: [],
  approver_groups: {
    payments: { members: ['a@example.com', 'b@example.com'], slack_user_group: null, channel: 'C0PAYMENTS' },
    dba: { members: [], slack_user_group: 'S0DBA', channel: 'C0DBA' },
  },
  rules,
});

const INPUT: PolicyInput = {
  agent: { name: 'demo', environment: 'production', labels: { team: 'payments' }, owner: 'olga@example.com' },
  action: 'orders.refund',
  resource: 'order/A-1',
  parameters: { amount: 600 },
  on_behalf_of: null,
  now: new Date('2026-11-27T12:00:00Z'),
};

describe('which rule judges', () => {
  const allow = rule('allow', { effect: 'allow', approvers: [] });
  const deny = rule('deny', { effect: 'deny', approvers: [] });
  const require = rule('require');

  test.each<[title: string, rules: Rule[], effect: string, name: string | null]>([
    ['nothing matches: deny', [], 'deny', null],
    ['allow alone', [allow], 'allow', 'allow'],
    ['require beats allow', [allow, require], 'require', 'require'],
    ['deny beats require and allow', [allow, require, deny], 'deny', 'deny'],
    ['of two that require, the larger quorum', [require, rule('two', { quorum: 2 })], 'require', 'two'],
    ['of equal quorums, the shorter time', [require, rule('fast', { timeout_seconds: 60 })], 'require', 'fast'],
    ['of equal rules, the first written', [require, rule('second')], 'require', 'require'],
  ])('%s', (_title, rules, effect, name) => {
    const judgement = evaluate(document(...rules), INPUT);
    expect([judgement.effect, judgement.rule?.name ?? null]).toEqual([effect, name]);
  });

  test('what any of several rules that require asks for is asked, whichever of them judges', () => {
    const two = rule('two', { quorum: 2, confirm: true });
    const others = [
      rule('reason', { reason: 'required' }),
      rule('why', { justification: 'required', when: 'parameters.missing' }),
      rule('elsewhere', { justification: 'required', match: { ...require.match, action: 'orders.cancel' } }),
      rule('free', { effect: 'allow', approvers: [], justification: 'required' }),
    ];
    const judged = (rules: Rule[]) => evaluate(document(...rules), INPUT).rule;
    expect(judged([two, others[0] as Rule])).toEqual({ ...two, reason: 'required' });
    expect(judged([...others, two])).toEqual({ ...two, reason: 'required', justification: 'required' });
    expect(judged([two, rule('plain')])).toBe(two);
  });

  test.each<[member: string, match: Partial<Rule['match']>]>([
    ['action', { action: 'orders.cancel' }],
    ['resource', { resource: 'invoice/*' }],
    ['agents', { agents: ['other', 'another'] }],
    ['environments', { environments: ['staging'] }],
    ['labels have another value', { labels: { team: 'orders' } }],
    ['labels are not there', { labels: { team: 'payments', tier: '*' } }],
    ['labels are only inherited', { labels: { constructor: '*' } }],
    ['agents, when the list is empty', { agents: [] }],
    ['environments, when the list is empty', { environments: [] }],
  ])('a rule does not match when its %s do not', (_member, match) => {
    const only = rule('only', { effect: 'allow', approvers: [], match: { ...require.match, ...match } });
    expect(evaluate(document(only), INPUT)).toEqual({ effect: 'deny', rule: null });
  });

  test('a rule matches an agent that has all the labels it asks for, by pattern, whatever others there are', () => {
    for (const labels of [{}, { team: 'payments' }, { team: 'pay*' }, { team: '*' }]) {
      const only = rule('only', { effect: 'allow', approvers: [], match: { ...require.match, labels } });
      expect(evaluate(document(only), INPUT)).toMatchObject({ effect: 'allow' });
    }
  });

  test.each<[effect: Rule['effect'], when: string, judges: boolean]>([
    ['allow', 'agent.labels.team == "payments" && agent.owner == "olga@example.com"', true],
    ['allow', '"team" in agent.labels && has(agent.labels.team) && !has(agent.labels.tier)', true],
    ['allow', 'agent.labels.tier == "gold"', false],
    ['deny', 'agent.labels.tier == "gold"', true],
    ['allow', 'parameters.amount > 500', true],
    ['allow', 'parameters.amount > 600', false],
    ['allow', 'parameters.missing > 500', false],
    ['require', 'parameters.amount > 500', true],
    ['require', 'parameters.amount > 600', false],
    ['require', 'parameters.missing > 500', true],
    ['deny', 'parameters.amount > 500', true],
    ['deny', 'parameters.amount > 600', false],
    ['deny', 'parameters.missing > 500', true],
    ['deny', 'no condition at all (', true],
    ['allow', 'no condition at all (', false],
  ])('a rule that says %s when %s: %s', (effect, when, judges) => {
    const only = rule('only', { effect, when });
    expect(evaluate(document(only), INPUT).rule?.name).toBe(judges ? 'only' : undefined);
  });

  test('over random rules: any matching deny denies, and allow needs that nothing stricter matches', () => {
    const effects = fc.constantFrom<Rule['effect'][]>('allow', 'deny', 'require');
    const rules = fc.array(
      fc.record({
        effect: effects,
        action: fc.constantFrom('*', 'orders.*', 'x'),
        quorum: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(rules, (made) => {
        const all = made.map(({ effect, action, quorum }, place) =>
          rule(String(place), { effect, quorum, match: { ...require.match, action } }),
        );
        const matching = all.filter((one) => one.match.action !== 'x');
        const { effect, rule: winner } = evaluate(document(...all), INPUT);
        const has = (wanted: Rule['effect']) => matching.some((one) => one.effect === wanted);
        const expected = has('deny') ? 'deny' : has('require') ? 'require' : has('allow') ? 'allow' : 'deny';
        const stricter = matching.filter((one) => one.effect === effect && one.quorum > (winner?.quorum ?? Infinity));
        return effect === expected && stricter.length === 0 && (winner === null) === (matching.length === 0);
      }),
    );
  });
});

describe('a pattern', () => {
  test.each<[pattern: string, text: string, matches: boolean]>([
    ['order/*', 'order/A-1', true],
    ['order/*', 'order/', true],
    ['order/*', 'orders/A-1', false],
    ['order/*', 'my/order/A-1', false],
    ['*.refund', 'orders.refund', true],
    ['*.refund', 'orders.refund.all', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['a*bc*c', 'abc', false],
    ['*a*a*', 'a', false],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['order.x', 'order-x', false],
    ['Order/*', 'order/1', false],
  ])('%j against %j: %j', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });

  test('matches exactly what the same pattern as a regular expression matches', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '.'), maxLength: 8 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const source = pattern
          .split('*')
          .map((part) => part.replaceAll('.', '\\.'))
          .join('.*');
        return matchesGlob(pattern, text) === new RegExp(`^${source}$`, 's').test(text);
      }),
      { numRuns: 5_000 },
    );
  });

  test('of many stars against a long text is settled without backtracking', () => {
    expect(matchesGlob(`${'a*'.repeat(100)}b`, 'a'.repeat(500))).toBe(false);
  });
});

describe('lint', () => {
  const messages = (policy: PolicyDocument) => lint(policy).map(({ path, message }) => `${path.join('.')}: ${message}`);
  const groups = document().approver_groups;

  test.each<[title: string, policy: PolicyDocument, problems: string[]]>([
    [
      'a policy that works has none',
      document(rule('a', { quorum: 2 }), rule('b', { approvers: ['dba'], quorum: 9 })),
      [],
    ],
    [
      'a quorum that people in two groups reach together',
      {
        ...document(rule('a', { approvers: ['payments', 'more'], quorum: 3 })),
        approver_groups: {
          ...groups,
          more: { members: ['b@example.com', 'c@example.com'], slack_user_group: null, channel: 'C' },
        },
      },
      [],
    ],
    [
      'a group too small for its quorum',
      document(rule('a', { quorum: 3 })),
      ['rules.0.quorum: quorum 3, but the approvers are 2 in all'],
    ],
    [
      'two groups with one person in common',
      {
        ...document(rule('a', { approvers: ['payments', 'same'], quorum: 3 })),
        approver_groups: { ...groups, same: { members: ['b@example.com'], slack_user_group: null, channel: 'C' } },
      },
      ['rules.0.quorum: quorum 3, but the approvers are 2 in all'],
    ],
    [
      'a group named like a member of every object',
      document(rule('a', { approvers: ['constructor'] })),
      ['rules.0.approvers.0: there is no approver group "constructor"'],
    ],
    ['two rules of one name', document(rule('a'), rule('a')), ['rules.1.name: another rule is named "a"']],
    [
      'approvers that are never asked',
      document(rule('a', { effect: 'allow' })),
      ['rules.0.approvers: approvers have no effect in a rule that says allow'],
    ],
    [
      'a credential for what is denied',
      document(
        rule('a', {
          effect: 'deny',
          approvers: [],
          credential: { type: 'jwt', audience: 'x', scopes: ['y'], lifetime_seconds: 300 },
        }),
      ),
      ['rules.0.credential: a rule that denies grants no credential'],
    ],
  ])('%s', (_title, policy, problems) => {
    expect(messages(policy)).toEqual(problems);
  });
});
