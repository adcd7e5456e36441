// Schemas of parameters: which are read, what they refuse of a request and where, and that no text can hold the process.

import { describe, expect, test } from '@jest/globals';
import { type ParameterSchema, parameterType } from '../../src/domain/policy/parameter-type.ts';
import type { JsonObject } from '../../src/domain/request/request.ts';
import { parameterSchema } from '../../src/policy/parameter-schema.ts';
import { createCheck } from '../../src/policy/parameters.ts';

const REFUND = {
  type: 'object',
  required: ['amount', 'currency'],
  additionalProperties: false,
  properties: {
    amount: { type: 'number', exclusiveMinimum: 0, maximum: 10_000 },
    currency: { type: 'string', enum: ['EUR', 'USD'] },
    note: { type: 'string', maxLength: 10, pattern: '^[a-z ]*$' },
    items: { type: 'array', items: { type: 'object', required: ['id'] }, maxItems: 2 },
    constructor: { type: 'string' },
  },
} as const;

const read = (schema: unknown): ParameterSchema => parameterSchema.parse(schema);
const problems = (schema: unknown) => {
  const result = parameterSchema.safeParse(schema);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
};

describe('parameters that the schema takes', () => {
  test.each<[parameters: JsonObject]>([
    [{ amount: 20, currency: 'EUR' }],
    [{ amount: 0.01, currency: 'USD', note: 'thanks', items: [{ id: 1 }] }],
    [{ amount: 1, currency: 'EUR', constructor: 'data' }],
  ])('%j', (parameters) => {
    expect(createCheck(read(REFUND))(parameters)).toEqual([]);
  });
});

describe('parameters that it refuses, by their place (RFC 6901)', () => {
  test.each<[parameters: string, pointer: string, message: RegExp]>([
    ['{ "currency": "EUR" }', '', /"amount"/],
    ['{ "amount": 20, "currency": "EUR", "amnt": 1 }', '/amnt', /no such parameter/],
    ['{ "amount": "20", "currency": "EUR" }', '/amount', /type/],
    ['{ "amount": 0, "currency": "EUR" }', '/amount', /0/],
    ['{ "amount": 20, "currency": "GBP" }', '/currency', /./],
    ['{ "amount": 20, "currency": "EUR", "note": "far too long" }', '/note', /long/],
    ['{ "amount": 20, "currency": "EUR", "note": "UPPER" }', '/note', /pattern/],
    ['{ "amount": 20, "currency": "EUR", "items": [{}] }', '/items/0', /"id"/],
    ['{ "amount": 20, "currency": "EUR", "a/b~c": 1 }', '/a~1b~0c', /no such parameter/],
    ['{ "amount": 20, "currency": "EUR", "__proto__": 1 }', '/__proto__', /no such parameter/],
    ['{ "amount": 20, "currency": "EUR", "toString": 1 }', '/toString', /no such parameter/],
  ])('%s at "%s"', (parameters, pointer, message) => {
    const found = createCheck(read(REFUND))(JSON.parse(parameters));
    expect(found.map((each) => each.pointer)).toEqual([pointer]);
    expect(found[0]?.message).toMatch(message);
  });

  test('a required member that every object inherits is missing until it is there', () => {
    const check = createCheck(read({ required: ['toString'] }));
    expect(check({}).length).toBe(1);
    expect(check({ toString: 1 })).toEqual([]);
  });

  test('at most ten of them are told', () => {
    const check = createCheck(read({ additionalProperties: { type: 'string' } }));
    const parameters = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`p${n}`, n]));
    expect(check(parameters).length).toBe(10);
  });

  test.each([['^(a+)+$'], ['(a|aa)+$'], ['(.*a){20}$']])(
    'the pattern %s is done with a text of 20,000 characters',
    (pattern) => {
      const check = createCheck(read({ properties: { text: { type: 'string', pattern } } }));
      expect(check({ text: `${'a'.repeat(20_000)}!` }).length).toBe(1);
    },
  );
});

describe('schemas that are refused, by their place', () => {
  test.each<[schema: unknown, problem: RegExp]>([
    [{ type: 'array' }, /^\/: parameters are an object/],
    [{ type: 'objekt' }, /^\/type: /],
    [{ properties: { a: { typ: 'string' } } }, /^\/properties\/a: .*typ/],
    [{ required: 'amount' }, /^\/required: /],
    [{ properties: { a: { minimum: '5' } } }, /^\/properties\/a\/minimum: /],
    [{ properties: { a: { pattern: '(?=x)' } } }, /^\/properties\/a\/pattern: not a pattern that RE2 takes/],
    [{ properties: { a: { pattern: '[' } } }, /^\/properties\/a\/pattern: not a pattern/],
    [{ patternProperties: { '^a': {} } }, /patternProperties/],
    [{ $ref: 'https://example.com/schema' }, /\$ref/],
    [{ properties: { a: { format: 'email' } } }, /format/],
    [{ properties: { a: { uniqueItems: true } } }, /^\/properties\/a\/uniqueItems: uniqueItems needs a maxItems/],
    [{ properties: { a: { multipleOf: 0 } } }, /multipleOf/],
    [{ properties: { a: { enum: [] } } }, /^\/properties\/a\/enum: empty/],
  ])('%j', (schema, problem) => {
    expect(problems(schema).join('\n')).toMatch(problem);
  });
});

test('conditions may rely on the types of members when there can be no others', () => {
  expect(parameterType(read(REFUND))).toEqual({
    kind: 'members',
    members: {
      amount: 'number',
      currency: 'text',
      note: 'text',
      items: { kind: 'list', item: 'any' },
      constructor: 'text',
    },
  });
  expect(parameterType(read({ properties: {}, additionalProperties: true }))).toBeNull();
  expect(parameterType(read({ additionalProperties: false, properties: { a: { type: ['string', 'null'] } } }))).toEqual(
    {
      kind: 'members',
      members: { a: 'any' },
    },
  );
});
