// Verifies a credential that comes back to us, to be spent or to report. Says only yes or credential_invalid; the state of
// its lease is for the caller to read.

import { type CredentialClaims, CredentialError, type Jwks, verifyCredential } from '@placet/sdk';
import { PlacetError } from '../domain/errors.ts';

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

async function verify(input: VerifyIssuedInput): Promise<CredentialClaims> {
  const { token, issuer, audience, keys, now, expired_seconds_max = 0 } = input;
  try {
    return await verifyCredential(token, { issuer, audience, keys, now, acceptExpiredSeconds: expired_seconds_max });
  } catch (cause) {
    if (cause instanceof CredentialError) throw new PlacetError('credential_invalid', {}, cause);
    throw cause;
  }
}
