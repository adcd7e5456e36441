// The sealed secrets by which sources of members are asked, one for each host. What is sealed is opened elsewhere.

import type { Tx } from './database.ts';

export type SecretEntry = { readonly host: string; readonly set_at: Date };

/** Keeps the sealed secret of a host, in place of any before. */
export async function setSecret(tx: Tx, host: string, secret_sealed: Uint8Array): Promise<void> {
  await tx.query(
    `insert into placet.source_secrets (tenant_id, host, secret_sealed, set_at) values ($1, $2, $3, $4)
     on conflict (tenant_id, host) do update set secret_sealed = excluded.secret_sealed, set_at = excluded.set_at`,
    [tx.tenant_id, host, Buffer.from(secret_sealed), tx.now],
  );
}

/** Forgets the secret of a host; false when there is none. */
export async function removeSecret(tx: Tx, host: string): Promise<boolean> {
  const sql = 'delete from placet.source_secrets where tenant_id = $1 and host = $2';
  return (await tx.query(sql, [tx.tenant_id, host])).rowCount === 1;
}

/** The hosts that have a secret. */
export async function listSecrets(tx: Tx): Promise<SecretEntry[]> {
  const sql = 'select host, set_at from placet.source_secrets where tenant_id = $1 order by host';
  return (await tx.query<SecretEntry>(sql, [tx.tenant_id])).rows;
}

/** The sealed secret of a host, or null. */
export async function readSecret(tx: Tx, host: string): Promise<Buffer | null> {
  const sql = 'select secret_sealed from placet.source_secrets where tenant_id = $1 and host = $2';
  return (await tx.query<{ secret_sealed: Buffer }>(sql, [tx.tenant_id, host])).rows[0]?.secret_sealed ?? null;
}
