// Statements on tenants.

import type { Tx } from './database.ts';

/** Makes the tenant of this transaction when it is missing. */
export async function ensureTenant(tx: Tx): Promise<void> {
  await tx.query('insert into placet.tenants (id) values ($1) on conflict (id) do nothing', [tx.tenant_id]);
}
