// Who an account is, with facts read afresh: shared by every use case that an approver reaches. Links, adds and renames people
// as the pure rule says, each with its event in the same transaction.

import * as absences from '../../db/absences.ts';
import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import * as identities from '../../db/identities.ts';
import { inOrder } from '../../db/in-order.ts';
import * as policies from '../../db/policies.ts';
import { isId } from '../../domain/ids.ts';
import {
  type AccountRefusal,
  accountRefusal,
  isSettled,
  type Profile,
  type Resolution,
  resolveAccount,
} from '../../domain/people/account.ts';
import { addressOf } from '../../domain/people/address.ts';
import { membershipsBy, type SourceAnswer } from '../../domain/people/membership.ts';
import {
  type Account,
  type AccountPrincipal,
  accountName,
  accountPrincipal,
  type PersonPrincipal,
} from '../../domain/people/principal.ts';
import type { Approver } from '../../domain/request/decision.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';
import { type KnownMembership, keepAsked, membershipsNow } from '../memberships.ts';
import { absorb, addPerson, linkAccount, rename } from '../people.ts';

export type IdentifyDeps = ServiceDeps & { readonly allowed_team_ids: readonly string[] };

export type Identified =
  | {
      readonly kind: 'person';
      readonly principal: PersonPrincipal;
      /** Two people turned out to be one: what was read of people before is out of date. */
      readonly has_merged: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: AccountRefusal; readonly principal: AccountPrincipal };

type At = {
  readonly profile: Profile;
  /** The chat says that the account is in a group that decides here. */
  readonly is_member: boolean;
};

/** The person behind the account; a first account is linked by its confirmed address, any other one by policy or operator. */
export async function identify(deps: IdentifyDeps, tx: Tx, { profile, is_member }: At): Promise<Identified> {
  const account = accountOf(profile);
  const address = addressShown(profile);
  const facts = await identities.readAccountFacts(tx, account, address);
  const refusal = accountRefusal(profile, {
    allowed_team_ids: deps.allowed_team_ids,
    is_named_in_policy: facts.linked?.is_live === true && facts.linked.linked_by === 'policy',
  });
  if (refusal !== null) return refusedAt(account, refusal);
  const naming = isSettled(profile, facts)
    ? { is_address_named: false, is_linked_named: false }
    : await policies.readNaming(tx, { address, person_id: facts.linked?.person_id ?? null });
  const resolution = resolveAccount(profile, facts, { ...naming, is_member });
  return carryOut(deps, tx, { resolution, account, address });
}

type Carried = {
  readonly resolution: Resolution;
  readonly account: Account;
  readonly address: string | null;
};

async function carryOut(deps: IdentifyDeps, tx: Tx, carried: Carried): Promise<Identified> {
  const { resolution, account } = carried;
  const by = accountPrincipal(account);
  switch (resolution.kind) {
    case 'refused':
      return refusedAt(account, resolution.refusal);
    case 'person':
      return personAt(account, resolution);
    case 'link':
      return (await link(deps, tx, account, resolution.person_id))
        ? personAt(account, resolution)
        : refusedAt(account, 'address_taken');
    case 'new_person': {
      const person_id = await addPerson(deps, tx, { address: carried.address ?? '', from: 'click', by });
      return (await link(deps, tx, account, person_id))
        ? personAt(account, { person_id, is_active: true })
        : refusedAt(account, 'address_taken');
    }
    case 'rename': {
      const { person_id, absorbed } = resolution;
      if (absorbed !== null) await absorb(deps, tx, { person_id: absorbed, into_person_id: person_id, by });
      await rename(deps, tx, { person_id, address: carried.address ?? '', by });
      return personAt(account, resolution, absorbed !== null);
    }
  }
}

function personAt(
  account: Account,
  person: { readonly person_id: string; readonly is_active: boolean },
  has_merged = false,
): Identified {
  const { person_id: id, is_active } = person;
  const principal = { kind: 'person', id, via: account.provider, account: account.subject, is_active } as const;
  return { kind: 'person', principal, has_merged };
}

function refusedAt(account: Account, refusal: AccountRefusal): Identified {
  return { kind: 'refused', refusal, principal: accountPrincipal(account) };
}

/** True when the account is the person's then; another click of this moment may have linked it, or another account. */
async function link(deps: IdentifyDeps, tx: Tx, account: Account, person_id: string): Promise<boolean> {
  const by = accountPrincipal(account);
  if (await linkAccount(deps, tx, { ...account, person_id, linked_by: 'email', by })) return true;
  const { linked } = await identities.readAccountFacts(tx, account, null);
  return linked?.person_id === person_id && linked.is_live;
}

export type KnownApprover = Approver & {
  readonly memberships: readonly KnownMembership[];
  /** By which the members of groups are listed now. */
  readonly policy: policies.PolicyDigest | null;
};

/** The approver with the groups of this request that the person is in now. */
export async function approverOf(
  tx: Tx,
  at: {
    readonly record: Pick<RequestRecord, 'request' | 'groups' | 'parts'>;
    readonly profile: Profile;
    readonly answers: readonly SourceAnswer[];
  },
  { id: person_id, is_active, via, account }: PersonPrincipal,
): Promise<KnownApprover> {
  const direct = directGroups(at.record);
  if (direct.length > 0) await groups.keepAdministrators(tx, direct);
  const shown = { account: accountOf(at.profile), address: addressShown(at.profile) };
  const judged = { ...at.record, answers: at.answers, person_ids: [person_id] };
  // Sent together: one round trip.
  const [was_behind, away, own, policy] = await inOrder(tx, [
    (tx) => identities.isBehindRequest(tx, { request_id: at.record.request.id, ...shown }),
    (tx) => absences.listAwayFor(tx, person_id),
    (tx) => membershipsNow(tx, judged),
    (tx) => policies.readNewestDigest(tx),
  ]);
  const person_ids = away.map((each) => each.person_id);
  // Only for somebody who could count: not for one behind the request.
  const behind =
    person_ids.length === 0 ? [] : await identities.listBehindRequest(tx, at.record.request.id, person_ids);
  const others = person_ids.length === 0 ? [] : await membershipsNow(tx, { ...judged, person_ids });
  await keepAsked(tx, judged, own);
  const memberships = [...own, ...others];
  const free = away.filter((each) => !behind.includes(each.person_id));
  const steads = free.map((each) => ({ ...each, group_ids: groupsOf(memberships, each.person_id) }));
  const group_ids = groupsOf(memberships, person_id);
  return { person_id, via, account, is_active, was_behind, group_ids, steads, memberships, policy };
}

function groupsOf(memberships: readonly KnownMembership[], person_id: string): readonly string[] {
  return [...new Set(memberships.filter((each) => each.person_id === person_id).map(({ group_id }) => group_id))];
}

/** Groups of one owner or admin: whether they still are is looked at now. */
function directGroups({ groups: deciding }: Pick<RequestRecord, 'groups'>): readonly string[] {
  return deciding.filter(({ channel }) => isId('person', channel)).map(({ id }) => id);
}

/** True when the account itself is in a group that decides on this request, by what the chat says. */
export function isMemberOf(
  { parts }: Pick<RequestRecord, 'parts'>,
  answers: readonly SourceAnswer[],
  profile: Profile,
): boolean {
  const person = { person_id: '', accounts: [accountOf(profile).subject], addresses: [] };
  const chats = parts.map((part) => ({ ...part, is_among: false }));
  return (
    profile.team_id === profile.installed_team_id &&
    membershipsBy({ parts: chats, listed: [], answers }, [person]).length > 0
  );
}

/** The account as the record names it. */
export function accountOf(profile: Pick<Profile, 'team_id' | 'user_id'>): Account {
  return { provider: 'slack', subject: accountName(profile) };
}

function addressShown({ email }: Profile): string | null {
  return email === null ? null : addressOf(email);
}
