// Proofs of possession at our own door (DPoP, RFC 9449): for this very call, of now, with a nonce of ours. That none is
// taken twice is the record's to say.

import { createHash } from 'node:crypto';
import { CredentialError, checkProof, type PresentedProof, type Proof } from '@placet/sdk';
import { PlacetError } from '../domain/errors.ts';
import { isFresh, nonceAt } from './nonces.ts';
import type { MasterKey } from './seal.ts';

/** One that is a minute ahead is taken for two, and clocks of ours may differ by a minute. */
const KEPT_SECONDS = 180;

type Judging = {
  readonly master_key: MasterKey;
  readonly tenant_id: string;
  readonly now: Date;
  readonly presented: PresentedProof;
};

/** What is kept of a proof that was taken: nothing of it but a digest, for as long as it would be taken. */
export type ProofRecord = { readonly jkt: string; readonly digest: Uint8Array; readonly expires_at: Date };

/** The proof of a call to us; throws dpop_proof_invalid, or dpop_nonce_needed with the nonce that the next one must bear. */
export async function judgeProof({ presented, ...place }: Judging): Promise<ProofRecord> {
  const { jwt, method, url } = presented;
  let seen: Proof;
  try {
    seen = await checkProof(jwt, { method, url, now: place.now });
  } catch (cause) {
    if (cause instanceof CredentialError) throw new PlacetError('dpop_proof_invalid', {}, cause);
    throw cause;
  }
  if (seen.nonce === null || !isFresh(seen.nonce, place)) {
    throw new PlacetError('dpop_nonce_needed', { nonce: nonceAt(place) });
  }
  return takenOf(seen, place.now);
}

/** The same of a proof that was judged already. */
export function takenOf({ jkt, jti }: Pick<Proof, 'jkt' | 'jti'>, now: Date): ProofRecord {
  const digest = createHash('sha256')
    .update(JSON.stringify([jkt, jti]))
    .digest();
  return { jkt, digest, expires_at: new Date(now.getTime() + KEPT_SECONDS * 1_000) };
}
