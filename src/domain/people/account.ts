// Which person an account is, from what its provider says of it now and what the record knows. Pure; fails closed.

/** What the provider says of an account right now, in our words. */
export type Profile = {
  /** The workspace that Placet is installed in. */
  readonly installed_team_id: string;
  /** The account's own workspace; for a guest of another organisation it is another one. */
  readonly team_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly email: string | null;
  readonly is_email_confirmed: boolean;
  readonly is_bot: boolean;
  readonly is_deactivated: boolean;
  readonly is_guest: boolean;
  readonly is_stranger: boolean;
};

/** Why an account is nobody's who decides here; each has its cause and its cure in docs/policy.md. */
export type AccountRefusal =
  | 'outsider'
  | 'bot'
  | 'deactivated'
  | 'guest'
  /** Nobody has told us whose the account is. */
  | 'not_linked'
  /** The provider shows no confirmed address, so nobody can say that the account is still that person's. */
  | 'address_unconfirmed'
  /** The account's address is another one than we know, and nobody has told us whose. */
  | 'address_changed'
  /** The account's address belongs to somebody else than the account. */
  | 'address_of_another'
  /** The person of the account's address has another account. */
  | 'address_taken'
  /** The account was another person's before; only an operator moves it. */
  | 'account_of_another';

export type LinkedBy = 'policy' | 'email' | 'operator';

/** What the record knows of an account and of the address that it shows. */
export type AccountFacts = {
  /** The person that the account is linked to, or was linked to last. */
  readonly linked: {
    readonly person_id: string;
    readonly is_active: boolean;
    readonly linked_by: LinkedBy;
    readonly is_live: boolean;
  } | null;
  /** The person who has the address that the account shows; null when nobody has it or none is shown. */
  readonly owner: {
    readonly person_id: string;
    readonly is_active: boolean;
    /** It has an account of this workspace. */
    readonly has_account: boolean;
    /** It never had an account and never decided: so far it is no more than this address. */
    readonly is_address_only: boolean;
  } | null;
};

/** What the newest policy says, and what the provider says of the user groups that decide here. */
export type Naming = {
  /** The policy names the address that the account shows. */
  readonly is_address_named: boolean;
  /** The policy still names an address that the linked person has. */
  readonly is_linked_named: boolean;
  /** The account is in a user group that decides here. */
  readonly is_member: boolean;
};

export type Resolution =
  | { readonly kind: 'person'; readonly person_id: string; readonly is_active: boolean }
  /** The first account of the person who has the address. */
  | { readonly kind: 'link'; readonly person_id: string; readonly is_active: boolean }
  /** The first account of somebody whom the record does not know yet. */
  | { readonly kind: 'new_person' }
  /** The person of the account was renamed and the policy follows; `absorbed` has been no more than the new address. */
  | {
      readonly kind: 'rename';
      readonly person_id: string;
      readonly is_active: boolean;
      readonly absorbed: string | null;
    }
  | { readonly kind: 'refused'; readonly refusal: AccountRefusal };

/** Why this account decides nothing, whoever it is, or null. A guest may only when the policy file names the very account. */
export function accountRefusal(
  profile: Profile,
  known: { readonly allowed_team_ids: readonly string[]; readonly is_named_in_policy: boolean },
): AccountRefusal | null {
  if (profile.is_deactivated) return 'deactivated';
  if (profile.is_bot) return 'bot';
  if (profile.is_stranger || !known.allowed_team_ids.includes(profile.team_id)) return 'outsider';
  if (profile.is_guest && !known.is_named_in_policy) return 'guest';
  return null;
}

/** True when the record alone says who the account is, so that nobody need read the policy. */
export function isSettled(profile: Pick<Profile, 'is_email_confirmed'>, { linked, owner }: AccountFacts): boolean {
  if (linked?.is_live !== true) return false;
  if (owner !== null) return owner.person_id === linked.person_id;
  return !profile.is_email_confirmed;
}

/** Whose the account is. A live link holds only while the account's address is nobody else's (INV-1, INV-2). */
export function resolveAccount(
  profile: Pick<Profile, 'email' | 'is_email_confirmed' | 'is_guest'>,
  facts: AccountFacts,
  naming: Naming,
): Resolution {
  const { linked } = facts;
  return linked?.is_live === true
    ? resolveLinked(profile, { ...facts, linked }, naming)
    : resolveUnlinked(profile, facts, naming);
}

function resolveLinked(
  { is_email_confirmed }: Pick<Profile, 'is_email_confirmed'>,
  { linked, owner }: AccountFacts & { readonly linked: NonNullable<AccountFacts['linked']> },
  { is_address_named, is_linked_named }: Naming,
): Resolution {
  const { person_id, is_active } = linked;
  const agrees = owner?.person_id === person_id;
  // Vouched for by the file or an operator, an account may show an address that is nobody's; that of another it may not. One
  // that the file names is the same person's, by the file's own word.
  if (linked.linked_by !== 'email' && (owner === null || agrees)) {
    const isOwn = owner === null && is_email_confirmed && is_address_named;
    return isOwn ? { kind: 'rename', person_id, is_active, absorbed: null } : { kind: 'person', person_id, is_active };
  }
  if (!is_email_confirmed) return refused(owner === null || agrees ? 'address_unconfirmed' : 'address_of_another');
  if (agrees) return { kind: 'person', person_id, is_active };
  const isFollowed = is_address_named && !is_linked_named;
  if (owner === null) {
    return isFollowed ? { kind: 'rename', person_id, is_active, absorbed: null } : refused('address_changed');
  }
  const mayAbsorb = isFollowed && owner.is_address_only;
  return mayAbsorb
    ? { kind: 'rename', person_id, is_active: is_active && owner.is_active, absorbed: owner.person_id }
    : refused('address_of_another');
}

function resolveUnlinked(
  { email, is_email_confirmed, is_guest }: Pick<Profile, 'email' | 'is_email_confirmed' | 'is_guest'>,
  { linked, owner }: AccountFacts,
  { is_address_named, is_member }: Naming,
): Resolution {
  // An address that nobody confirmed proves nothing, and a guest's is for the policy file to vouch for.
  if (email === null || !is_email_confirmed || is_guest) return refused('not_linked');
  if (linked !== null && linked.person_id !== owner?.person_id) return refused('account_of_another');
  if (owner === null) return is_address_named || is_member ? { kind: 'new_person' } : refused('not_linked');
  if (owner.has_account) return refused('address_taken');
  return { kind: 'link', person_id: owner.person_id, is_active: owner.is_active };
}

function refused(refusal: AccountRefusal): Resolution {
  return { kind: 'refused', refusal };
}
