// Brings the approver groups of the record in line with a policy document, and says what changed.

import type { Tx } from '../../db/database.ts';
import type { Membership } from '../../db/groups.ts';
import * as groups from '../../db/groups.ts';
import type { Facts } from '../../domain/audit/event.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { StageGroup } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';

export type GroupChange = Facts['approver_group.changed'];

/**
 * Groups as the document says: members replaced exactly, so that whoever is out loses the right at once; groups that
 * are gone are retired but keep their members, for the pending requests that name them.
 */
export async function applyGroups(
  deps: ServiceDeps,
  tx: Tx,
  document: PolicyDocument,
  people: ReadonlyMap<string, string>,
): Promise<GroupChange[]> {
  const names = Object.keys(document.approver_groups).sort();
  const before = new Map((await groups.findGroupsByName(tx, names)).map((group) => [group.name, group] as const));
  const kept = await groups.upsertGroups(tx, wanted(deps, document, names));
  const members = kept.flatMap((group): Membership[] =>
    (document.approver_groups[group.name]?.members ?? []).map((email) => ({
      group_id: group.id,
      person_id: people.get(email) ?? '',
    })),
  );
  // Who clicked as a member of a Slack user group is kept in the record for the claim; the file says nothing of them.
  const isKeptBySlack = ({ name, slack_user_group }: StageGroup) =>
    slack_user_group !== null && before.get(name)?.slack_user_group === slack_user_group;
  const ids = kept.filter((group) => !isKeptBySlack(group)).map((group) => group.id);
  const removed = await groups.removeOtherMembers(tx, ids, members);
  const added = await groups.addMembers(tx, members);
  const retired = await groups.retireOtherGroups(tx, names);
  return [
    ...kept
      .map((group) => changeOf(group, added, removed))
      .filter((change) => isChange(before.get(change.group), change)),
    ...retired.map((group) => ({ ...changeOf(group, [], []), is_retired: true })),
  ];
}

function wanted(deps: ServiceDeps, document: PolicyDocument, names: readonly string[]): StageGroup[] {
  return names.flatMap((name) => {
    const group = document.approver_groups[name];
    if (group === undefined) return [];
    const { slack_user_group, channel } = group;
    return [{ id: deps.newId('group'), name, slack_user_group, channel }];
  });
}

function changeOf(group: StageGroup, added: readonly Membership[], removed: readonly Membership[]): GroupChange {
  const ofGroup = (members: readonly Membership[]) =>
    members.filter((member) => member.group_id === group.id).map((member) => member.person_id);
  return {
    group: group.name,
    channel: group.channel,
    slack_user_group: group.slack_user_group,
    is_retired: false,
    added: ofGroup(added),
    removed: ofGroup(removed),
  };
}

/** A group that came back from retirement without any other change reads as a change too. */
function isChange(before: (StageGroup & { readonly is_retired: boolean }) | undefined, change: GroupChange): boolean {
  return (
    before === undefined ||
    before.is_retired ||
    before.channel !== change.channel ||
    before.slack_user_group !== change.slack_user_group ||
    change.added.length + change.removed.length > 0
  );
}
