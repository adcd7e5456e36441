// Proofs of possession (DPoP): each is taken once, whichever process it reaches.

import type { Tx } from '../../db/database.ts';
import * as proofs from '../../db/proofs.ts';
import { PlacetError } from '../../domain/errors.ts';
import type { ServiceDeps } from '../deps.ts';

/** A proof as it came, with the call that it came with. */
export type PresentedProof = { readonly jwt: string; readonly method: string; readonly url: string };

/** What is kept of one that was taken. */
export type ProofRecord = { readonly jkt: string; readonly digest: Uint8Array; readonly expires_at: Date };

export type ProofDeps = ServiceDeps & {
  /** The proof of a call to us, which bears a nonce of ours; throws dpop_proof_invalid or dpop_nonce_needed. */
  readonly judgeProof: (input: {
    readonly tenant_id: string;
    readonly now: Date;
    readonly presented: PresentedProof;
  }) => Promise<ProofRecord>;
};

/** The thumbprint of the key that made it; in a transaction of its own, so that it is spent whatever becomes of the call. */
export function spendProof(deps: ProofDeps, tenant_id: string, presented: PresentedProof): Promise<string> {
  return deps.transact(tenant_id, async (tx) => {
    const taken = await deps.judgeProof({ tenant_id, now: tx.now, presented });
    if (!(await takeProof(tx, taken))) throw new PlacetError('dpop_proof_invalid');
    return taken.jkt;
  });
}

/** False when it was taken before. */
export function takeProof(tx: Tx, taken: ProofRecord): Promise<boolean> {
  return proofs.insertProof(tx, taken);
}
