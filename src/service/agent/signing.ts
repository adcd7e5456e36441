// Signing keys: the active one of a tenant, made at the first need and unsealed once per process; and the public ones.

import { recordEvent } from '../../audit/record.ts';
import type { Tx } from '../../db/database.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import type { SigningKeyRow } from '../../db/tables.ts';
import { PlacetError } from '../../domain/errors.ts';
import { API } from '../../domain/people/principal.ts';
import type { ServiceDeps } from '../deps.ts';
import { shareReads } from '../share.ts';
import type { Signer, Signers } from './claim.ts';
import type { VerifyingKeys } from './use.ts';

type PublicKeys = { readonly keys: readonly object[] };

export type SigningDeps = ServiceDeps & {
  readonly generateKey: (tenant_id: string) => Promise<Omit<SigningKeyRow, 'retired_at'>>;
  readonly openKey: (tenant_id: string, row: SigningKeyRow) => Promise<Signer>;
};

/** The keys that this process has opened; which of them signs, the record says at each claim, so a rotation is seen at once. */
export function createSigners(deps: SigningDeps): Signers {
  const opened = new Map<string, Signer>();
  return {
    opened: (kid) => opened.get(kid),
    // A burst of claims after a start or a rotation opens the key once; who asks meanwhile gets one that was read after it.
    open: shareReads(
      async (tenant_id: string) => {
        const row = await deps.transact(
          tenant_id,
          async (tx) => (await signingKeys.readActiveKey(tx)) ?? makeFirst(deps, tx),
        );
        if (!opened.has(row.kid)) opened.set(row.kid, await deps.openKey(tenant_id, row));
      },
      (tenant_id) => tenant_id,
    ),
  };
}

/** The public keys of a tenant as a JWK set (RFC 7517). */
export async function listJwks(
  deps: Pick<ServiceDeps, 'transact'> & {
    readonly tenant_id: string;
    /** The set as it is published; throws PlacetError `internal` for a row that is no key of ours. */
    readonly publicJwks: (rows: VerifyingKeys) => Promise<PublicKeys>;
  },
): Promise<PublicKeys> {
  return deps.publicJwks(await deps.transact(deps.tenant_id, signingKeys.listPublicKeys));
}

/** Whoever makes a key at the same moment is waited for, and then its key is taken. */
async function makeFirst(deps: SigningDeps, tx: Tx): Promise<SigningKeyRow> {
  const made = await deps.generateKey(tx.tenant_id);
  if (await signingKeys.insertKey(tx, made)) {
    const actor = API;
    await recordEvent(deps, tx, { type: 'signing_key.created', outcome: 'success', actor, facts: { kid: made.kid } });
  }
  const row = await signingKeys.readActiveKey(tx);
  if (row === null) throw new PlacetError('internal', {}, new Error('no active signing key'));
  return row;
}
