// The tool's side: accept a call only when its credential is valid, names exactly this action, and was never spent.
// Whatever fails here, also the network, means: do not run.
import type { ActionEnvelope } from './canonical.ts';
import { type CredentialClaims, readClaims } from './claims.ts';
import { CredentialError } from './credential-error.ts';
import { actionDigest } from './digest.ts';
import { callApi, createApi, type RetryOptions } from './http.ts';
import type { ResultReport } from './operations.ts';
import type { PresentedProof } from './proof.ts';
import { splitToken } from './token-format.ts';
import type { ExecutionResult, SpentLease } from './types.ts';
import { type VerifyOptions, verifyCredential } from './verify.ts';

type Presented = {
  /** Where the approval API is. */
  readonly url: string;
  readonly token: string;
  /** The DPoP proof that the caller sent along, with the method and address that it called; what is bound is refused without. */
  readonly proof?: PresentedProof | undefined;
  readonly fetch?: typeof fetch;
  readonly retry?: RetryOptions;
};

/** A credential that is bound is never sent as if anybody might bear it. */
function schemeOf({ proof }: Presented): 'Bearer' | 'DPoP' {
  return proof === undefined ? 'Bearer' : 'DPoP';
}

/** The proof as the API takes it from a tool that was shown it. */
function dpopOf({ proof }: Presented) {
  return proof === undefined ? {} : { dpop: { proof: proof.jwt, method: proof.method, url: proof.url } };
}

type SpendInput = Presented & {
  /** The lease that the credential spends; by default the one that it names. */
  readonly leaseId?: string;
  /** The digest of what is about to run. */
  readonly digest: string;
};

/**
 * Spends a verified credential, sent as a bearer token (RFC 6750), for the digest of what is about to run. Throws PlacetApiError
 * (`already_used`, `digest_mismatch`, …), PlacetUnreachableError, or CredentialError `not_spent` when the answer is no plain yes.
 * When the first answer is lost, a retry finds the lease used and throws too: better an approved action not run than run twice.
 */
export async function spendCredential(input: SpendInput): Promise<SpentLease> {
  const lease_id = input.leaseId ?? readClaims(splitToken(input.token).payload).jti;
  const answer = await callApi<{ lease?: SpentLease }>(
    createApi({ ...input, bearer: input.token, scheme: schemeOf(input) }),
    {
      method: 'POST',
      path: `/v1/leases/${encodeURIComponent(lease_id)}/use`,
      body: { digest: input.digest, ...dpopOf(input) },
    },
  );
  const { lease } = answer;
  // Anything but a plain yes is a no, such as the page of a proxy that answers 200 to all.
  if (lease?.id !== lease_id || lease.state !== 'used') throw new CredentialError('not_spent');
  return lease;
}

export type AuthorizeOptions = Presented &
  Pick<VerifyOptions, 'issuer' | 'audience' | 'keys' | 'now' | 'clockToleranceSeconds'> & {
    /** What the tool is about to run, from its own arguments. */
    readonly action: ActionEnvelope;
  };

/**
 * Verifies (RFC 9068 section 4), compares the action with the one approved (RFC 9396) and spends, in one step; resolves only when
 * the action may run now, once. Throws CredentialError before anything is sent, then what spendCredential throws.
 */
export async function authorizeCall(
  options: AuthorizeOptions,
): Promise<{ readonly claims: CredentialClaims; readonly lease: SpentLease }> {
  const claims = await verifyCredential(options.token, options);
  const digest = actionDigest(options.action, claims.authorization_details[0].salts);
  const lease = await spendCredential({ ...options, leaseId: claims.jti, digest });
  return { claims, lease };
}

/**
 * Reports how a call went, in the name of the credential that it spent (RFC 6750), also up to an hour after its end. Throws
 * PlacetApiError (`result_already_reported` when another result stands, …) or PlacetUnreachableError.
 */
export async function reportResult(
  input: Presented & { readonly requestId: string; readonly result: ResultReport },
): Promise<ExecutionResult> {
  const { status, detail, resultDigest } = input.result;
  const answer = await callApi<{ result: ExecutionResult }>(
    createApi({ ...input, bearer: input.token, scheme: schemeOf(input) }),
    {
      method: 'POST',
      path: `/v1/approval-requests/${encodeURIComponent(input.requestId)}/result`,
      body: { status, detail, result_digest: resultDigest, ...dpopOf(input) },
    },
  );
  return answer.result;
}
