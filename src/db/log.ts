// Statements on the log of a tenant: events get their places in it, one after the other, and the hashes above them.

import type { Tx } from './database.ts';
import { LOGS, type LogNode, type NewLog } from './log-tables.ts';

/** The log, and how far it has come. */
export type Log = NewLog & { readonly public_key: Buffer; readonly private_sealed: Buffer; readonly size: number };

const SELECT = `select ${LOGS.select('l')}, l.size::float8 as size from placet.logs l`;

/** Makes the tenant's log; false when there is one, which stays as it is. */
export async function insertLog(tx: Tx, row: NewLog): Promise<boolean> {
  const sql = `${LOGS.insert} on conflict (tenant_id) do nothing returning origin`;
  return (await tx.query(sql, LOGS.valuesOf(tx, row))).rowCount === 1;
}

/** The tenant's log, or null before it was made. */
export async function readLog(tx: Tx): Promise<Log | null> {
  return (await tx.query<Log>(SELECT)).rows[0] ?? null;
}

/** The same, for one that no other transaction makes longer until this one ends. */
export async function lockLog(tx: Tx): Promise<Log | null> {
  return (await tx.query<Log>(`${SELECT} for update`)).rows[0] ?? null;
}

/** True while events wait for their places. */
export async function hasQueue(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ waits: boolean }>('select exists (select from placet.log_queue) as waits');
  return rows[0]?.waits === true;
}

/**
 * Gives the next events their places, in the order of writing, and answers the new size. The log must be locked: then no two
 * transactions take the same place, and an event leaves the queue in the transaction in which it has got its place.
 */
export async function sequence(tx: Tx, count_max: number): Promise<number> {
  const sql = `with next as (
      delete from placet.log_queue q where (q.tenant_id, q.position) in (
        select n.tenant_id, n.position from placet.log_queue n order by n.tenant_id, n.position limit $1)
      returning q.tenant_id, q.position, q.event_id),
    head as (select l.tenant_id, l.size, greatest(l.sequenced_at, clock_timestamp()) as at from placet.logs l),
    added as (
      insert into placet.log_leaves (tenant_id, index, event_id, hash, sequenced_at)
      select h.tenant_id, h.size + row_number() over (order by n.position) - 1, e.id, sha256('\\x00'::bytea || e.leaf), h.at
      from next n join head h on h.tenant_id = n.tenant_id
      join placet.audit_events e on e.tenant_id = n.tenant_id and e.id = n.event_id
      returning index)
    update placet.logs l set size = l.size + (select count(*) from added), sequenced_at = h.at
    from head h where l.tenant_id = h.tenant_id returning l.size::float8 as size`;
  return (await tx.query<{ size: number }>(sql, [count_max])).rows[0]?.size ?? 0;
}

/** Adds the roots of subtrees that are complete now. */
export async function insertNodes(tx: Tx, nodes: readonly LogNode[]): Promise<void> {
  const sql = `insert into placet.log_nodes (tenant_id, level, index, hash)
    select $1, n.level, n.index, n.hash from unnest($2::integer[], $3::bigint[], $4::bytea[]) as n (level, index, hash)`;
  const hashes = nodes.map(({ hash }) => Buffer.from(hash));
  await tx.query(sql, [tx.tenant_id, nodes.map(({ level }) => level), nodes.map(({ index }) => index), hashes]);
}

type Spans = readonly { readonly level: number; readonly start: number; readonly count: number }[];

/** The hashes of each span, as many of them as there are: of leaves at level 0, of subtrees above. */
export async function readHashes(tx: Tx, spans: Spans): Promise<Buffer[][]> {
  const sql = `select (s.place - 1)::integer as place, h.hash
    from unnest($1::integer[], $2::bigint[], $3::bigint[]) with ordinality as s (level, first, count, place)
    cross join lateral (
      select l.index, l.hash from placet.log_leaves l
        where s.level = 0 and l.index >= s.first and l.index < s.first + s.count
      union all
      select n.index, n.hash from placet.log_nodes n
        where s.level > 0 and n.level = s.level and n.index >= s.first and n.index < s.first + s.count
    ) h order by s.place, h.index`;
  const columns = [spans.map(({ level }) => level), spans.map(({ start }) => start), spans.map(({ count }) => count)];
  const found = spans.map((): Buffer[] => []);
  for (const { place, hash } of (await tx.query<{ place: number; hash: Buffer }>(sql, columns)).rows)
    found[place]?.push(hash);
  return found;
}
