// Which Slack account may stand for a person, by examples: each refusal, and what the policy file may allow.

import { describe, expect, test } from '@jest/globals';
import {
  type AccountRefusal,
  accountRefusal,
  mayLinkByEmail,
  type SlackProfile,
} from '../../src/domain/people/account.ts';

const MEMBER: SlackProfile = {
  installed_team_id: 'T1',
  team_id: 'T1',
  user_id: 'U1',
  name: 'Ann',
  email: 'ann@example.com',
  is_email_confirmed: true,
  is_bot: false,
  is_deactivated: false,
  is_guest: false,
  is_stranger: false,
};

describe('an account may not decide when it is', () => {
  test.each<[who: string, refusal: AccountRefusal, changes: Partial<SlackProfile>]>([
    ['deactivated', 'deactivated', { is_deactivated: true }],
    ['a bot', 'bot', { is_bot: true }],
    ['a stranger of our own workspace', 'outsider', { is_stranger: true }],
    ['of a workspace that is not allowed', 'outsider', { team_id: 'T9' }],
    ['of no workspace at all', 'outsider', { team_id: '' }],
  ])('%s, named in the policy or not', (_who, refusal, changes) => {
    for (const is_named_in_policy of [true, false]) {
      const known = { allowed_team_ids: ['T1', 'T2'], is_named_in_policy };
      expect(accountRefusal({ ...MEMBER, ...changes }, known)).toBe(refusal);
    }
  });

  test('a guest, unless the policy file names the very account', () => {
    const guest = { ...MEMBER, is_guest: true };
    const allowed_team_ids = ['T1'];
    expect(accountRefusal(guest, { allowed_team_ids, is_named_in_policy: false })).toBe('guest');
    expect(accountRefusal(guest, { allowed_team_ids, is_named_in_policy: true })).toBeNull();
  });
});

test('a member of any allowed workspace may decide', () => {
  const known = { allowed_team_ids: ['T1', 'T2'], is_named_in_policy: false };
  expect(accountRefusal(MEMBER, known)).toBeNull();
  expect(accountRefusal({ ...MEMBER, team_id: 'T2' }, known)).toBeNull();
});

test('only the confirmed e-mail of a full member links an account to a person', () => {
  expect(mayLinkByEmail(MEMBER)).toBe(true);
  expect(mayLinkByEmail({ ...MEMBER, email: null })).toBe(false);
  expect(mayLinkByEmail({ ...MEMBER, is_email_confirmed: false })).toBe(false);
  expect(mayLinkByEmail({ ...MEMBER, is_guest: true })).toBe(false);
});
