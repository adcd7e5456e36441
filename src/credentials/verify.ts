// Verifies a credential that comes back to us, to be spent or to report. Says only yes or credential_invalid; the state of
// its lease is for the caller to read.

import { type CredentialClaims, CredentialError, type Jwks, type PresentedProof, verifyCredential } from '@placet/sdk';
import { decodeJwt } from 'jose';
import { PlacetError } from '../domain/errors.ts';
import { type ProofRecord, takenOf } from './proofs.ts';

export type VerifyIssuedInput = {
  readonly token: string;
  readonly issuer: string;
  /** The audience of the grant that is looked at; the credential must have been issued for it. */
  readonly audience: string;
  /** The tenant's published keys, retired ones too for as long as their credentials live. */
  readonly keys: Jwks;
  /** Which lease or which request the credential is presented for. */
  readonly lease_id?: string;
  readonly request_id?: string;
  /** The DPoP proof that came with it, and the scheme that it came under. */
  readonly proof?: PresentedProof | null;
  readonly scheme?: 'Bearer' | 'DPoP';
  readonly now: Date;
  /** Accepts a credential that ended this many seconds ago; for reporting a result only. At most 3,600. */
  readonly expired_seconds_max?: number;
};

/** The claims of our own credential; throws PlacetError `credential_invalid` for any other, the cause for the log. */
export async function verifyIssued(input: VerifyIssuedInput): Promise<CredentialClaims> {
  const claims = await verify(input);
  const isForThis = input.lease_id !== undefined || input.request_id !== undefined;
  const isLease = input.lease_id === undefined || claims.jti === input.lease_id;
  const isRequest = input.request_id === undefined || claims.txn === input.request_id;
  if (!isForThis || !isLease || !isRequest) throw new PlacetError('credential_invalid');
  return claims;
}

/** The lease that a text says it is the credential of; nothing of it is believed by that. */
export function leaseIdOf(token: string): string | null {
  try {
    // Unchecked: it may be of any type.
    const jti: unknown = decodeJwt(token).jti;
    return typeof jti === 'string' ? jti : null;
  } catch {
    return null;
  }
}

/**
 * The claims of the credential of this lease, whoever shows it: a proof of its key is asked for where it is used. Null for any
 * other text.
 */
export async function inspectIssued({
  lease_id,
  ...options
}: Pick<VerifyIssuedInput, 'issuer' | 'audience' | 'keys' | 'now'> & {
  readonly token: string;
  readonly lease_id: string;
}): Promise<CredentialClaims | null> {
  const { token, ...rest } = options;
  try {
    const claims = await verifyCredential(token, { ...rest, atIssuer: true });
    return claims.jti === lease_id ? claims : null;
  } catch (cause) {
    if (cause instanceof CredentialError) return null;
    throw cause;
  }
}

async function verify(input: VerifyIssuedInput): Promise<CredentialClaims> {
  const { token, issuer, audience, keys, now, scheme = 'Bearer', expired_seconds_max = 0 } = input;
  try {
    const proof = input.proof ?? undefined;
    const options = { issuer, audience, keys, now, proof, acceptExpiredSeconds: expired_seconds_max };
    const claims = await verifyCredential(token, options);
    // A bound one is never taken as if anybody might bear it, nor the other way round (RFC 9449 section 7.2).
    if (claims.cnf !== undefined && proof && !isOfAudience(proof, input)) throw new CredentialError('proof_invalid');
    if ((claims.cnf !== undefined) !== (scheme === 'DPoP')) throw new CredentialError('proof_missing');
    return claims;
  } catch (cause) {
    if (cause instanceof CredentialError) throw new PlacetError('credential_invalid', {}, cause);
    throw cause;
  }
}

/** What is kept of the proof that a verified credential came with. */
export function provenBy({ jkt }: { readonly jkt: string }, { jwt }: PresentedProof, now: Date): ProofRecord {
  const { jti } = decodeJwt(jwt);
  return takenOf({ jkt, jti: jti ?? '' }, now);
}

/** A proof that a tool was shown is one for that tool, or for us. */
function isOfAudience({ url }: PresentedProof, { audience, issuer }: VerifyIssuedInput): boolean {
  const isWeb = /^https?:/i.test(audience);
  const origins = [issuer, ...(isWeb ? [audience] : [])].map((each) => new URL(each).origin);
  return !isWeb || (URL.canParse(url) && origins.includes(new URL(url).origin));
}
