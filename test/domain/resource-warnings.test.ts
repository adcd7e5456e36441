// Slips in the pattern of a resource: it may have nearly any character, so they are looked at twice and not refused.

import { expect, test } from '@jest/globals';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { warningsOf } from '../../src/domain/policy/warnings.ts';

const warnings = (resource: string) => {
  const document: PolicyDocument = {
    version: 1,
    people: [],
    approver_groups: {},
    rules: [
      {
        name: 'a',
        match: { action: '*', resource, agents: ['*'], environments: ['*'] },
        effect: 'deny',
        approvers: [],
        quorum: 1,
        timeout_seconds: 600,
        credential: null,
      },
    ],
  };
  return warningsOf(document).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test.each<[resource: string, warned: string]>([
  ['оrder/*', 'the Cyrillic letter "о" (U+043E, which looks like "o"); did you mean "order/*"?'],
  ['order/A\u00a01', 'a no-break space (U+00A0); did you mean "order/A 1"?'],
  ['order/＊', '"＊" (U+FF0A, which looks like "*"); did you mean "order/*"?'],
  ['“order/*”', 'did you mean "order/*"?'],
  ['order/{a,b}', 'write a rule for each: "order/a", "order/b"'],
  ['^order/.*$', 'did you mean "order/*"?'],
  ['order/*, invoice/*', 'write a rule for each: "order/*", "invoice/*"'],
  ['order/\\d+', 'did you mean "order/*"?'],
  ['(order|invoice)/*', 'write a rule for each: "order/*", "invoice/*"'],
  ['!order/*', 'a pattern cannot say "not"'],
  ['order/1,order/2', 'write a rule for each: "order/1", "order/2"'],
  ['order/%', 'did you mean "order/*"?'],
  ['cafe\u0301/*', 'has a spelling that few programs write; did you mean "caf\u00e9/*" (NFC)?'],
])('a resource such as %j is looked at twice', (resource, warned) => {
  const found = warnings(resource);
  expect([found[0]?.split(': ')[0], ...found]).toEqual(['rules.0.match.resource', expect.stringContaining(warned)]);
});

test.each([
  'order/*',
  'public.*',
  'https://example.com/a?b=c&d=[1]',
  'C:\\data\\*',
  'Заказ/*',
  "O'Brien, Ann",
  'file/a, b.txt',
  '注文/*',
  'price in $',
  'path/{id}',
  'a+b',
])('a resource such as %j is a name like any other', (resource) => {
  expect(warnings(resource)).toEqual([]);
});
