// The tests that a policy holds: lint runs them, and names each that fails at what it expected.

import { describe, expect, test } from '@jest/globals';
import { problemsOf, read, WHOLE } from './policy-text.ts';

const ASK = 'ask: { agent: support, environment: production, action: orders.refund, resource: order/A-1 }';
const withTest = (lines: string) => `${WHOLE}tests:\n  - name: a refund\n${lines.replace(/^/gm, '    ')}\n`;
const REQUIRE = 'expect: { effect: require, rule: refunds need two people, stages: [[payments]] }';

test('a policy whose tests hold is a document', () => {
  expect(problemsOf(withTest(`${ASK}\n${REQUIRE}`))).toEqual([]);
  expect(problemsOf(withTest(`${ASK}\nexpect: { effect: require }`))).toEqual([]);
  const none = `${ASK.replace('order/A-1', 'parcel/A-1')}\nexpect: { effect: deny, rule: null, stages: [] }`;
  expect(problemsOf(withTest(none))).toEqual([]);
});

describe('a test that fails is a problem at what it expected', () => {
  test.each<[lines: string, problem: string]>([
    [
      `${ASK}\nexpect: { effect: allow }`,
      '18:23 tests.0.expect.effect: "a refund": the policy says require (rule "refunds need two people")',
    ],
    [
      `${ASK}\nexpect: { effect: require, rule: other }`,
      '18:38 tests.0.expect.rule: "a refund": judged otherwise: rule "refunds need two people"',
    ],
    [
      `${ASK}\nexpect: { effect: require, stages: [[dba], [payments]] }`,
      '18:32 tests.0.expect.stages: "a refund": the stages are [[payments]]',
    ],
    [
      `${ASK.replace('production', 'staging')}\n${REQUIRE}`,
      '18:23 tests.0.expect.effect: "a refund": the policy says deny (no rule matches)',
    ],
    [
      `${ASK.replace('orders.refund', 'placet.policy.apply')}\n${REQUIRE}`,
      '17:61 tests.0.ask.action: no agent asks for an action of the product',
    ],
    [
      `${ASK}\nexpect: { effect: deny }\n`,
      '18:23 tests.0.expect.effect: "a refund": the policy says require (rule "refunds need two people")',
    ],
    [`${ASK.replace('action: orders.refund, ', '')}\n${REQUIRE}`, '17:5 tests.0.ask.action: "action" is missing'],
    [`${ASK}\nexpects: { effect: deny }`, '18:5 tests.0.expects: unknown member "expects"; did you mean "expect"?'],
  ])('%s', (lines, problem) => {
    expect(problemsOf(withTest(lines))).toContain(problem);
  });

  test('names and parameters are held to what an ask may be', () => {
    const bad = ASK.replace('order/A-1', '" order"');
    expect(problemsOf(withTest(`${bad}\n${REQUIRE}`)).join()).toContain('17:86 tests.0.ask.resource: ');
    const actions =
      'actions: { orders.refund: { parameters: { properties: { amount: { type: number } } } } }\nrules:\n';
    const text = withTest(`${ASK.replace(' }', ', parameters: { amnt: 1 } }')}\n${REQUIRE}`).replace(
      'rules:\n',
      actions,
    );
    expect(problemsOf(text)).toEqual([
      '18:97 tests.0.ask.parameters: refused by the schema of the action at /amnt: The action has no such parameter.',
    ]);
  });

  test('two tests of one name are one too many', () => {
    const text = `${withTest(`${ASK}\n${REQUIRE}`)}  - { name: a refund, ${ASK}, expect: { effect: require } }\n`;
    expect(problemsOf(text)).toEqual(['19:13 tests.1.name: another test is named "a refund"']);
  });
});

test('conditions are tested with the moment that the test says, and with one that never changes without', () => {
  const deny = `  - name: closed\n    match: { action: "*", resource: "*" }\n    when: 'now.getHours("UTC") >= 18'\n    effect: deny\n`;
  const evening = ASK.replace(' }', ', now: "2026-12-24T18:00:00Z" }');
  const withRule = (lines: string) => withTest(lines).replace('tests:\n', `${deny}tests:\n`);
  expect(problemsOf(withRule(`${evening}\nexpect: { effect: deny, rule: closed }`))).toEqual([]);
  expect(problemsOf(withRule(`${ASK}\n${REQUIRE}`))).toEqual([]);
});

test('lint warns of a rule and of an action that are the product’s own', () => {
  const rule = '  - { name: own, match: { action: "placet.*", resource: "*" }, effect: deny }\n';
  const file = read(`${WHOLE}${rule}actions: { placet.policy.apply: { risk: high } }\n`);
  const message = 'actions that begin with "placet." are the product\'s own: no agent asks for one';
  const warned = file.kind === 'document' ? file.warnings.filter((warning) => warning.message === message) : [];
  expect(warned.map(({ path }) => path.join('.'))).toEqual(['rules.1.match.action', 'actions.placet.policy.apply']);
});
