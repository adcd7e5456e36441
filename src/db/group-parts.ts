// What approver groups are made of, and where the members of each part come from.

import type { GroupPart, MemberSource } from '../domain/people/membership.ts';
import type { Tx } from './database.ts';

/** Where the members of these groups come from. */
export async function listParts(tx: Tx, group_ids: readonly string[]): Promise<GroupPart[]> {
  const { rows } = await tx.query<GroupPart>(
    `select l.group_id, l.part_id, l.is_among, l.source, null as members_then from placet.group_parts l
     where l.tenant_id = $1 and (l.group_id = any ($2::text[]) or (l.is_among and l.group_id in (
       select p.part_id from placet.group_parts p where p.tenant_id = $1 and p.group_id = any ($2::text[]))))
     order by l.group_id, l.part_id, l.is_among`,
    [tx.tenant_id, group_ids],
  );
  return rows;
}

/** The same of groups by their names. */
export async function listPartsNamed(tx: Tx, names: readonly string[]): Promise<GroupPart[]> {
  const { rows } = await tx.query<GroupPart>(
    `with own as materialized (select id from placet.approver_groups where tenant_id = $1 and name = any ($2::text[]))
     select l.group_id, l.part_id, l.is_among, l.source, null as members_then from placet.group_parts l
     where l.tenant_id = $1 and (l.group_id in (select id from own) or (l.is_among and l.group_id in (
       select p.part_id from placet.group_parts p where p.tenant_id = $1 and p.group_id in (select id from own))))
     order by l.group_id, l.part_id, l.is_among`,
    [tx.tenant_id, names],
  );
  return rows;
}

/** Every part whose source has to be asked, of whatever group, for asking who is in them. */
export async function listAskedParts(tx: Tx): Promise<GroupPart[]> {
  return (await listAllParts(tx)).filter(({ source }) => source.kind !== 'listed');
}

/** Every part of every group. */
export async function listAllParts(tx: Tx): Promise<GroupPart[]> {
  const { rows } = await tx.query<GroupPart>(
    `select l.group_id, l.part_id, l.is_among, l.source, null as members_then from placet.group_parts l
     where l.tenant_id = $1 order by l.group_id, l.part_id, l.is_among`,
    [tx.tenant_id],
  );
  return rows;
}

export type GroupSource = { readonly group_id: string; readonly source: MemberSource | null };
type NamedPart = Pick<GroupPart, 'group_id' | 'part_id' | 'is_among'>;

/** Keeps where the members of these groups come from, in place of what was kept. */
export async function setSources(tx: Tx, sources: readonly GroupSource[], parts: readonly NamedPart[]): Promise<void> {
  const group_ids = sources.map(({ group_id }) => group_id);
  await tx.query(
    `update placet.approver_groups g set source = s.source from jsonb_to_recordset($2::jsonb) as s (group_id text, source jsonb)
     where g.tenant_id = $1 and g.id = s.group_id and g.source is distinct from s.source`,
    [tx.tenant_id, JSON.stringify(sources)],
  );
  await tx.query('delete from placet.approver_group_parts where tenant_id = $1 and group_id = any ($2::text[])', [
    tx.tenant_id,
    group_ids,
  ]);
  await tx.query(
    `insert into placet.approver_group_parts (tenant_id, group_id, part_id, is_among)
     select $1, p.group_id, p.part_id, p.is_among
     from jsonb_to_recordset($2::jsonb) as p (group_id text, part_id text, is_among boolean)`,
    [tx.tenant_id, JSON.stringify(parts)],
  );
}
