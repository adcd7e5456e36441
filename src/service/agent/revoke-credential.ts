// Revocation by an OAuth client (RFC 7009): whoever shows a live credential and may revoke it takes back what its approval gave.
// What is no such credential, or is over, needs no revoking, and nobody learns which.

import { inOrder } from '../../db/in-order.ts';
import * as leases from '../../db/leases.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import { type ErrorCode, PlacetError } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import type { Client } from '../../domain/people/principal.ts';
import { revokeLease } from '../revoke-lease.ts';
import type { IntrospectDeps } from './introspect.ts';

/** Nothing is left to take back, or it is not the caller's to know of (RFC 7009 section 2.2). */
const DONE: ReadonlySet<ErrorCode> = new Set(['not_found', 'not_approved', 'nothing_to_revoke']);

/** Revokes the credential; the same for one that needs it no more. Throws permission_missing. */
export async function revokeCredential(deps: IntrospectDeps, by: Client, token: string): Promise<void> {
  const lease_id = deps.leaseIdOf(token) ?? '';
  if (!isId('lease', lease_id) || !(await isCredentialOf(deps, by, { token, lease_id }))) return;
  try {
    await revokeLease(deps, { tenant_id: by.tenant_id, of: { lease_id }, by });
  } catch (error) {
    if (!(error instanceof PlacetError && DONE.has(error.code))) throw error;
  }
}

/** Whoever knows the id of a lease alone revokes nothing here: it is the credential that is shown. */
function isCredentialOf(
  deps: IntrospectDeps,
  { tenant_id }: Client,
  { token, lease_id }: { readonly token: string; readonly lease_id: string },
): Promise<boolean> {
  return deps.transact(tenant_id, async (tx) => {
    const [lease, keys] = await inOrder(tx, [
      (tx) => leases.readLease(tx, lease_id),
      (tx) => signingKeys.listPublicKeys(tx),
    ]);
    if (lease === null) return false;
    return (await deps.inspect({ token, lease_id, audience: lease.audience, now: tx.now }, keys)) !== null;
  });
}
