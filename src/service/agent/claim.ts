// Resume: redeem the grant, write the lease, and sign the credential at that moment. The credential is stored nowhere: a claim
// that comes again because its answer was lost has the same one signed anew.

import { numberEvent, recordEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import { type ClaimRefusal, claimRefusal, type Grant, isRepeat } from '../../domain/credential/lease.ts';
import { isBound } from '../../domain/credential/terms.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import type { ApprovedRecord } from '../../domain/request/record.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import { endLease } from '../clock/end-lease.ts';
import { SMALL_NEWS_SECONDS } from '../news.ts';
import { type ApprovedDeps, actOnApproved } from './approved.ts';
import { type PresentedProof, type ProofDeps, spendProof } from './proof.ts';

export type CredentialFacts = {
  readonly lease_id: string;
  readonly request: ApprovalRequest;
  readonly grant: Grant;
  /** The human that the agent works for, when there is one. */
  readonly person_id: string | null;
  readonly issued_at: Date;
  readonly expires_at: Date;
  /** The key that it is bound to, or null. */
  readonly jkt: string | null;
};

export type Signer = { readonly kid: string; readonly sign: (facts: CredentialFacts) => Promise<string> };

export type Signers = {
  /** The signer with this key, once the process has opened it. */
  readonly opened: (kid: string) => Signer | undefined;
  /** Opens the active key of a tenant, which is made at its first need. */
  readonly open: (tenant_id: string) => Promise<void>;
};

export type ClaimDeps = ApprovedDeps & ProofDeps & { readonly signers: Signers };

export type Claimed = { readonly token: string; readonly lease: { readonly id: string; readonly expires_at: Date } };

/** The lease stands; its credential is still to be signed. */
type Issued = { readonly facts: CredentialFacts; readonly signer: Signer; readonly at: Date };

export type ClaimOptions = {
  /** Of this one claim, so that it can come again when its answer is lost; null where it cannot. */
  readonly idempotency_key: string | null;
  /** The DPoP proof that came with it, or null. */
  readonly proof?: PresentedProof | null;
};

/** The credential of an approved request, and its lease: what `redeem` says, as our own API answers it. */
export async function claim(
  deps: ClaimDeps,
  caller: AgentPrincipal,
  id: string,
  options?: ClaimOptions,
): Promise<Claimed> {
  const { token, facts } = await redeem(deps, caller, id, options);
  return { token, lease: { id: facts.lease_id, expires_at: facts.expires_at } };
}

/**
 * A credential of the grant. The lease is committed first and the credential signed after it, so that nobody waits behind a
 * signature. When a process dies between the two, or the answer is lost, the same claim again has the same lease for a minute,
 * signed anew; after that it was taken.
 */
export async function redeem(
  deps: ClaimDeps,
  caller: AgentPrincipal,
  id: string,
  { idempotency_key, proof = null }: ClaimOptions = { idempotency_key: null },
): Promise<{ readonly token: string; readonly facts: CredentialFacts; readonly at: Date }> {
  // Spent before anything else, so that a call that is sent twice is refused once, whatever it asks for.
  const jkt = proof === null ? null : await spendProof(deps, caller.tenant_id, proof);
  const keys = { idempotency_key, jkt };
  const openedBy = (kid: string | null) => (kid === null ? undefined : deps.signers.opened(kid));
  const { facts, signer, at } = await actOnApproved<Issued, string | null>(deps, caller, {
    id,
    read: (tx) => signingKeys.readActiveKid(tx),
    // Stored nowhere: there is no earlier answer to give without asking again whether it may be given.
    earlier: () => null,
    refusalOf: ({ request: { state }, grant, lease, execution, revocation, result }, has_quorum, now) => {
      const has_result = result !== null;
      return claimRefusal({ state, grant, lease, execution, revocation, has_quorum, has_result, ...keys }, now);
    },
    // The key that signs now is opened outside of the transaction, too.
    missing: (kid) => (openedBy(kid) === undefined ? () => deps.signers.open(caller.tenant_id) : null),
    act: async (tx, record, kid) => {
      const { grant, lease } = record;
      const signer = openedBy(kid);
      if (signer === undefined || grant === null) return 'already_claimed';
      const bound_to = isBound(grant.credential) ? jkt : null;
      const claiming = { record, grant, kid: signer.kid, idempotency_key, jkt: bound_to };
      const facts = await (isRepeat(lease, keys, tx.now) ? repeat : issue)(deps, tx, caller, claiming);
      return typeof facts === 'string' ? facts : { signer, facts, at: tx.now };
    },
    refused: 'grant.claim_refused',
  });
  return { token: await signer.sign(facts), facts, at };
}

type Claiming = {
  readonly record: ApprovedRecord;
  readonly grant: Grant;
  readonly kid: string;
  readonly idempotency_key: string | null;
  /** The key that the lease is bound to; null where its rule says that whoever bears it may use it. */
  readonly jkt: string | null;
};

/** Another lease of the grant; the code when another claim was faster, or its window has no second left. */
async function issue(
  deps: ClaimDeps,
  tx: LockedTx,
  caller: AgentPrincipal,
  { record: { request, lease: last }, grant, kid, idempotency_key, jkt }: Claiming,
): Promise<CredentialFacts | ClaimRefusal> {
  const lease_id = deps.newId('lease');
  const issued_at = wholeSeconds(tx.now.getTime());
  const expires_at = expiryOf(grant, issued_at);
  if (expires_at <= issued_at) return 'claim_expired';
  // The one before it was never used; its time is over, whether or not anybody has said so yet.
  if (last?.state === 'active') await endLease(deps, tx, { request, lease: last });
  const { id: request_id, digest } = request;
  const state = 'active' as const;
  const use = grant.redemptions + 1;
  const times = { issued_at, expires_at };
  const row = { id: lease_id, grant_id: grant.id, request_id, digest, use, idempotency_key, jkt, state, ...times, kid };
  const event = numberEvent(deps, tx.now, {
    type: 'credential.issued',
    outcome: 'success',
    actor: caller,
    request_id,
    lease_id,
    digest,
    facts: {
      grant_id: grant.id,
      use,
      kid,
      audience: grant.credential.audience,
      scopes: grant.credential.scopes.join(' '),
      expires_at: expires_at.toISOString(),
    },
  });
  const news = { event, tell_seconds: SMALL_NEWS_SECONDS };
  const isRedeemed = await tx.commitWith(() => grants.redeemGrant(tx, row, news));
  if (!isRedeemed) return 'already_claimed';
  return { lease_id, request, grant, person_id: request.on_behalf_of_person_id, issued_at, expires_at, jkt };
}

/** The lease that the claim was given before: its id and times, and so its claims, are the same. */
async function repeat(
  deps: ClaimDeps,
  tx: LockedTx,
  caller: AgentPrincipal,
  { record: { request, lease }, grant, kid }: Claiming,
): Promise<CredentialFacts | ClaimRefusal> {
  if (lease === null) return 'already_claimed';
  const { id: lease_id, issued_at, expires_at, jkt } = lease;
  await recordEvent(deps, tx, {
    type: 'credential.repeated',
    outcome: 'success',
    actor: caller,
    request_id: request.id,
    lease_id,
    digest: request.digest,
    facts: { grant_id: grant.id, kid },
  });
  return { lease_id, request, grant, person_id: request.on_behalf_of_person_id, issued_at, expires_at, jkt };
}

/** When a lease of now ends: after its lifetime, and with the window of its grant. */
function expiryOf({ credential, ends_at }: Grant, issued_at: Date): Date {
  const ends_ms = issued_at.getTime() + credential.lifetime_seconds * 1_000;
  return wholeSeconds(Math.min(ends_ms, ends_at?.getTime() ?? ends_ms));
}

/** A JWT's times are whole seconds (RFC 7519 section 2). */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1_000) * 1_000);
}
