// Approver groups as an operator reads them. Changes nothing: groups change with the policy file.

import type { GroupRow } from '../../db/groups.ts';
import * as groups from '../../db/groups.ts';
import type { KnownPerson } from '../../db/people.ts';
import { PlacetError } from '../../domain/errors.ts';
import { GROUP_MEMBERS_MAX } from '../../domain/policy/policy.ts';
import type { ServiceDeps } from '../deps.ts';

/** More groups than any policy that was seen; a list beyond it is cut. */
const GROUPS_LISTED_MAX = 1_000;

export type GroupView = GroupRow & { readonly members: readonly KnownPerson[] };

/** All groups, retired ones last. */
export async function listGroups(deps: ServiceDeps, tenant_id: string): Promise<readonly GroupRow[]> {
  return deps.transact(tenant_id, (tx) => groups.listGroups(tx, GROUPS_LISTED_MAX));
}

/** One group with the people it lists; those of a Slack user group are known to Slack alone. Throws not_found. */
export async function showGroup(deps: ServiceDeps, tenant_id: string, name: string): Promise<GroupView> {
  return deps.transact(tenant_id, async (tx) => {
    const [group] = await groups.findGroupsByName(tx, [name]);
    if (group === undefined) throw new PlacetError('not_found', { group: name });
    const members = await groups.listMembers(tx, group.id, GROUP_MEMBERS_MAX);
    return { ...group, member_count: members.length, members };
  });
}
