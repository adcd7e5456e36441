// Approver groups and their members. Membership is always read afresh here, never kept from an earlier answer.

import type { ListedMembership, MemberSource } from '../domain/people/membership.ts';
import type { Person, StageGroup } from '../domain/request/record.ts';
import type { Tx } from './database.ts';
import { HELD } from './held.ts';
import { APPROVER_GROUPS } from './tables.ts';

/** The channel of a group of one: a direct message to that person. */
const DIRECT = "'prs\\_%'";

/** A group as the policy last named it, or retired, and where its members come from. */
export type NamedGroup = StageGroup & { readonly is_retired: boolean; readonly source: MemberSource };

export type GroupRow = NamedGroup & { readonly member_count: number };

const SOURCE = 'placet.source_of(g)';

export type Membership = { readonly group_id: string; readonly person_id: string };

/** A member as the policy names it. */
export type ListedMember = { readonly group_id: string; readonly address: string };

/** A member as an operator sees it; without an id while nobody has that address. */
export type GroupMember = Omit<Person, 'id'> & { readonly id: string | null; readonly is_active: boolean };

/** Adds groups or changes their channel and Slack user group; a retired one comes back. */
export async function upsertGroups(tx: Tx, groups: readonly StageGroup[]): Promise<StageGroup[]> {
  const { rows } = await tx.query<StageGroup>(
    `${APPROVER_GROUPS.insertMany}
     on conflict (tenant_id, name) do update
       set slack_user_group = excluded.slack_user_group, channel = excluded.channel, retired_at = null
     returning ${APPROVER_GROUPS.select('m')}`,
    [tx.tenant_id, APPROVER_GROUPS.recordsOf(groups)],
  );
  return rows;
}

/** Retires every group but these. Its members stay: a pending request that names it still needs them. */
export async function retireOtherGroups(tx: Tx, names: readonly string[]): Promise<StageGroup[]> {
  const { rows } = await tx.query<StageGroup>(
    `update placet.approver_groups set retired_at = now()
     where tenant_id = $1 and retired_at is null and name <> all ($2::text[]) and channel not like ${DIRECT}
     returning ${APPROVER_GROUPS.select('approver_groups')}`,
    [tx.tenant_id, names],
  );
  return rows;
}

/** Adds members that the policy names and that are missing; returns those. */
export async function addListed(tx: Tx, members: readonly ListedMember[]): Promise<ListedMember[]> {
  const { rows } = await tx.query<ListedMember>(
    `insert into placet.approver_group_members (tenant_id, group_id, address)
     select $1, m.group_id, m.address from unnest($2::text[], $3::text[]) as m (group_id, address)
     on conflict do nothing
     returning group_id, address`,
    [tx.tenant_id, members.map(({ group_id }) => group_id), members.map(({ address }) => address)],
  );
  return rows;
}

/** Removes the addresses of these groups that are not listed; returns those. */
export async function removeOthersListed(
  tx: Tx,
  group_ids: readonly string[],
  kept: readonly ListedMember[],
): Promise<ListedMember[]> {
  const { rows } = await tx.query<ListedMember>(
    `delete from placet.approver_group_members m
     where m.tenant_id = $1 and m.group_id = any ($2::text[]) and m.address is not null
       and not exists (
         select from unnest($3::text[], $4::text[]) as k (group_id, address)
         where k.group_id = m.group_id and k.address = m.address)
     returning m.group_id, m.address`,
    [tx.tenant_id, group_ids, kept.map(({ group_id }) => group_id), kept.map(({ address }) => address)],
  );
  return rows;
}

/** Lists the new address beside each of the former ones in groups that are retired: nobody lists their members any more. */
export async function followRename(
  tx: Tx,
  of: { readonly from: readonly string[]; readonly to: string },
): Promise<void> {
  await tx.query(
    `insert into placet.approver_group_members (tenant_id, group_id, address)
     select m.tenant_id, m.group_id, $3 from placet.approver_group_members m
     join placet.approver_groups g on g.tenant_id = m.tenant_id and g.id = m.group_id and g.retired_at is not null
     where m.tenant_id = $1 and m.address = any ($2::text[])
     on conflict do nothing`,
    [tx.tenant_id, of.from, of.to],
  );
}

/** Forgets whom Slack listed at their clicks: these groups stand for another user group now, or for none. */
export async function removeClicked(tx: Tx, group_ids: readonly string[]): Promise<Membership[]> {
  const { rows } = await tx.query<Membership>(
    `delete from placet.approver_group_members
     where tenant_id = $1 and group_id = any ($2::text[]) and person_id is not null
     returning group_id, person_id`,
    [tx.tenant_id, group_ids],
  );
  return rows;
}

/** Keeps that Slack lists this person in the group's user group, or that it no longer does. */
export async function setClicked(tx: Tx, member: Membership & { readonly is_member: boolean }): Promise<void> {
  const sql = member.is_member
    ? `insert into placet.approver_group_members (tenant_id, group_id, person_id) values ($1, $2, $3) on conflict do nothing`
    : 'delete from placet.approver_group_members where tenant_id = $1 and group_id = $2 and person_id = $3';
  await tx.query(sql, [tx.tenant_id, member.group_id, member.person_id]);
}

/** Brings these groups in line with who is owner or admin now; other groups are left as they are. */
export async function keepAdministrators(tx: Tx, group_ids: readonly string[]): Promise<void> {
  const values = [tx.tenant_id, group_ids];
  await tx.query(
    `with ${HELD}, gone as (
       select g.id from placet.approver_groups g join placet.people_now p on p.tenant_id = g.tenant_id and p.id = g.channel
       where g.tenant_id = $1 and g.id = any ($2::text[]) and not exists (
         select from held h where h.person_id = p.person_id and h.role in ('owner', 'admin')))
     delete from placet.approver_group_members m using gone where m.tenant_id = $1 and m.group_id = gone.id`,
    values,
  );
  await tx.query(
    `with ${HELD}
     insert into placet.approver_group_members (tenant_id, group_id, person_id)
     select distinct $1, g.id, p.person_id from placet.approver_groups g
       join placet.people_now p on p.tenant_id = g.tenant_id and p.id = g.channel
       join held h on h.person_id = p.person_id and h.role in ('owner', 'admin')
     where g.tenant_id = $1 and g.id = any ($2::text[])
     on conflict do nothing`,
    values,
  );
}

/** All groups by name, retired ones last. */
export async function listGroups(tx: Tx, limit: number): Promise<GroupRow[]> {
  const { rows } = await tx.query<GroupRow>(
    `select ${APPROVER_GROUPS.select('g')}, g.retired_at is not null as is_retired, ${SOURCE} as source,
       (select count(distinct coalesce(m.person_id, m.address))::integer from placet.group_parts l
        join placet.approver_group_members m on m.tenant_id = l.tenant_id and m.group_id = l.part_id
        where l.tenant_id = g.tenant_id and l.group_id = g.id and not l.is_among) as member_count
     from placet.approver_groups g where g.tenant_id = $1 and g.channel not like ${DIRECT}
     order by g.retired_at is not null, g.name limit $2`,
    [tx.tenant_id, limit],
  );
  return rows;
}

/** Groups by name, retired ones too. Names that are unknown are left out. */
export async function findGroupsByName(tx: Tx, names: readonly string[]): Promise<NamedGroup[]> {
  const { rows } = await tx.query<NamedGroup>(
    `select ${APPROVER_GROUPS.select('g')}, g.retired_at is not null as is_retired, ${SOURCE} as source
     from placet.approver_groups g where g.tenant_id = $1 and g.name = any ($2::text[])`,
    [tx.tenant_id, names],
  );
  return rows;
}

/**
 * Who is in the group now: whoever has an address that the policy names, the address alone where nobody has it yet, and
 * whom Slack listed at their clicks. Other members of its Slack user group are not here: Slack knows them.
 */
export async function listMembers(tx: Tx, group_id: string, limit: number): Promise<GroupMember[]> {
  const { rows } = await tx.query<GroupMember>(
    `select distinct p.person_id as id, coalesce(m.address, p.email) as email, coalesce(p.name, m.address) as name,
       coalesce(p.is_active, true) as is_active
     from placet.group_parts l
     join placet.approver_group_members m on m.tenant_id = l.tenant_id and m.group_id = l.part_id
     left join placet.person_emails e on e.tenant_id = m.tenant_id and e.address = m.address and e.until_at is null
     left join placet.people_now p on p.tenant_id = m.tenant_id and p.id = coalesce(m.person_id, e.person_id)
     where l.tenant_id = $1 and l.group_id = $2 and not l.is_among
     order by 2 limit $3`,
    [tx.tenant_id, group_id, limit],
  );
  return rows;
}

/** Members of the parts of these groups as people are now, by address or as Slack listed them. */
const MEMBERSHIPS = `
select l.group_id, l.is_among, l.source ->> 'kind' as kind, l.source ->> 'id' as source_id, p.person_id, m.address, p.is_active,
  m.person_id is not null as is_kept from placet.group_parts l
join placet.approver_group_members m on m.tenant_id = l.tenant_id and m.group_id = l.part_id
left join placet.person_emails e on e.tenant_id = m.tenant_id and e.address = m.address and e.until_at is null
left join placet.people_now p on p.tenant_id = m.tenant_id and p.id = coalesce(m.person_id, e.person_id)
where l.tenant_id = $1 and l.group_id = any ($2::text[])`;

/** Which of these people (by their present ids) are listed in which of these groups now, or among whom it may choose. */
export async function listMemberships(
  tx: Tx,
  group_ids: readonly string[],
  person_ids: readonly string[],
): Promise<ListedMembership[]> {
  const { rows } = await tx.query<ListedMembership>(
    `select distinct group_id, person_id, is_among from (${MEMBERSHIPS}) as m where kind = 'listed' and person_id = any ($3::text[])`,
    [tx.tenant_id, group_ids, person_ids],
  );
  return rows;
}

/** Somebody who may count: a person, or an address that nobody has yet. */
export type Eligible = {
  readonly group_id: string;
  readonly eligible: string;
  /** No member by this alone: the source of the group may choose it. */
  readonly is_among: boolean;
};

/**
 * Distinct active people whom these groups list and who are not excluded, or their delegates while they are away; `limit` of
 * each group at most. Whom a source may choose is there as themselves, away or not. Whom Slack listed at an earlier click is
 * not, where the user group has answered by now.
 */
export async function listEligible(
  tx: Tx,
  group_ids: readonly string[],
  of: {
    readonly excluded_people: readonly string[];
    readonly limit: number;
    /** User groups that have said who is in them. */
    readonly answered: readonly string[];
  },
): Promise<Eligible[]> {
  const { rows } = await tx.query<Eligible>(
    `select group_id, eligible, is_among from (
       select group_id, eligible, is_among, row_number() over (partition by group_id, is_among order by eligible) as place from (
         select distinct m.group_id, m.is_among,
           case when a.person_id is null then coalesce(m.person_id, m.address) else d.person_id end as eligible
         from (${MEMBERSHIPS}) as m
         left join lateral (
           select person_id, delegate_person_id from placet.absences_now n
           where n.tenant_id = $1 and n.person_id = m.person_id and n.until_at > $5 and not m.is_among
           order by n.until_at desc, n.delegate_person_id limit 1) a on true
         left join placet.people_now d on d.tenant_id = $1 and d.id = a.delegate_person_id and d.is_active and d.person_id not in (
           select person_id from placet.people_now where tenant_id = $1 and id = any ($3::text[]))
         where (a.person_id is null or d.person_id is not null) and m.kind in ('listed', 'slack_user_group')
           and not (m.kind = 'slack_user_group' and m.is_kept and m.source_id = any ($6::text[]))
           and m.is_active is not false and (m.person_id is null or m.person_id not in (
           select person_id from placet.people_now where tenant_id = $1 and id = any ($3::text[])))) as each) as placed
     where place <= $4 or is_among`,
    [tx.tenant_id, group_ids, of.excluded_people, of.limit, tx.now, of.answered],
  );
  return rows;
}
