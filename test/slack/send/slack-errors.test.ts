// What each error of Slack means stands in a table: every method that we call has its row, and no error two meanings.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { COMMON_ERRORS, METHOD_ERRORS, meaningOf } from '../../../src/slack/send/slack-errors.ts';

const SLACK = fileURLToPath(new URL('../../../src/slack/', import.meta.url));

/** Methods that are called anywhere in src/slack, by the client's own names. */
function calledMethods(): string[] {
  const files = readdirSync(SLACK, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => readFileSync(join(SLACK, name), 'utf8'));
  const called = texts.flatMap((text) => [
    ...text.matchAll(/\bclient\s*\.\s*((?:[a-z][A-Za-z]*\.)+[a-z][A-Za-z]*)\(/g),
  ]);
  return [...new Set(called.map(([, method = '']) => method))].sort();
}

test('every method that is called has its row, and no row is of a method that nobody calls', () => {
  expect(calledMethods().length).toBeGreaterThan(8);
  expect(Object.keys(METHOD_ERRORS).sort()).toEqual(calledMethods());
});

test.each([
  ['chat.postMessage', 'is_archived', 'configuration'],
  ['chat.postMessage', 'rate_limited', 'moment'],
  ['chat.postMessage', 'invalid_blocks', 'ours'],
  ['chat.update', 'edit_window_closed', 'configuration'],
  ['chat.update', 'update_failed', 'moment'],
  ['chat.update', 'msg_too_long', 'ours'],
  ['conversations.open', 'user_disabled', 'configuration'],
  ['usergroups.users.list', 'plan_upgrade_required', 'configuration'],
  ['views.open', 'expired_trigger_id', 'moment'],
  ['auth.test', 'token_revoked', 'moment'],
  ['users.info', 'missing_scope', 'configuration'],
  ['users.info', 'invalid_arguments', 'ours'],
  ['chat.update', 'an_error_of_tomorrow', 'configuration'],
])('%s: %s is a fault of %s', (method, code, meaning) => {
  expect(meaningOf(method, code)).toBe(meaning);
});

test('what all methods may answer is told once', () => {
  for (const [method, own] of Object.entries(METHOD_ERRORS)) {
    const twice = Object.keys(own).filter((code) => code in COMMON_ERRORS);
    expect([method, twice]).toEqual([method, []]);
  }
});
