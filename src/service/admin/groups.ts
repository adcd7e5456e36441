// Approver groups as an operator reads them. Changes nothing: groups change with the policy file.

import type { Tx } from '../../db/database.ts';
import type { GroupMember, GroupRow } from '../../db/groups.ts';
import * as groups from '../../db/groups.ts';
import * as policies from '../../db/policies.ts';
import { PlacetError } from '../../domain/errors.ts';
import { addressOf } from '../../domain/people/address.ts';
import { GROUP_MEMBERS_MAX } from '../../domain/policy/policy.ts';
import type { ServiceDeps } from '../deps.ts';

/** More groups than any policy that was seen; a list beyond it is cut. */
const GROUPS_LISTED_MAX = 1_000;

export type GroupView = GroupRow & { readonly members: readonly GroupMember[] };

/** All groups, retired ones last. */
export async function listGroups(
  deps: ServiceDeps,
  { tenant_id }: { readonly tenant_id: string },
): Promise<readonly GroupRow[]> {
  return deps.transact(tenant_id, (tx) => groups.listGroups(tx, GROUPS_LISTED_MAX));
}

/** One group with the people it lists; those of a Slack user group are known to Slack alone. Throws not_found. */
export async function showGroup(
  deps: ServiceDeps,
  { tenant_id, name }: { readonly tenant_id: string; readonly name: string },
): Promise<GroupView> {
  return deps.transact(tenant_id, async (tx) => {
    const [group] = await groups.findGroupsByName(tx, [name]);
    if (group === undefined) throw new PlacetError('not_found', { group: name });
    const members = await groups.listMembers(tx, group.id, GROUP_MEMBERS_MAX);
    const named = await namesOf(tx);
    const called = members.map((member) => (member.id === null ? { ...member, name: named(member.email) } : member));
    return { ...group, member_count: members.length, members: called };
  });
}

/** What the newest policy calls whoever will show an address that nobody has yet: the address itself, unless it has a name. */
async function namesOf(tx: Tx): Promise<(address: string) => string> {
  const policy = await policies.readNewest(tx);
  const names = new Map(policy?.document.people.map(({ email, name }) => [addressOf(email), name] as const));
  return (address) => names.get(address) ?? address;
}
