// Statements on the kept hashes of a log, for the walk over it. They change nothing.

import type { Tx } from './database.ts';

/** The kept roots of subtrees of one level, by their index. */
export async function listNodes(tx: Tx, level: number, from: number, to: number): Promise<Map<number, Buffer>> {
  const sql = `select index::float8 as index, hash from placet.log_nodes
    where level = $1 and index >= $2 and index < $3 order by index`;
  const { rows } = await tx.query<{ index: number; hash: Buffer }>(sql, [level, from, to]);
  return new Map(rows.map(({ index, hash }) => [index, hash]));
}
