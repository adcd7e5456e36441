// The rules know no chat: neither its name, but as the provider of an account and where records and the policy file have it, nor
// its sizes.

import { expect, test } from '@jest/globals';
import { readTree } from './tree.ts';

/** Words that are kept in rows, events and the policy file. */
const KEPT = /'slack'|'slack_user_group'|\bslack_user_group\b|'slack_account(\.\w+)?'/g;
/** The policy file speaks of Slack by name: its grammar is there. */
const GRAMMAR = ['src/domain/policy/policy.ts', 'src/domain/policy/lint.ts'];

const domain = readTree().filter(({ path }) => /^src\/domain\/.*\.ts$/.test(path));

test('no rule names a chat', () => {
  expect(domain.length).toBeGreaterThan(10);
  const naming = domain.filter(({ path, text }) => !GRAMMAR.includes(path) && /slack/i.test(text.replace(KEPT, '')));
  expect(naming.map(({ path }) => path)).toEqual([]);
});

test('no rule knows what a message of a chat holds', () => {
  const sized = domain.filter(({ text }) =>
    /\b(CARD|MODAL|BLOCK|MESSAGE|BUTTON)_\w*(CHARACTERS|LENGTH|LINES)\w*/.test(text),
  );
  expect(sized.map(({ path }) => path)).toEqual([]);
});
