// From a Slack account to a person of ours, with facts read afresh; shared by every use case of the Slack door.

import { recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as groups from '../../db/groups.ts';
import * as people from '../../db/people.ts';
import { type AccountRefusal, accountRefusal, mayLinkByEmail, type SlackProfile } from '../../domain/people/account.ts';
import type { Approver } from '../../domain/request/decision.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';

export type IdentifyDeps = ServiceDeps & { readonly allowed_team_ids: readonly string[] };

/** Members of a Slack user group as Slack lists them right now. */
export type SlackMembership = { readonly slack_user_group: string; readonly user_ids: readonly string[] };

export type Identified =
  | { readonly kind: 'person'; readonly person_id: string; readonly is_active: boolean }
  | { readonly kind: 'refused'; readonly refusal: AccountRefusal | 'not_linked' };

/** The person behind the account; a first account is linked by its confirmed e-mail, any further one only by the policy. */
export async function identify(deps: IdentifyDeps, tx: Tx, profile: SlackProfile): Promise<Identified> {
  const account = { team_id: profile.team_id, user_id: profile.user_id };
  const linked = await people.findPersonBySlack(tx, account);
  const refusal = accountRefusal(profile, {
    allowed_team_ids: deps.allowed_team_ids,
    is_named_in_policy: linked?.linked_by === 'policy',
  });
  if (refusal !== null) return { kind: 'refused', refusal };
  if (linked !== null) return { kind: 'person', person_id: linked.id, is_active: linked.is_active };
  return linkFirstAccount(deps, tx, profile);
}

async function linkFirstAccount(deps: IdentifyDeps, tx: Tx, profile: SlackProfile): Promise<Identified> {
  const refused = { kind: 'refused', refusal: 'not_linked' } as const;
  if (profile.email === null || !mayLinkByEmail(profile)) return refused;
  const person = await people.findPersonByEmail(tx, profile.email.toLowerCase());
  if (person === null) return refused;
  const { team_id, user_id } = profile;
  if (!(await people.linkByEmail(tx, { team_id, user_id, person_id: person.id }))) {
    // Either the person has another account, or this very account was linked by another click of this moment.
    const linked = await people.findPersonBySlack(tx, { team_id, user_id });
    return linked === null ? refused : { kind: 'person', person_id: linked.id, is_active: linked.is_active };
  }
  await recordEvent(deps, tx, {
    type: 'slack_account.linked',
    outcome: 'success',
    actor: { kind: 'slack_account', id: `${team_id}/${user_id}` },
    facts: { team_id, user_id, person_id: person.id, linked_by: 'email' },
  });
  return { kind: 'person', person_id: person.id, is_active: person.is_active };
}

/** The approver with the groups of this request that the person is in now. Slack's fresh lists are kept for the claim. */
export async function approverOf(
  tx: Tx,
  at: {
    readonly record: RequestRecord;
    readonly profile: SlackProfile;
    readonly memberships: readonly SlackMembership[];
  },
  person: { readonly person_id: string; readonly is_active: boolean },
): Promise<Approver> {
  const { person_id } = person;
  const asked_groups = at.record.groups.filter(({ slack_user_group }) => slack_user_group !== null);
  // Any account of the person in our workspace counts: a click with the second one must not undo the first one's.
  const accounts = asked_groups.length === 0 ? [] : await people.listAccounts(tx, [person_id]);
  const own = accounts.filter(({ team_id }) => team_id === at.profile.installed_team_id).map(({ user_id }) => user_id);
  for (const group of asked_groups) {
    // A policy applied since Slack was asked may name another user group: nobody is known to be in that one.
    const input = at.memberships.find(({ slack_user_group }) => slack_user_group === group.slack_user_group);
    const listed = input?.user_ids ?? [];
    const isMember = own.some((user_id) => listed.includes(user_id));
    if (isMember) await groups.addMembers(tx, [{ group_id: group.id, person_id }]);
    else await groups.removeMember(tx, { group_id: group.id, person_id });
  }
  const ids = at.record.groups.map((group) => group.id);
  const mine = await groups.listMemberships(tx, ids, [person_id]);
  return { ...person, group_ids: mine.map(({ group_id }) => group_id) };
}
