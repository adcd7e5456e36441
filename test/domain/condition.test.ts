// Conditions: what they answer, and what is refused and where.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CONDITION_CHARACTERS_MAX,
  type ConditionAnswer,
  type ConditionInput,
  conditionContext,
  readCondition,
} from '../../src/domain/policy/condition.ts';
import type { ParameterType } from '../../src/domain/policy/condition-language.ts';

const INPUT: ConditionInput = {
  agent: {
    name: 'support',
    environment: 'production',
    labels: { team: 'payments', constructor: 'x' },
    owner: 'olga@example.com',
  },
  action: 'orders.refund',
  resource: 'order/A-1',
  parameters: {
    amount: 600,
    currency: 'EUR',
    urgent: true,
    note: null,
    tags: ['a', 'b'],
    items: [{ price: 1.5 }, { price: 20 }],
    buyer: { country: 'DE' },
    constructor: 'data',
  },
  on_behalf_of: null,
  now: new Date('2026-11-27T21:30:00Z'),
};

const TYPES: ParameterType = {
  kind: 'members',
  members: {
    amount: 'number',
    currency: 'text',
    urgent: 'boolean',
    note: 'any',
    tags: { kind: 'list', item: 'text' },
    buyer: { kind: 'members', members: { country: 'text' } },
  },
};

function answer(text: string, changes: Partial<ConditionInput> = {}, types: ParameterType | null = null) {
  const reading = readCondition(text, types);
  if (reading.kind === 'problem') return `${reading.offset}: ${reading.message}`;
  return reading.condition(conditionContext({ ...INPUT, ...changes }));
}

describe('what a condition answers', () => {
  test.each<[text: string, answer: ConditionAnswer]>([
    ['parameters.amount > 500 && parameters.currency == "EUR"', 'holds'],
    ['parameters.amount > 600', 'fails'],
    ['agent.owner.endsWith("@example.com") && agent.labels.team == "payments"', 'holds'],
    ['agent.labels["team"].startsWith("pay")', 'holds'],
    ['agent.labels.constructor == "x"', 'holds'],
    ['agent.labels.toString == "x"', 'error'],
    ['agent.labels.exists(name, name == "team")', 'holds'],
    ['agent.labels.tier == "gold"', 'error'],
    ['has(agent.labels.tier)', 'fails'],
    ['parameters.amount == 600', 'holds'],
    ['parameters.amount != 600.0', 'fails'],
    ['parameters.amount + 1 == 601', 'holds'],
    ['parameters.amount * 2 - 200 == 1000.0', 'holds'],
    ['parameters.amount / 7 > 85.7', 'holds'],
    ['parameters.amount % 2 == 0', 'holds'],
    ['parameters.amount in [600, 700]', 'holds'],
    ['parameters.urgent', 'holds'],
    ['!parameters.urgent', 'fails'],
    ['parameters.note == null', 'holds'],
    ['parameters["currency"] in ["EUR", "USD"]', 'holds'],
    ['"a" in parameters.tags', 'holds'],
    ['size(parameters.tags) == 2', 'holds'],
    ['parameters.items.exists(item, item.price > 10)', 'holds'],
    ['parameters.items.all(item, item.price > 10)', 'fails'],
    ['parameters.items.filter(item, item.price > 1).exists(item, item.price == 20)', 'holds'],
    ['parameters.buyer.country == "DE"', 'holds'],
    ['parameters.constructor == "data"', 'holds'],
    ['has(parameters.discount)', 'fails'],
    ['!has(parameters.discount) || parameters.discount < 5', 'holds'],
    ['agent.name == "support" && agent.environment == "production"', 'holds'],
    ['action.startsWith("orders.")', 'holds'],
    ['resource.glob("order/*")', 'holds'],
    ['resource.glob("invoice/*")', 'fails'],
    ['on_behalf_of == ""', 'holds'],
    ['now > timestamp("2026-01-01T00:00:00Z")', 'holds'],
    ['now - timestamp("2026-11-27T20:30:00Z") == duration("1h")', 'holds'],
    ['now.getHours("Europe/Berlin") == 22', 'holds'],
    ['now.getHours() == 21', 'holds'],
    ['parameters.amount > 500 ? agent.name == "support" : false', 'holds'],
    ['parameters.missing == 1', 'error'],
    ['parameters.tags[7] == "a"', 'error'],
    ['parameters.currency > 5', 'error'],
    ['parameters.amount', 'error'],
    ['parameters.__proto__ == 1', 'error'],
    ['parameters.toString == "x"', 'error'],
    ['parameters.missing == 1 || true', 'holds'],
    ['parameters.missing == 1 && false', 'fails'],
  ])('%s: %s', (text, expected) => {
    expect(answer(text)).toBe(expected);
  });

  test('whoever the agent works for is seen by the address', () => {
    expect(answer('on_behalf_of == "ann@example.com"', { on_behalf_of: 'ann@example.com' })).toBe('holds');
  });

  test('a condition that takes too many steps for what is asked is an error, and one that takes few is not', () => {
    const of = (length: number) => ({ parameters: { list: Array.from({ length }, (_, n) => n), amount: 1 } });
    expect(answer('parameters.list.exists(n, n == 2400)', of(5_000))).toBe('holds');
    expect(answer('parameters.list.exists(n, n == 2400)', of(20_000))).toBe('error');
    expect(answer('parameters.list.all(n, n in parameters.list)', of(150))).toBe('holds');
    expect(answer('parameters.list.all(n, n in parameters.list)', of(1_000))).toBe('error');
    expect(answer('parameters.list.map(n, [n, n, n]) == parameters.list', of(10_000))).toBe('error');
    expect(answer('parameters.amount == 1', of(30_000))).toBe('holds');
    const long = { parameters: { list: Array.from({ length: 500 }, () => 'y'), note: 'x'.repeat(60_000) } };
    expect(answer('parameters.list.exists(word, parameters.note.contains(word))', long)).toBe('error');
    expect(answer('parameters.note.contains("y")', long)).toBe('fails');
  });

  test('its answers do not depend on the types that it was checked with', () => {
    for (const text of ['parameters.amount == 600', 'parameters.amount in [600]', '"a" in parameters.tags']) {
      expect([text, answer(text, {}, TYPES)]).toEqual([text, 'holds']);
    }
  });
});

describe('what is refused, and where', () => {
  test.each<[text: string, problem: RegExp]>([
    ['', /^0: /],
    ['parameters.amount >', /^19: /],
    ['parameters.amount > 5 &&', /^24: /],
    ['amount > 5', /^0: Unknown variable: amount/],
    ['parameter.amount > 5', /^0: Unknown variable: parameter/],
    ['size(parameters)', /^0: says int; a condition is true or false/],
    ['"text"', /^0: says string/],
    ['resource.matches("^(a+)+$")', /^0: matches\(\) is not available: write glob/],
    ['cel.bind(a, 1, a == 1)', /^0: bind\(\) is not available/],
    ['parameters.?amount.orValue(1) == 2', /^11: /],
    ['b"bytes" == b"bytes"', /^0: only text, numbers/],
    ['3u == 3u', /^0: only text, numbers/],
    ['uint(3) == uint(3)', /^0: uint\(\) is not available/],
    ['int(parameters.amount) == 600', /^0: int\(\) is not available: numbers/],
    ['action.lowerAscii() == "x"', /^0: lowerAscii\(\) is not available/],
    ['parameters.a.exists(x, parameters.b.exists(y, x == y))', /^23: exists\(\) inside another/],
    ['parameters.a.map(x, x.filter(y, y > 1)).size() > 0', /^20: filter\(\) inside another/],
    [`size([[1]]${'.map(x, x + x)'.repeat(28)}) > 0`, /^0: takes too many steps for 100 values/],
    [`size(["a"]${'.map(x, [x, x, x, x, x, x, x, x, x])'.repeat(20)}) > 0`, /^0: takes too many steps/],
    [`size(${'parameters.a + '.repeat(100)}parameters.a) > 0`, /^0: takes too many steps/],
    ['timestamp(parameters.at) < now', /^0: timestamp\(\) takes a text in quotes/],
    ['now > timestamp("yesterday")', /^6: "yesterday" is no timestamp/],
    ['now - now < duration("1 hour")', /^12: "1 hour" is no duration/],
    ['now.getHours("Berlin") > 8', /^0: "Berlin" is no time zone/],
    ['constructor.constructor("x")', /^0: constructor\(\) is not available/],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, /: .*(depth|nest)/i],
    [`${'true && '.repeat(600)}true`, /^0: longer than/],
    [`[${'1,'.repeat(150)}1].size() > 0`, /: .*list/i],
    ['true'.padEnd(CONDITION_CHARACTERS_MAX + 1), /^0: longer than/],
  ])('%s', (text, problem) => {
    expect(answer(text)).toMatch(problem);
  });

  test.each<[text: string, remedy: string]>([
    ['parameters.amount = 10', 'write == to compare'],
    ['parameters.amount === 10', 'write == to compare'],
    ['resource is "a"', 'write == to compare'],
    ['resource =~ "order/.*"', 'write resource.glob("order/*"), where * stands for any run of characters'],
    ['resource like "order/%"', 'write resource.glob("order/*"), where * stands for any run of characters'],
    ['parameters.a and parameters.b', 'write && for "and"'],
    ['parameters.a AND parameters.b', 'write && for "and"'],
    ['parameters.a & parameters.b', 'write && for "and"'],
    ['parameters.a or parameters.b', 'write || for "or"'],
    ['parameters.a | parameters.b', 'write || for "or"'],
    ['not parameters.a', 'write ! for "not"'],
    ['resource <> "a"', 'write != for "<>"'],
    ['parameters.amount ≥ 10', 'write >='],
    ['parameters.amount ≤ 10', 'write <='],
    ['resource ≠ "a"', 'write !='],
    ['resource == “a”', 'write straight quotes'],
    ['resource == "a', 'a text ends with the quote that it begins with'],
    ['resource.contains("a"', 'a bracket is not closed'],
    ['parameters.amount > 1,000', 'write a number without separators'],
    ['parameters.amount > 1_000', 'write a number without separators'],
    ['parameters?.amount > 1', 'write "." alone, and has(…) where a member may be missing'],
    ['$amount > 1', 'write names without $'],
    ['environment == "production"', 'write agent.environment'],
    ['args.amount > 1', 'write parameters'],
    ['parameters.a == True', 'write true'],
    ['parameters.a == None', 'write null'],
    ['agent == "demo"', 'write agent.name or agent.environment'],
    ['agent.env == "production"', 'an agent has name and environment'],
    ['now.hour() > 8', 'write getHours("Europe/Berlin")'],
    ['len(parameters) > 8', 'write size(…)'],
    [
      'amount > 10',
      'a condition sees agent.name, agent.environment, action, resource, parameters, on_behalf_of and now',
    ],
  ])('%s, with what to type instead', (text, remedy) => {
    expect(answer(text).endsWith(remedy)).toBe(true);
  });

  test.each<[text: string, problem: RegExp]>([
    ['parameters.amnt > 5', /^11: No such key: amnt/],
    ['parameters.currency == 3', /^0: no such overload: string == int/],
    ['parameters.buyer.city == "B"', /^17: No such key: city/],
    ['parameters.tags.exists(t, t > 3)', /no such overload/],
    ['parameters.urgent > 3', /no such overload/],
  ])('with the types of the action: %s', (text, problem) => {
    expect(answer(text, {}, TYPES)).toMatch(problem);
    expect(answer(text)).not.toMatch(/^\d/);
  });

  test('whatever the text, it is read or refused with a place in it, never thrown', () => {
    const words = fc.constantFrom(
      ...'parameters . amount > 5 ( ) && ! "x" exists , x b"a" [ ] ? :'.split(' '),
      ...['{', '}', '0xFFFFFFFFFFFFFFFFF', '1e999', 'null', 'has', '__proto__', '🙂', '`', '\\', "r'''", 'in', '1u'],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
        ),
        (text) => {
          const reading = readCondition(text, null);
          if (reading.kind === 'condition')
            expect(['holds', 'fails', 'error']).toContain(reading.condition(conditionContext(INPUT)));
          else expect(reading.offset >= 0 && reading.offset <= text.length).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
