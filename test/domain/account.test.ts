// Which person a Slack account is: each refusal and each way to a person by examples.

import { describe, expect, test } from '@jest/globals';
import {
  type AccountFacts,
  type AccountRefusal,
  accountRefusal,
  type Naming,
  type Profile,
  type Resolution,
  resolveAccount,
} from '../../src/domain/people/account.ts';

const MEMBER: Profile = {
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
  test.each<[who: string, refusal: AccountRefusal, changes: Partial<Profile>]>([
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

type Linked = NonNullable<AccountFacts['linked']>;
type Owner = NonNullable<AccountFacts['owner']>;
const linked = (changes: Partial<Linked> = {}): Linked => {
  return { person_id: 'ann', is_active: true, linked_by: 'email', is_live: true, ...changes };
};
const owner = (person_id: string, changes: Partial<Owner> = {}): Owner => {
  return { person_id, is_active: true, has_account: false, is_address_only: false, ...changes };
};
const NAMED: Naming = { is_address_named: true, is_linked_named: false, is_member: false };
const UNNAMED: Naming = { is_address_named: false, is_linked_named: false, is_member: false };
const ANN: Resolution = { kind: 'person', person_id: 'ann', is_active: true };
const refused = (refusal: AccountRefusal): Resolution => ({ kind: 'refused', refusal });

describe('an account that is linked', () => {
  const policy = linked({ linked_by: 'policy' });
  const unconfirmed = { is_email_confirmed: false };
  test.each<[string, Partial<Profile>, AccountFacts, Naming, Resolution]>([
    ['is its person while the address is hers', {}, { linked: linked(), owner: owner('ann') }, UNNAMED, ANN],
    [
      'is nobody with an address of another',
      {},
      { linked: linked(), owner: owner('ben') },
      NAMED,
      refused('address_of_another'),
    ],
    ['is nobody with an unknown address', {}, { linked: linked(), owner: null }, UNNAMED, refused('address_changed')],
    [
      'is nobody while the policy has both addresses',
      {},
      { linked: linked(), owner: null },
      { ...NAMED, is_linked_named: true },
      refused('address_changed'),
    ],
    [
      'is the same person once the policy follows',
      {},
      { linked: linked(), owner: null },
      NAMED,
      { ...ANN, kind: 'rename', absorbed: null },
    ],
    [
      'takes in who was no more than the new address',
      {},
      { linked: linked(), owner: owner('new', { is_address_only: true }) },
      NAMED,
      { ...ANN, kind: 'rename', absorbed: 'new' },
    ],
    [
      'is nobody without a confirmed address',
      unconfirmed,
      { linked: linked(), owner: owner('ann') },
      UNNAMED,
      refused('address_unconfirmed'),
    ],
    [
      'is nobody with an unconfirmed address of another',
      unconfirmed,
      { linked: linked(), owner: owner('ben') },
      UNNAMED,
      refused('address_of_another'),
    ],
    ['and named by the policy may show an address of nobody', {}, { linked: policy, owner: null }, UNNAMED, ANN],
    [
      'and named by the policy is the same person under another address that the policy names',
      {},
      { linked: policy, owner: null },
      { ...NAMED, is_linked_named: true },
      { ...ANN, kind: 'rename', absorbed: null },
    ],
    [
      'and named by the policy may show no confirmed address',
      unconfirmed,
      { linked: policy, owner: null },
      UNNAMED,
      ANN,
    ],
    [
      'and named by the policy may not show that of another',
      {},
      { linked: policy, owner: owner('ben') },
      UNNAMED,
      refused('address_of_another'),
    ],
    [
      'and named by the policy may not show that of another unconfirmed',
      unconfirmed,
      { linked: policy, owner: owner('ben') },
      UNNAMED,
      refused('address_of_another'),
    ],
  ])('%s', (_title, changes, facts, naming, expected) => {
    expect(resolveAccount({ ...MEMBER, ...changes }, facts, naming)).toEqual(expected);
  });
});

describe('an account that is not linked', () => {
  const nobody: AccountFacts = { linked: null, owner: null };
  const before = linked({ is_live: false });
  test.each<[string, Partial<Profile>, AccountFacts, Naming, Resolution]>([
    ['is linked to who has its address', {}, { ...nobody, owner: owner('ann') }, UNNAMED, { ...ANN, kind: 'link' }],
    [
      'is nobody when that person has another account',
      {},
      { ...nobody, owner: owner('ann', { has_account: true }) },
      NAMED,
      refused('address_taken'),
    ],
    ['is somebody new when the policy names the address', {}, nobody, NAMED, { kind: 'new_person' }],
    [
      'is somebody new in a user group that decides',
      {},
      nobody,
      { ...UNNAMED, is_member: true },
      { kind: 'new_person' },
    ],
    ['is nobody when nothing names it', {}, nobody, UNNAMED, refused('not_linked')],
    ['is nobody without an address', { email: null }, nobody, NAMED, refused('not_linked')],
    [
      'is nobody with an unconfirmed address',
      { is_email_confirmed: false },
      { ...nobody, owner: owner('ann') },
      NAMED,
      refused('not_linked'),
    ],
    ['is nobody as a guest', { is_guest: true }, { ...nobody, owner: owner('ann') }, NAMED, refused('not_linked')],
    [
      'is linked again to whom it was before',
      {},
      { linked: before, owner: owner('ann') },
      UNNAMED,
      { ...ANN, kind: 'link' },
    ],
    [
      'is nobody for another than before',
      {},
      { linked: before, owner: owner('ben') },
      NAMED,
      refused('account_of_another'),
    ],
    [
      'is nobody new when it was somebody before',
      {},
      { linked: before, owner: null },
      NAMED,
      refused('account_of_another'),
    ],
  ])('%s', (_title, changes, facts, naming, expected) => {
    expect(resolveAccount({ ...MEMBER, ...changes }, facts, naming)).toEqual(expected);
  });
});
