// Which person a Slack account is, whatever is known of it: what holds for every combination.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AccountFacts, isSettled, resolveAccount } from '../../src/domain/people/account.ts';

const PEOPLE = ['ann', 'ben'] as const;
const anyFacts: fc.Arbitrary<AccountFacts> = fc.record({
  linked: fc.option(
    fc.record({
      person_id: fc.constantFrom(...PEOPLE),
      is_active: fc.boolean(),
      linked_by: fc.constantFrom('policy', 'email', 'operator'),
      is_live: fc.boolean(),
    }),
  ),
  owner: fc.option(
    fc.record({
      person_id: fc.constantFrom(...PEOPLE),
      is_active: fc.boolean(),
      has_account: fc.boolean(),
      is_address_only: fc.boolean(),
    }),
  ),
});
const anyNaming = fc.record({ is_address_named: fc.boolean(), is_linked_named: fc.boolean(), is_member: fc.boolean() });
const anyProfile = fc.record({
  email: fc.constantFrom('x@example.com', null),
  is_email_confirmed: fc.boolean(),
  is_guest: fc.boolean(),
});

test('an account never becomes a second person and never moves to another, whatever is known (INV-1)', () => {
  fc.assert(
    fc.property(anyProfile, anyFacts, anyNaming, (profile, facts, naming) => {
      const resolution = resolveAccount(profile, facts, naming);
      const was = facts.linked?.person_id;
      if (was === undefined) return;
      expect(resolution.kind).not.toBe('new_person');
      if ('person_id' in resolution) expect(resolution.person_id).toBe(was);
    }),
  );
});

test('nobody decides under an address that is somebody else’s, but for one that was no more than that address (INV-2)', () => {
  fc.assert(
    fc.property(anyProfile, anyFacts, anyNaming, (profile, facts, naming) => {
      const resolution = resolveAccount(profile, facts, naming);
      if (facts.owner === null || !('person_id' in resolution) || resolution.person_id === facts.owner.person_id)
        return;
      expect(resolution).toMatchObject({ kind: 'rename', absorbed: facts.owner.person_id });
      expect(facts.owner.is_address_only).toBe(true);
    }),
  );
});

test('where the record alone settles whose the account is, the policy changes nothing', () => {
  fc.assert(
    fc.property(anyProfile, anyFacts, anyNaming, anyNaming, (profile, facts, one, other) => {
      fc.pre(isSettled(profile, facts));
      expect(resolveAccount(profile, facts, one)).toEqual(resolveAccount(profile, facts, other));
    }),
  );
});
