// Statements on proofs of possession that were taken: each once, kept until it could not be taken any more.

import type { Tx } from './database.ts';

/** Marks a proof as taken, by its digest; false when it was taken before: the row count decides, in whatever process. */
export async function insertProof(
  tx: Tx,
  { digest, expires_at }: { readonly digest: Uint8Array; readonly expires_at: Date },
): Promise<boolean> {
  const sql = `insert into placet.dpop_proofs (tenant_id, digest, expires_at) values ($1, $2, $3)
    on conflict (tenant_id, digest) do nothing`;
  return (await tx.query(sql, [tx.tenant_id, Buffer.from(digest), expires_at])).rowCount === 1;
}

/** Forgets what no clock would take any more, so much at a time. */
export async function removeExpired(tx: Tx, limit: number): Promise<number> {
  const sql = `delete from placet.dpop_proofs where tenant_id = $1 and digest in (
    select p.digest from placet.dpop_proofs p where p.tenant_id = $1 and p.expires_at < $2 order by p.expires_at limit $3)`;
  return (await tx.query(sql, [tx.tenant_id, tx.now, limit])).rowCount;
}
