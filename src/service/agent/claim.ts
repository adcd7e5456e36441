// Resume: redeem the grant once, write the lease, and sign the credential at that moment. The credential is stored nowhere.

import { numberEvent } from '../../audit/record.ts';
import type { LockedTx } from '../../db/database.ts';
import * as grants from '../../db/grants.ts';
import * as signingKeys from '../../db/signing-keys.ts';
import { claimRefusal, type Grant } from '../../domain/credential/lease.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import { SMALL_NEWS_SECONDS } from '../news.ts';
import { type ApprovedDeps, actOnApproved } from './approved.ts';

export type CredentialFacts = {
  readonly lease_id: string;
  readonly request: ApprovalRequest;
  readonly grant: Grant;
  /** The human that the agent works for, when there is one. */
  readonly person_id: string | null;
  readonly issued_at: Date;
  readonly expires_at: Date;
};

export type Signer = { readonly kid: string; readonly sign: (facts: CredentialFacts) => Promise<string> };

export type Signers = {
  /** The signer with this key, once the process has opened it. */
  readonly opened: (kid: string) => Signer | undefined;
  /** Opens the active key of a tenant, which is made at its first need. */
  readonly open: (tenant_id: string) => Promise<void>;
};

export type ClaimDeps = ApprovedDeps & { readonly signers: Signers };

export type Claimed = { readonly token: string; readonly lease: { readonly id: string; readonly expires_at: Date } };

/** The lease stands; its credential is still to be signed. */
type Issued = { readonly facts: CredentialFacts; readonly signer: Signer };

/**
 * The credential, once. The lease is committed first and the credential signed after it, so that nobody waits behind a
 * signature: a process that dies between the two has burnt the claim, as one does whose answer is lost. No second credential
 * is ever signed for a lease.
 */
export async function claim(deps: ClaimDeps, caller: AgentPrincipal, id: string): Promise<Claimed> {
  const openedBy = (kid: string | null) => (kid === null ? undefined : deps.signers.opened(kid));
  const { facts, signer } = await actOnApproved<Issued, string | null>(deps, caller, {
    id,
    read: (tx) => signingKeys.readActiveKid(tx),
    // Shown once and stored nowhere: there is no earlier answer to give again.
    earlier: () => null,
    refusalOf: ({ request: { state }, grant, execution, result }, has_quorum, now) =>
      claimRefusal({ state, grant, execution, has_quorum, has_result: result !== null }, now),
    // The key that signs now is opened outside of the transaction, too.
    missing: (kid) => (openedBy(kid) === undefined ? () => deps.signers.open(caller.tenant_id) : null),
    act: async (tx, record, kid) => {
      const { grant } = record;
      const signer = openedBy(kid);
      if (signer === undefined || grant === null) return 'already_claimed';
      const facts = await issue(deps, tx, caller, { request: record.request, grant, kid: signer.kid });
      return facts === null ? 'already_claimed' : { signer, facts };
    },
    refused: 'grant.claim_refused',
  });
  const token = await signer.sign(facts);
  return { token, lease: { id: facts.lease_id, expires_at: facts.expires_at } };
}

/** Null when another claim of the grant was faster. */
async function issue(
  deps: ClaimDeps,
  tx: LockedTx,
  caller: AgentPrincipal,
  { request, grant, kid }: { readonly request: ApprovalRequest; readonly grant: Grant; readonly kid: string },
): Promise<CredentialFacts | null> {
  const lease_id = deps.newId('lease');
  // Whole seconds, because a JWT's times are (RFC 7519 section 2).
  const issued_at = new Date(Math.floor(tx.now.getTime() / 1_000) * 1_000);
  const expires_at = new Date(issued_at.getTime() + grant.credential.lifetime_seconds * 1_000);
  const { id: request_id, digest } = request;
  const state = 'active' as const;
  const row = { id: lease_id, grant_id: grant.id, request_id, digest, state, issued_at, expires_at, kid };
  const event = numberEvent(deps, tx.now, {
    type: 'credential.issued',
    outcome: 'success',
    actor: caller,
    request_id,
    lease_id,
    digest,
    facts: {
      grant_id: grant.id,
      kid,
      audience: grant.credential.audience,
      scopes: grant.credential.scopes.join(' '),
      expires_at: expires_at.toISOString(),
    },
  });
  const news = { event, tell_seconds: SMALL_NEWS_SECONDS };
  const isRedeemed = await tx.commitWith(() => grants.redeemGrant(tx, row, news));
  if (!isRedeemed) return null;
  return { lease_id, request, grant, person_id: request.on_behalf_of_person_id, issued_at, expires_at };
}
