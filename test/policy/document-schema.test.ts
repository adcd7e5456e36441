// The JSON Schema of a policy against the form that reads one: both take and refuse the same documents.

import { readFileSync, writeFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { createDocumentSchema } from '../../src/policy/document-schema.ts';
import { policySchema } from '../../src/policy/schema.ts';
import { WHOLE } from './policy-text.ts';

const PAGE = new URL('../../docs/policy.schema.json', import.meta.url);
const schema = createDocumentSchema();
const validator = new Validator(JSON.parse(JSON.stringify(schema)), '2020-12');
const isTaken = (document: unknown) => ({
  schema: validator.validate(document).valid,
  form: policySchema.safeParse(document).success,
});

/** One document that has every member that there is. */
const FULL: unknown = {
  ...(parse(WHOLE) as object),
  actions: {
    'orders.refund': {
      title: 'Refund {parameters.amount}',
      risk: 'high',
      parameters: {
        type: 'object',
        required: ['amount'],
        additionalProperties: { type: ['string', 'null'] },
        properties: {
          amount: { type: 'number', minimum: 0 },
          tags: { type: 'array', items: { enum: ['a', 1, null] } },
        },
      },
      show: ['amount'],
      mask: ['tags'],
    },
  },
  rules: [
    {
      name: 'refunds',
      match: {
        action: 'orders.refund',
        resource: 'order/*',
        agents: ['*'],
        environments: ['production'],
        labels: { team: 'pay*' },
      },
      when: 'parameters.amount > 5',
      effect: 'require',
      approvers: ['payments'],
      quorum: 2,
      timeout: '1h30m',
      justification: 'required',
      reason: 'required',
      confirm: true,
      credential: { type: 'jwt', audience: 'https://orders.example', scopes: ['orders:refund'], lifetime: '5m' },
    },
  ],
  tests: [
    {
      name: 'a refund',
      ask: {
        agent: 'support',
        environment: 'production',
        action: 'orders.refund',
        resource: 'order/1',
        parameters: { amount: 6 },
        labels: { team: 'payments' },
        owner: 'olga@example.com',
        on_behalf_of: 'ann@example.com',
        now: '2026-12-24T18:00:00Z',
      },
      expect: { effect: 'require', rule: 'refunds', stages: [['payments']] },
    },
  ],
};

/** Values that hardly any member takes; `undefined` leaves it out. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  1e9,
  '',
  '  ',
  'no such',
  'allow',
  'deny',
  [],
  ['x'],
  {},
  { x: 1 },
];

type Change = { readonly what: string; readonly value: unknown };

/** The value with one thing in it replaced, or one member more or less, at every place in turn. */
function* changed(value: unknown, path = ''): Generator<Change> {
  for (const wrong of WRONG) yield { what: `${path} as ${JSON.stringify(wrong)}`, value: wrong };
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      for (const change of changed(item, `${path}/${at}`))
        if (change.value !== undefined) yield { ...change, value: value.with(at, change.value) };
  } else if (typeof value === 'object' && value !== null) {
    yield { what: `${path} with one more`, value: { ...value, 'no such': 1 } };
    for (const [name, member] of Object.entries(value)) {
      const { [name]: _left, ...others } = value as Record<string, unknown>;
      for (const change of changed(member, `${path}/${name}`))
        yield { ...change, value: change.value === undefined ? others : { ...value, [name]: change.value } };
    }
  }
}

const changes = [...changed(FULL)]
  .filter(({ value }) => value !== undefined)
  .map(({ what, value }) => ({ what, taken: isTaken(value) }));

test('both take the document that has every member, and those of docs/policy.md', () => {
  expect(isTaken(FULL)).toEqual({ schema: true, form: true });
  const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/^```yaml policy\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => parse(text) as unknown,
  );
  expect(examples.length).toBeGreaterThan(2);
  for (const example of examples) expect(isTaken(example)).toEqual({ schema: true, form: true });
});

describe('changed at one place', () => {
  test('a document that the form takes, the JSON Schema takes', () => {
    expect(changes.length).toBeGreaterThan(1_000);
    const missed = changes.filter(({ taken }) => taken.form && !taken.schema);
    expect(missed.map(({ what }) => what)).toEqual([]);
  });

  test('a document that the form refuses, the JSON Schema refuses', () => {
    const missed = changes.filter(({ taken }) => !taken.form && taken.schema);
    expect(missed.map(({ what }) => what)).toEqual([]);
  });
});

test('docs/policy.schema.json is this schema', () => {
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env['PLACET_TEST_UPDATE'] === '1') writeFileSync(PAGE, text);
  expect(readFileSync(PAGE, 'utf8')).toBe(text);
});
