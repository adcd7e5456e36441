// Approver groups and their members. Membership is always read afresh here, never kept from an earlier answer.

import type { StageGroup } from '../domain/request/record.ts';
import type { Tx } from './database.ts';
import type { KnownPerson } from './people.ts';

export type GroupRow = StageGroup & { readonly is_retired: boolean; readonly member_count: number };

export type Membership = { readonly group_id: string; readonly person_id: string };

/** Adds groups or changes their channel and Slack user group; a retired one comes back. */
export async function upsertGroups(tx: Tx, groups: readonly StageGroup[]): Promise<StageGroup[]> {
  const { rows } = await tx.query<StageGroup>(
    `insert into placet.approver_groups (tenant_id, id, name, slack_user_group, channel)
     select $1, g.id, g.name, g.slack_user_group, g.channel
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as g (id, name, slack_user_group, channel)
     on conflict (tenant_id, name) do update
       set slack_user_group = excluded.slack_user_group, channel = excluded.channel, retired_at = null
     returning id, name, slack_user_group, channel`,
    [
      tx.tenant_id,
      groups.map((group) => group.id),
      groups.map((group) => group.name),
      groups.map((group) => group.slack_user_group),
      groups.map((group) => group.channel),
    ],
  );
  return rows;
}

/** Retires every group but these. Its members stay: a pending request that names it still needs them. */
export async function retireOtherGroups(tx: Tx, names: readonly string[]): Promise<StageGroup[]> {
  const { rows } = await tx.query<StageGroup>(
    `update placet.approver_groups set retired_at = now()
     where tenant_id = $1 and retired_at is null and name <> all ($2::text[])
     returning id, name, slack_user_group, channel`,
    [tx.tenant_id, names],
  );
  return rows;
}

/** Adds memberships that are missing; returns those. */
export async function addMembers(tx: Tx, members: readonly Membership[]): Promise<Membership[]> {
  const { rows } = await tx.query<Membership>(
    `insert into placet.approver_group_members (tenant_id, group_id, person_id)
     select $1, m.group_id, m.person_id from unnest($2::text[], $3::text[]) as m (group_id, person_id)
     on conflict do nothing
     returning group_id, person_id`,
    [tx.tenant_id, members.map((member) => member.group_id), members.map((member) => member.person_id)],
  );
  return rows;
}

/** Removes the memberships of these groups that are not listed; returns those. */
export async function removeOtherMembers(
  tx: Tx,
  group_ids: readonly string[],
  kept: readonly Membership[],
): Promise<Membership[]> {
  const { rows } = await tx.query<Membership>(
    `delete from placet.approver_group_members m
     where m.tenant_id = $1 and m.group_id = any ($2::text[])
       and not exists (
         select from unnest($3::text[], $4::text[]) as k (group_id, person_id)
         where k.group_id = m.group_id and k.person_id = m.person_id)
     returning m.group_id, m.person_id`,
    [tx.tenant_id, group_ids, kept.map((member) => member.group_id), kept.map((member) => member.person_id)],
  );
  return rows;
}

/** All groups by name, retired ones last. */
export async function listGroups(tx: Tx, limit: number): Promise<GroupRow[]> {
  const { rows } = await tx.query<GroupRow>(
    `select g.id, g.name, g.slack_user_group, g.channel, g.retired_at is not null as is_retired,
       (select count(*)::integer from placet.approver_group_members m
        where m.tenant_id = g.tenant_id and m.group_id = g.id) as member_count
     from placet.approver_groups g where g.tenant_id = $1
     order by g.retired_at is not null, g.name limit $2`,
    [tx.tenant_id, limit],
  );
  return rows;
}

/** Groups by name, retired ones too. Names that are unknown are left out. */
export async function findGroupsByName(
  tx: Tx,
  names: readonly string[],
): Promise<(StageGroup & { readonly is_retired: boolean })[]> {
  const { rows } = await tx.query<StageGroup & { is_retired: boolean }>(
    `select id, name, slack_user_group, channel, retired_at is not null as is_retired
     from placet.approver_groups where tenant_id = $1 and name = any ($2::text[])`,
    [tx.tenant_id, names],
  );
  return rows;
}

/** Who is listed in the group now, by e-mail. Members of its Slack user group are not here: Slack knows them. */
export async function listMembers(tx: Tx, group_id: string, limit: number): Promise<KnownPerson[]> {
  const { rows } = await tx.query<KnownPerson>(
    `select p.id, p.email, p.name, p.deactivated_at is null as is_active
     from placet.approver_group_members m
     join placet.people p on p.tenant_id = m.tenant_id and p.id = m.person_id
     where m.tenant_id = $1 and m.group_id = $2
     order by p.email limit $3`,
    [tx.tenant_id, group_id, limit],
  );
  return rows;
}

/** Which of these people these groups list now. */
export async function listMemberships(
  tx: Tx,
  group_ids: readonly string[],
  person_ids: readonly string[],
): Promise<Membership[]> {
  const { rows } = await tx.query<Membership>(
    `select group_id, person_id from placet.approver_group_members
     where tenant_id = $1 and group_id = any ($2::text[]) and person_id = any ($3::text[])`,
    [tx.tenant_id, group_ids, person_ids],
  );
  return rows;
}

/**
 * Can a quorum be reached at all: distinct active people whom these groups list and who are not excluded, and whether
 * one of the groups is a Slack user group, whose members only Slack knows.
 */
export async function countReach(
  tx: Tx,
  group_ids: readonly string[],
  excluded_people: readonly string[],
): Promise<{ readonly people: number; readonly has_slack_user_group: boolean }> {
  const { rows } = await tx.query<{ people: number; has_slack_user_group: boolean }>(
    `select
       (select count(distinct p.id)::integer
        from placet.approver_group_members m
        join placet.people p on p.tenant_id = m.tenant_id and p.id = m.person_id and p.deactivated_at is null
        where m.tenant_id = $1 and m.group_id = any ($2::text[]) and p.id <> all ($3::text[])) as people,
       exists (
        select from placet.approver_groups g
        where g.tenant_id = $1 and g.id = any ($2::text[]) and g.slack_user_group is not null) as has_slack_user_group`,
    [tx.tenant_id, group_ids, excluded_people],
  );
  return rows[0] ?? { people: 0, has_slack_user_group: false };
}

/** Takes one person out of one group: Slack no longer lists them in its user group. */
export async function removeMember(tx: Tx, member: Membership): Promise<void> {
  await tx.query(
    'delete from placet.approver_group_members where tenant_id = $1 and group_id = $2 and person_id = $3',
    [tx.tenant_id, member.group_id, member.person_id],
  );
}

/** Slack user groups that live approver groups stand for, for asking Slack who is in them. */
export async function listSlackUserGroups(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct slack_user_group as id from placet.approver_groups
     where tenant_id = $1 and slack_user_group is not null`,
    [tx.tenant_id],
  );
  return rows.map((row) => row.id);
}
