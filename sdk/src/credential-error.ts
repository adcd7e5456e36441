// The one error of the verifier. Its message says nothing, so that whoever presents a credential learns nothing;
// its code is for the log of the tool that refused.

export type CredentialErrorCode =
  | 'token_malformed'
  | 'token_too_long'
  | 'header_malformed'
  | 'header_member_refused'
  | 'type_refused'
  | 'algorithm_refused'
  | 'key_id_refused'
  | 'key_unknown'
  | 'keys_refused'
  | 'keys_unavailable'
  | 'signature_invalid'
  | 'claims_malformed'
  | 'claim_invalid'
  | 'proof_missing'
  | 'proof_invalid'
  | 'proof_of_another_key'
  | 'proof_seen_before'
  | 'issuer_mismatch'
  | 'audience_mismatch'
  | 'issued_in_the_future'
  | 'expired'
  | 'lifetime_too_long'
  | 'details_invalid'
  | 'details_type_unknown'
  | 'action_mismatch'
  | 'not_spent';

/** A credential that must not be accepted: `code` says why (for logs), `claim` which claim, the message nothing. */
export class CredentialError extends Error {
  readonly code: CredentialErrorCode;
  readonly claim: string | undefined;

  constructor(code: CredentialErrorCode, options: { claim?: string; cause?: unknown } = {}) {
    super('The credential is not valid here.', options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CredentialError';
    this.code = code;
    this.claim = options.claim;
  }
}
