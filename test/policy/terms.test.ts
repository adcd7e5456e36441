// The terms of a credential in the policy file: their bounds, and what needs what.

import { describe, expect, test } from '@jest/globals';
import { change, problemsOf, read } from './policy-text.ts';

const withTerms = (terms: string) => change('lifetime: 5m }', `lifetime: 5m, ${terms} }`);
const credentialOf = (text: string) => {
  const file = read(text);
  return file.kind === 'document' ? file.document.rules[0]?.credential : file.problems;
};

test.each<[string, object]>([
  ['uses: 3', { uses: 3 }],
  ['uses: 3, window: 4h, claim_within: 10m', { uses: 3, window_seconds: 14_400, claim_within_seconds: 600 }],
  ['sender: dpop', { sender: 'dpop' }],
  // What is the default stays out, so that documents without keep their digest.
  ['uses: 1, sender: bearer', {}],
])('%s is read as what it says', (terms, some) => {
  const plain = { type: 'jwt', audience: 'https://orders.example', scopes: ['orders:refund'], lifetime_seconds: 300 };
  expect(credentialOf(withTerms(terms))).toEqual({ ...plain, ...some });
});

describe('what cannot be meant is refused where it stands:', () => {
  test.each<[string, RegExp]>([
    ['window: 4h', /window: a window needs `uses` too/],
    ['uses: 0', /credential.uses/],
    ['uses: 101', /credential.uses/],
    ['uses: 1.5', /credential.uses/],
    ['uses: 2, window: 13h', /13h is outside 1m to 12h/],
    ['claim_within: 2h', /2h is outside 30s to 1h/],
    ['sender: mtls', /credential.sender/],
    ['sender: null', /credential.sender/],
  ])('%s', (terms, problem) => {
    expect(problemsOf(withTerms(terms)).join('\n')).toMatch(problem);
  });
});
