// A second engine for CEL gives the same answers to the conditions that we take.

import { type CelInput, CelScalar, celMethod, isCelError, run } from '@bufbuild/cel';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ConditionInput, conditionContext, readCondition } from '../../src/domain/policy/condition.ts';
import { matchesGlob } from '../../src/domain/policy/glob.ts';
import type { JsonObject } from '../../src/domain/request/request.ts';
import { drawn } from '../support/long.ts';

const RUNS = drawn(5_000);
const INPUT: ConditionInput = {
  agent: {
    name: 'support',
    environment: 'production',
    labels: { team: 'payments', tier: 'gold' },
    owner: 'olga@example.com',
  },
  action: 'orders.refund',
  resource: 'order/A-1',
  parameters: {},
  on_behalf_of: null,
  now: new Date('2026-11-27T21:30:00Z'),
};

describe('a second engine', () => {
  type Pair = readonly [ours: string, theirs: string];
  const both = (build: (...parts: string[]) => string, ...pairs: readonly Pair[]): Pair => [
    build(...pairs.map(([ours]) => ours)),
    build(...pairs.map(([, theirs]) => theirs)),
  ];
  const same = (text: string): Pair => [text, text];
  const paths = fc
    .constantFrom('amount', 'b', 'none', 'text', 'list', 'sub.amount', 'missing')
    .map((at) => same(`parameters.${at}`));
  // The one extension: an int beside a double. The other engine is values the double.
  const numbers = fc.oneof(
    fc.integer({ min: 0, max: 50 }).map<Pair>((n) => [String(n), `${n}.0`]),
    fc.constantFrom(0.5, 1.25, 20.5).map((n) => same(String(n))),
  );
  const sums = fc
    .tuple(paths, fc.constantFrom('+', '-', '*'), numbers)
    .map(([left, sign, right]) => both((a, b) => `(${a} ${sign} ${b})`, left, right));
  const texts = fc.constantFrom('""', '"EUR"', '"a*b"', '"é🙂"').map(same);
  const values = fc.oneof(paths, numbers, sums, texts, fc.constantFrom('true', 'null').map(same));
  const comparisons = fc
    .tuple(values, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), values)
    .filter(([left, , right]) => left[0].includes('parameters') || right[0].includes('parameters'))
    .map(([left, sign, right]) => both((a, b) => `${a} ${sign} ${b}`, left, right));
  const calls = fc.oneof(
    fc
      .tuple(paths, fc.constantFrom('startsWith', 'endsWith', 'contains', 'glob'), texts)
      .map(([path, name, text]) => both((a, b) => `${a}.${name}(${b})`, path, text)),
    fc.constantFrom('amount', 'missing', 'sub').map((name) => same(`has(parameters.${name})`)),
    fc.tuple(numbers, paths).map(([number, path]) => both((a, b) => `${a} in ${b}`, number, path)),
    fc.tuple(paths, fc.nat({ max: 4 })).map(([[path], number]) => same(`size(${path}) == ${number}`)),
    fc
      .tuple(paths, fc.constantFrom('exists', 'all', 'exists_one'), fc.constantFrom('>', '=='), numbers)
      .map(([path, name, sign, number]) => both((a, b) => `${a}.${name}(x, x ${sign} ${b})`, path, number)),
  );
  const labels = fc.constantFrom('team', 'tier', 'missing').map((name) => same(`agent.labels.${name}`));
  const people = fc.constantFrom('agent.owner', 'agent.name', 'on_behalf_of').map(same);
  const names = fc.constantFrom('"payments"', '"gold"', '"olga@example.com"', '""').map(same);
  const aboutAgents = fc.oneof(
    fc
      .tuple(fc.oneof(labels, people), fc.constantFrom('==', '!=', '<'), fc.oneof(labels, names))
      .map(([left, sign, right]) => both((a, b) => `${a} ${sign} ${b}`, left, right)),
    fc
      .tuple(fc.oneof(labels, people), fc.constantFrom('startsWith', 'endsWith', 'contains', 'glob'), names)
      .map(([left, name, right]) => both((a, b) => `${a}.${name}(${b})`, left, right)),
    fc
      .constantFrom('team', 'missing')
      .chain((name) => fc.constantFrom(same(`has(agent.labels.${name})`), same(`"${name}" in agent.labels`))),
    fc.constantFrom('size(agent.labels) == 2', 'now > timestamp("2026-11-27T21:29:59Z")').map(same),
    fc
      .constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu')
      .chain((zone) =>
        fc.constantFrom('Hours', 'Minutes', 'DayOfWeek', 'Month').map((part) => same(`now.get${part}("${zone}") > 15`)),
      ),
  );
  const { condition } = fc.letrec<{ condition: Pair }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(comparisons, calls, aboutAgents),
      fc
        .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
        .map(([a, sign, b]) => both((x, y) => `(${x} ${sign} ${y})`, a, b)),
      tie('condition').map((a) => both((x) => `!(${x})`, a)),
      fc
        .tuple(tie('condition'), tie('condition'), tie('condition'))
        .map((all) => both((a, b, c) => `(${a} ? ${b} : ${c})`, ...all)),
    ),
  }));
  const numeric = fc.constantFrom(0, 1, 5, 20.5, 50);
  const parameters: fc.Arbitrary<JsonObject> = fc.record({
    amount: numeric,
    b: fc.boolean(),
    none: fc.constant(null),
    text: fc.constantFrom('', 'EUR', 'a*b', 'aXb', 'é🙂'),
    list: fc.array(numeric, { maxLength: 4 }),
    sub: fc.record({ amount: numeric }),
  });
  const glob = celMethod('glob', CelScalar.STRING, [CelScalar.STRING], CelScalar.BOOL, function (pattern) {
    return matchesGlob(pattern, this);
  });

  const asMap = (value: JsonObject): Map<string, CelInput> =>
    new Map(
      Object.entries(value).map(([name, member]): [string, CelInput] => [
        name,
        name === 'sub' ? asMap(member as JsonObject) : (member as CelInput),
      ]),
    );

  const AGENT = new Map<string, CelInput>([
    ['name', 'support'],
    ['environment', 'production'],
    ['owner', 'olga@example.com'],
    ['labels', new Map(Object.entries(INPUT.agent.labels))],
  ]);

  test('gives the same answer to every condition that we take', () => {
    let met = 0;
    fc.assert(
      fc.property(condition, parameters, ([ours, theirs], values) => {
        const reading = readCondition(ours, null);
        // Our reader knows types beforehand and refuses some that would be an error for every request.
        if (reading.kind === 'problem') return;
        const seen = { agent: AGENT, on_behalf_of: '', now: timestampFromDate(INPUT.now), parameters: asMap(values) };
        const other = run(theirs, seen, { funcs: [glob] });
        const expected = isCelError(other) || typeof other !== 'boolean' ? 'error' : other ? 'holds' : 'fails';
        met += expected === 'error' ? 0 : 1;
        expect([ours, reading.condition(conditionContext({ ...INPUT, parameters: values }))]).toEqual([ours, expected]);
      }),
      RUNS,
    );
    expect(met).toBeGreaterThan(RUNS.numRuns / 10);
  });
});
