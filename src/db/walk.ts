// Statements on the kept hashes of a log, for the walk over it. They change nothing.

import type { Tx } from './database.ts';

/** The kept roots of subtrees of one level, by their index. */
export async function listNodes(tx: Tx, level: number, from: number, to: number): Promise<Map<number, Buffer>> {
  const sql = `select index::float8 as index, hash from placet.log_nodes
    where level = $1 and index >= $2 and index < $3 order by index`;
  const { rows } = await tx.query<{ index: number; hash: Buffer }>(sql, [level, from, to]);
  return new Map(rows.map(({ index, hash }) => [index, hash]));
}

/** A place of the log, with nothing but what it holds itself. */
export type PlacedLeaf = { readonly index: number; readonly leaf: Buffer; readonly hash: Buffer };

/** The places from an index on. */
export async function listLeaves(tx: Tx, from: number, count_max: number): Promise<PlacedLeaf[]> {
  const sql = `select l.index::float8 as index, l.leaf, l.hash from placet.log_leaves l
    where l.tenant_id = $1 and l.index >= $2 and l.index < $2 + $3 order by l.index`;
  return (await tx.query<PlacedLeaf>(sql, [tx.tenant_id, from, count_max])).rows;
}

/** True when the place was given before this moment; the later ones of a log never were before the earlier ones. */
export async function isSequencedBefore(tx: Tx, index: number, moment: Date): Promise<boolean> {
  const sql =
    'select l.sequenced_at < $3 as is_before from placet.log_leaves l where l.tenant_id = $1 and l.index = $2';
  const { rows } = await tx.query<{ is_before: boolean }>(sql, [tx.tenant_id, index, moment]);
  return rows[0]?.is_before === true;
}

/** Leaves of these types that are about these requests, below an index, in the order of the log. */
export async function listOfRequests(
  tx: Tx,
  of: { readonly request_ids: readonly string[]; readonly types: readonly string[]; readonly below: number },
): Promise<PlacedLeaf[]> {
  const sql = `select l.index::float8 as index, l.leaf, l.hash from placet.audit_events e
    join placet.log_leaves l on l.tenant_id = e.tenant_id and l.position = e.position
    where e.tenant_id = $1 and e.request_id = any($2) and e.type = any($3) and l.index < $4 order by l.index`;
  return (await tx.query<PlacedLeaf>(sql, [tx.tenant_id, of.request_ids, of.types, of.below])).rows;
}
