// Makes the credential of a claimed grant: signs exactly the claims that docs/architecture.md lists, within it (INV-5).
// Pure but for the signature; the caller has taken the grant (INV-6) and committed the lease before it asks.

import { sha256Digest, verifyCredential } from '@placet/sdk';
import { actionBytes } from '@placet/sdk/canonical';
import { SignJWT } from 'jose';
import type { Grant } from '../domain/credential/lease.ts';
import { isWithin, LIFETIME_SECONDS_MAX } from '../domain/credential/scope.ts';
import { isBound } from '../domain/credential/terms.ts';
import { PlacetError } from '../domain/errors.ts';
import type { ApprovalRequest, CredentialSpec } from '../domain/request/request.ts';
import { makeSecret, type Secret } from '../domain/secret.ts';
import { type SigningKey, TOKEN_ALGORITHM } from './keyring.ts';

export type IssueInput = {
  readonly key: SigningKey;
  /** The server's public URL, exactly as verifiers know it. */
  readonly issuer: string;
  readonly now: Date;
  readonly lease_id: string;
  readonly request: Pick<
    ApprovalRequest,
    'id' | 'agent_id' | 'action' | 'resource' | 'parameters' | 'masked' | 'digest'
  >;
  /** Of masked parameters, by name; none where none is masked. */
  readonly salts?: { readonly [name: string]: string };
  /** The id of the person in on_behalf_of, when there is one. */
  readonly subject_person_id: string | null;
  readonly grant: Pick<Grant, 'request_id' | 'digest' | 'credential' | 'claim_expires_at' | 'ends_at'>;
  /** The thumbprint of the key that it is bound to; null where it is for whoever bears it. */
  readonly jkt?: string | null;
  /** What is issued; the grant's own, or less. */
  readonly credential: CredentialSpec;
};

/** The times are whole seconds, as in the claims; the lease row must carry the same two. */
export type IssuedCredential = {
  readonly token: Secret<string>;
  readonly issued_at: Date;
  readonly expires_at: Date;
};

/** Signs the credential; throws digest_mismatch, claim_expired or credential_exceeds_policy where the grant forbids it. */
export async function issueCredential(input: IssueInput): Promise<IssuedCredential> {
  checkGrant(input);
  const iat = Math.floor(input.now.getTime() / 1_000);
  const { ends_at } = input.grant;
  // With its window, where that ends before its lifetime does.
  const lasts = iat + input.credential.lifetime_seconds;
  const exp = ends_at === null ? lasts : Math.min(lasts, Math.floor(ends_at.getTime() / 1_000));
  if (exp <= iat) throw new PlacetError('claim_expired');
  const token = await new SignJWT({ ...toClaims(input), iat, nbf: iat, exp })
    .setProtectedHeader({ typ: 'at+jwt', alg: TOKEN_ALGORITHM, kid: input.key.kid })
    .sign(input.key.key);
  await checkToken(token, input);
  return { token: makeSecret(token), issued_at: new Date(iat * 1_000), expires_at: new Date(exp * 1_000) };
}

function checkGrant({ request, grant, credential, now, jkt }: IssueInput): void {
  const { action, resource, parameters, masked } = request;
  // Computed again from what will be named in the credential, so that no changed row can widen an approval (INV-1).
  const digest = sha256Digest(actionBytes({ action, resource, parameters }, masked));
  const isForThis = grant.request_id === request.id && grant.digest === digest && request.digest === digest;
  if (!isForThis) throw new PlacetError('digest_mismatch');
  // What is to be bound is never issued to whoever bears it.
  if (isBound(grant.credential) && !jkt) throw new PlacetError('dpop_proof_missing');
  if (now.getTime() >= grant.claim_expires_at.getTime()) throw new PlacetError('claim_expired');
  const isAllowed = isWithin(credential, grant.credential) && credential.lifetime_seconds <= LIFETIME_SECONDS_MAX;
  if (!isAllowed) throw new PlacetError('credential_exceeds_policy');
}

function toClaims({ issuer, lease_id, request, salts = {}, subject_person_id, credential, jkt }: IssueInput) {
  const agent = request.agent_id;
  return {
    iss: issuer,
    ...(subject_person_id === null ? { sub: agent } : { sub: subject_person_id, act: { sub: agent } }),
    client_id: agent,
    aud: credential.audience,
    scope: credential.scopes.join(' '),
    jti: lease_id,
    txn: request.id,
    max_uses: 1,
    ...(jkt ? { cnf: { jkt } } : {}),
    authorization_details: [
      {
        type: 'placet_action',
        actions: [request.action],
        locations: [credential.audience],
        identifier: request.resource,
        digest: request.digest,
        approval_request_id: request.id,
        ...(Object.keys(salts).length === 0 ? {} : { salts }),
      },
    ],
  };
}

/** Nothing leaves that a tool would refuse: too long a resource, a malformed scope, a key that is not its kid. */
async function checkToken(token: string, { key, issuer, credential, request, now }: IssueInput): Promise<void> {
  const { action, resource, parameters, masked } = request;
  try {
    await verifyCredential(token, {
      issuer,
      audience: credential.audience,
      keys: { keys: [key.public_jwk] },
      proof: null,
      // What is masked is not here to be digested again; that its digest is the request's was checked first.
      action: masked === undefined ? { action, resource, parameters } : request.digest,
      now,
    });
  } catch (cause) {
    throw new PlacetError('internal', {}, cause);
  }
}
