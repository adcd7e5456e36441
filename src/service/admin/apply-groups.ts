// Brings the approver groups of the record in line with a policy document, and says what changed.

import * as addresses from '../../db/addresses.ts';
import type { Tx } from '../../db/database.ts';
import * as groupParts from '../../db/group-parts.ts';
import * as groups from '../../db/groups.ts';
import type { Facts } from '../../domain/audit/event.ts';
import { addressOf } from '../../domain/people/address.ts';
import { askedSource, sourceName, sourceOf } from '../../domain/people/membership.ts';
import { amongOf, partsOf } from '../../domain/policy/group-parts.ts';
import type { PolicyDocument } from '../../domain/policy/policy.ts';
import type { StageGroup } from '../../domain/request/record.ts';
import type { ServiceDeps } from '../deps.ts';

export type GroupChange = Facts['approver_group.changed'];

/**
 * Groups as the document says: members replaced exactly, so that whoever is out loses the right at once; groups that
 * are gone are retired but keep their members, for the pending requests that name them.
 */
export async function applyGroups(deps: ServiceDeps, tx: Tx, document: PolicyDocument): Promise<GroupChange[]> {
  const names = Object.keys(document.approver_groups).sort();
  const before = new Map((await groups.findGroupsByName(tx, names)).map((group) => [group.name, group] as const));
  const sources_before = await sourcesOf(
    tx,
    [...before.values()].map(({ id }) => id),
  );
  const kept = await groups.upsertGroups(tx, wanted(deps, document, names));
  const members = kept.flatMap((group) =>
    (document.approver_groups[group.name]?.members ?? []).map((email) => ({
      group_id: group.id,
      address: addressOf(email),
    })),
  );
  const ids = kept.map((group) => group.id);
  // Who clicked as a member of a Slack user group is kept in the record for the claim; the file says nothing of them.
  await setSources(tx, document, kept);
  const sources_now = await sourcesOf(tx, ids);
  const hasMoved = ({ id }: StageGroup) => sources_before.get(id) !== sources_now.get(id);
  const isOtherSource = (group: StageGroup) => {
    const entry = document.approver_groups[group.name];
    return entry === undefined || askedSource(sourceOf(entry)) === null || hasMoved(group);
  };
  const forgotten = await groups.removeClicked(
    tx,
    kept.filter(isOtherSource).map((group) => group.id),
  );
  const removed = await groups.removeOthersListed(tx, ids, members);
  const added = await groups.addListed(tx, members);
  const owners = await ownersOf(tx, [...added, ...removed]);
  const retired = await groups.retireOtherGroups(tx, names);
  const changes = { added: owners(added), removed: [...owners(removed), ...forgotten] };
  return [
    ...kept
      .map((group) => ({ group, change: { ...changeOf(group, changes), source: nameOf(document, group) } }))
      .filter(({ group, change }) => hasMoved(group) || isChange(before.get(change.group), change))
      .map(({ change }) => change),
    ...retired.map((group) => ({ ...changeOf(group, { added: [], removed: [] }), is_retired: true })),
  ];
}

/** The source of each group with all that it is made of, to compare. */
async function sourcesOf(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const parts = await groupParts.listParts(tx, ids);
  return new Map(ids.map((id) => [id, JSON.stringify(parts.filter(({ group_id }) => group_id === id))]));
}

async function setSources(tx: Tx, { approver_groups }: PolicyDocument, kept: readonly StageGroup[]): Promise<void> {
  const ids = new Map(kept.map(({ id, name }) => [name, id] as const));
  const sources = kept.map(({ id: group_id, name }) => {
    const source = sourceOf(approver_groups[name] ?? { slack_user_group: null });
    return { group_id, source: source.kind === 'listed' || source.kind === 'slack_user_group' ? null : source };
  });
  const parts = kept.flatMap(({ id: group_id, name }) => {
    const of = (names: readonly { readonly name: string }[], is_among: boolean) =>
      names.flatMap((part) => {
        const part_id = ids.get(part.name);
        return part_id === undefined || part_id === group_id ? [] : [{ group_id, part_id, is_among }];
      });
    return [...of(partsOf(approver_groups, name), false), ...of(amongOf(approver_groups, name), true)];
  });
  await groupParts.setSources(tx, sources, parts);
}

/** Of a group that is neither a list nor a user group: where its members come from. */
function nameOf({ approver_groups }: PolicyDocument, { name }: StageGroup): string | null {
  const entry = approver_groups[name];
  if (entry === undefined) return null;
  const source = sourceOf(entry);
  switch (source.kind) {
    case 'listed':
    case 'slack_user_group':
      return null;
    case 'groups':
      return `groups: ${(entry.groups ?? []).join(', ')}`;
    case 'channel_members':
    case 'on_call':
      return `${source.kind}: ${sourceName(source)}`;
  }
}

type Changed = { readonly group_id: string; readonly person_id: string | null };

/** Who has the addresses now; nobody, until somebody shows them for the first time. */
async function ownersOf(tx: Tx, members: readonly groups.ListedMember[]) {
  const found = await addresses.findOwners(tx, [...new Set(members.map(({ address }) => address))]);
  const ids = new Map(found.map(({ address, id }) => [address, id] as const));
  return (listed: readonly groups.ListedMember[]): readonly Changed[] =>
    listed.map(({ group_id, address }) => ({ group_id, person_id: ids.get(address) ?? null }));
}

function wanted(deps: ServiceDeps, document: PolicyDocument, names: readonly string[]): StageGroup[] {
  return names.flatMap((name) => {
    const group = document.approver_groups[name];
    if (group === undefined) return [];
    const { slack_user_group, channel } = group;
    return [{ id: deps.newId('group'), name, slack_user_group, channel }];
  });
}

function changeOf(
  group: StageGroup,
  { added, removed }: { readonly added: readonly Changed[]; readonly removed: readonly Changed[] },
): GroupChange {
  const ofGroup = (changed: readonly Changed[]) => changed.filter(({ group_id }) => group_id === group.id);
  const known = (changed: readonly Changed[]) => ofGroup(changed).flatMap(({ person_id }) => person_id ?? []);
  return {
    group: group.name,
    channel: group.channel,
    slack_user_group: group.slack_user_group,
    source: null,
    is_retired: false,
    added: known(added),
    removed: known(removed),
    unclaimed: [...ofGroup(added), ...ofGroup(removed)].filter(({ person_id }) => person_id === null).length,
  };
}

/** A group that came back from retirement without any other change reads as a change too. */
function isChange(before: (StageGroup & { readonly is_retired: boolean }) | undefined, change: GroupChange): boolean {
  return (
    before === undefined ||
    before.is_retired ||
    before.channel !== change.channel ||
    before.slack_user_group !== change.slack_user_group ||
    change.added.length + change.removed.length + change.unclaimed > 0
  );
}
