// Introspection (RFC 7662): is a credential good for anything now? It asks what the use asks, but no other system, and changes
// nothing. Whatever is against it, and whatever is not for the caller to know, is one answer: null.

import { inOrder } from '../../db/in-order.ts';
import * as leases from '../../db/leases.ts';
import { APPROVED } from '../../db/record-parts.ts';
import * as requestRecords from '../../db/request-records.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import { useRefusal } from '../../domain/credential/lease.ts';
import { isId } from '../../domain/ids.ts';
import type { Client } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { isStanding, mayStand, sourcesOf } from './approved.ts';
import { barredBy, type KnownPolicyDeps, readPolicy } from './known-policy.ts';
import type { VerifyingKeys } from './use.ts';

/** The claims of a credential of ours, as it was signed. */
export type IssuedClaims = Readonly<Record<string, unknown>> & { readonly client_id: string };

export type IntrospectDeps = ServiceDeps &
  KnownPolicyDeps & {
    /** The lease that a text says it is the credential of, before anything of it is believed; null for what is no JWT. */
    readonly leaseIdOf: (token: string) => string | null;
    /** The claims of the credential of this lease; null for any other text. */
    readonly inspect: (
      input: { readonly token: string; readonly lease_id: string; readonly audience: string; readonly now: Date },
      keys: VerifyingKeys,
    ) => Promise<IssuedClaims | null>;
  };

/** The claims of a credential that could be used now; an agent learns of its own alone (INV-9). */
export function introspect(deps: IntrospectDeps, caller: Client, token: string): Promise<IssuedClaims | null> {
  // What names no lease is looked for all the same, so that it takes as long as what does.
  const named = deps.leaseIdOf(token) ?? '';
  const lease_id = isId('lease', named) ? named : '';
  return deps.transact(caller.tenant_id, async (tx) => {
    const [policy, record, lease, keys] = await inOrder(tx, [
      (tx) => readPolicy(deps, tx),
      (tx) => requestRecords.readRecordOfLease(tx, lease_id, APPROVED),
      (tx) => leases.readLease(tx, lease_id),
      (tx) => signingKeys.listPublicKeys(tx),
    ]);
    if (lease === null || record === null) return null;
    const claims = await deps.inspect({ token, lease_id, audience: lease.audience, now: tx.now }, keys);
    if (claims === null || (caller.kind === 'agent' && claims.client_id !== caller.id)) return null;
    if (useRefusal(lease, lease.digest, tx.now) !== null || barredBy(record, policy, tx.now) !== null) return null;
    // Members that another system keeps are asked for at the use: nobody waits for that here.
    const stands = sourcesOf(record).length === 0 ? await isStanding(tx, record, []) : mayStand(record);
    return stands ? claims : null;
  });
}
