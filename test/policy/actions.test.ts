// What a policy file says of its actions: read, held to its schema, and refused on its line where it cannot work.

import { describe, expect, test } from '@jest/globals';
import { change, problemsOf, read } from './policy-text.ts';

const ACTIONS = `actions:
  orders.refund:
    title: "Refund {parameters.amount} {parameters.currency} for {resource}"
    risk: high
    parameters:
      type: object
      required: [amount, currency]
      properties:
        amount: { type: number }
        currency: { type: string }
        buyer: { type: object, additionalProperties: false, properties: { name: { type: string } } }
    show: [amount, currency]
`;

/** The whole policy with these actions, one text in them replaced, and with this condition. */
const withActions = (from = '', to = '', when = '') =>
  change('rules:\n', `${ACTIONS.replace(from, to)}rules:\n`).replace(
    '    effect: require\n',
    when === '' ? '    effect: require\n' : `    when: '${when}'\n    effect: require\n`,
  );

test('actions are read as they stand, and a document without them has no such member', () => {
  const file = read(withActions());
  expect(file.kind === 'document' && file.document.actions?.['orders.refund']).toMatchObject({
    title: 'Refund {parameters.amount} {parameters.currency} for {resource}',
    risk: 'high',
    show: ['amount', 'currency'],
  });
  const without = read(change('', ''));
  expect(without.kind === 'document' && 'actions' in without.document).toBe(false);
});

describe('what cannot work in an action is refused on its line', () => {
  test.each<[from: string, to: string, problems: string[]]>([
    [
      'orders.refund:\n',
      'orders refund:\n',
      [
        '8:3 actions.orders refund: no action has this name: it has a space, and an action must begin with a letter, a digit or _ and hold only A-Z, a-z, 0-9 and _ . : -; did you mean "orders.refund"?',
      ],
    ],
    [
      '{resource}',
      '{resourse}',
      ['9:66 actions.orders.refund.title: {resourse} is no place; write such as {parameters.amount} or {resource}'],
    ],
    [
      '{parameters.amount}',
      '{parameters.amnt}',
      ['9:20 actions.orders.refund.title: the schema has no parameter "amnt"'],
    ],
    [
      '{parameters.amount}',
      '{parameters.buyer.nick}',
      ['9:20 actions.orders.refund.title: the schema has no parameter "buyer.nick"'],
    ],
    [
      '{parameters.amount}',
      '{parameters.amount.deep}',
      ['9:20 actions.orders.refund.title: the schema has no parameter "amount.deep"'],
    ],
    ['risk: high', 'risk: hihg', ['10:11 actions.orders.refund.risk: expected low, medium, high; did you mean high?']],
    [
      'show: [amount, currency]',
      'show: [amount, curency]',
      ['18:20 actions.orders.refund.show.1: the schema has no parameter "curency"'],
    ],
    [
      'show: [amount, currency]',
      'show: [amount, amount]',
      ['18:20 actions.orders.refund.show.1: "amount" stands here twice'],
    ],
    [
      'amount: { type: number }',
      'amount: { type: nummer }',
      [
        '15:25 actions.orders.refund.parameters.properties.amount.type: expected object, array, string, number, integer, boolean, null, or a list of them',
      ],
    ],
    [
      'required:',
      'requird:',
      ['13:7 actions.orders.refund.parameters.requird: unknown member "requird"; did you mean "required"?'],
    ],
  ])('%j as %j', (from, to, problems) => {
    expect(problemsOf(withActions(from, to))).toEqual(problems);
  });

  const BOUND = 'an enum, or type: string with a pattern or a maxLength of at most 64';
  test.each<[mask: string, schema: string, problem: string | null]>([
    ['[pin]', 'pin: { type: string, maxLength: 64 }', null],
    ['[pin]', 'pin: { type: string, pattern: "^[0-9]+$" }', null],
    ['[pin]', 'pin: { enum: [1, "a"] }', null],
    ['[pin]', 'pin: { type: string }', `"pin" needs a bound in the schema: ${BOUND}`],
    ['[pin]', 'pin: { type: string, maxLength: 65 }', `"pin" needs a bound in the schema: ${BOUND}`],
    ['[pin]', 'pin: { maxLength: 10 }', `"pin" needs a bound in the schema: ${BOUND}`],
    ['[pin]', 'pin: { pattern: "^a$" }', `"pin" needs a bound in the schema: ${BOUND}`],
    ['[pin]', 'pin: { type: number }', `"pin" needs a bound in the schema: ${BOUND}`],
    ['[pin]', 'pan: { enum: [1] }', '"pin" must stand in the properties of the schema'],
    ['[toString]', 'pan: { enum: [1] }', '"toString" must stand in the properties of the schema'],
    ['[pin, pin]', 'pin: { enum: [1] }', '"pin" stands here twice'],
  ])('mask: %s beside %s', (mask, schema, problem) => {
    const text = withActions('risk: high', `mask: ${mask}`).replace('amount: {', `${schema}\n        amount: {`);
    expect(problemsOf(text).map((each) => each.replace(/^\S+ \S+: /, ''))).toEqual(problem === null ? [] : [problem]);
  });

  test('a title that shows a masked parameter, or a part of one', () => {
    const bound = (text: string) => text.replace('currency: { type: string }', 'currency: { enum: [EUR] }');
    expect(problemsOf(bound(withActions('risk: high', 'mask: [currency]')))).toEqual([
      '9:40 actions.orders.refund.title: "currency" is masked, and a title shows it',
    ]);
  });

  test.each<[open: string, from: string, to: string]>([
    [
      'other parameters may come',
      'type: object\n      required',
      'type: object\n      additionalProperties: true\n      required',
    ],
    ['a member that may be anything', 'additionalProperties: false, properties: { name: { type: string } }', ''],
  ])('a title and an order may name what the schema leaves open: %s', (_open, from, to) => {
    const text = withActions(from, to).replace('{parameters.amount}', '{parameters.buyer.nick}');
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('a condition is read with the types of the action that its rule is about', () => {
  test.each<[when: string, problems: string[]]>([
    ['parameters.amount > 500 && parameters.currency == "EUR"', []],
    ['parameters.amount in [1, 2] && parameters.buyer.name.startsWith("A")', []],
    ['parameters.amnt > 500', ['22:23 rules.0.when: condition: No such key: amnt']],
    ['parameters.currency > 500', ['22:12 rules.0.when: condition: no such overload: string > int']],
    ['parameters.buyer.nick == "A"', ['22:29 rules.0.when: condition: No such key: nick']],
  ])('%s', (when, problems) => {
    expect(problemsOf(withActions('', '', when))).toEqual(problems);
  });

  test('and without types where the rule is about several actions', () => {
    const text = withActions('', '', 'has(parameters.amnt) && parameters.amnt > 500');
    expect(problemsOf(text.replace('action: "orders.refund"', 'action: "orders.*"'))).toEqual([]);
  });
});

describe('what a rule asks for stands only where somebody is asked', () => {
  test.each<[member: string, effect: string, problem: string]>([
    ['justification: required', 'deny', 'justification: has no effect in a rule that says deny'],
    ['reason: required', 'allow', 'reason: has no effect in a rule that says allow'],
    ['confirm: true', 'deny', 'confirm: has no effect in a rule that says deny'],
  ])('%s with %s', (member, effect, problem) => {
    const rule = `  - name: second\n    match: { action: "a", resource: "*" }\n    effect: ${effect}\n    ${member}\n`;
    expect(problemsOf(change('', '') + rule)).toEqual([expect.stringContaining(`rules.1.${problem}`)]);
  });

  test('a justification is asked for by a rule that allows, and all three by one that requires', () => {
    const rule = `  - { name: b, match: { action: "b", resource: "*" }, effect: allow, justification: required }\n`;
    const all = '    effect: require\n    justification: required\n    reason: required\n    confirm: true\n';
    expect(problemsOf(change('    effect: require\n', all) + rule)).toEqual([]);
  });
});
