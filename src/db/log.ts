// Statements on the log of a tenant: events get their places in it, one after the other, and the hashes above them.

import type { Tx } from './database.ts';
import { LOGS, type LogNode, type NewLog } from './log-tables.ts';

/** The log, and how far it has come. */
export type Log = NewLog & {
  readonly public_key: Buffer;
  readonly private_sealed: Buffer;
  readonly size: number;
  /** Up to this position each event has its place, and none can come any more. */
  readonly settled: number;
};

const SELECT = `select ${LOGS.select('l')}, l.size::float8 as size, l.settled::float8 as settled from placet.logs l`;

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

/** A leaf for the log, and the position of its event. */
export type NewLeaf = { readonly position: string; readonly leaf: Uint8Array; readonly hash: Uint8Array };

/** Adds leaves at the end of the log, which must be locked, and answers its new size. */
export async function insertLeaves(tx: Tx, leaves: readonly NewLeaf[]): Promise<number> {
  const sql = `with head as (select l.tenant_id, l.size, greatest(l.sequenced_at, clock_timestamp()) as at from placet.logs l where l.tenant_id = $1),
    added as (
      insert into placet.log_leaves (tenant_id, index, position, leaf, hash, sequenced_at)
      select h.tenant_id, h.size + n.place - 1, n.position, n.leaf, n.hash, h.at
      from head h, unnest($2::bigint[], $3::bytea[], $4::bytea[]) with ordinality as n (position, leaf, hash, place) returning index)
    update placet.logs l set size = l.size + (select count(*) from added), sequenced_at = h.at
    from head h where l.tenant_id = h.tenant_id returning l.size::float8 as size`;
  const columns = [
    leaves.map(({ position }) => position),
    leaves.map(({ leaf }) => Buffer.from(leaf)),
    leaves.map(({ hash }) => Buffer.from(hash)),
  ];
  return (await tx.query<{ size: number }>(sql, [tx.tenant_id, ...columns])).rows[0]?.size ?? 0;
}

/** The position of the newest event that is seen; 0 before the first. */
export async function readNewest(tx: Tx): Promise<number> {
  const sql = `select coalesce(max(e.position), 0)::float8 as position from placet.audit_events e where e.tenant_id = $1`;
  return (await tx.query<{ position: number }>(sql, [tx.tenant_id])).rows[0]?.position ?? 0;
}

/**
 * The transactions that may have written an event which nobody sees yet: PostgreSQL gives a position to one that holds this lock
 * alone, and takes it back at its end. Those of other tenants are among them.
 */
export async function listWriters(tx: Tx): Promise<string[]> {
  const sql = `select distinct k.virtualtransaction as writer from pg_locks k
    where k.locktype = 'relation' and k.relation = 'placet.audit_events'::regclass and k.mode = 'RowExclusiveLock'
      and k.database = (select d.oid from pg_database d where d.datname = current_database())`;
  return (await tx.query<{ writer: string }>(sql)).rows.map(({ writer }) => writer);
}

/** Says that up to this position each event has its place, and none can come any more. */
export async function settle(tx: Tx, position: number): Promise<void> {
  await tx.query('update placet.logs set settled = $2 where tenant_id = $1 and settled < $2', [tx.tenant_id, position]);
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
