// The token endpoint's use case: an approval is exchanged for its credential, by the very claim of the API. What is refused for
// what was asked for, or because people have not decided, touches no grant.

import { PlacetError } from '../../domain/errors.ts';
import type { AgentPrincipal } from '../../domain/people/principal.ts';
import { type ClaimDeps, type ClaimOptions, redeem } from './claim.ts';
import { readRequest } from './read.ts';
import type { RequestView } from './request-view.ts';

/** What a client wants of the credential; null where it leaves that to the approval. */
export type Exchange = ClaimOptions & {
  readonly request_id: string;
  readonly audience: string | null;
  readonly scopes: readonly string[] | null;
};

/** A credential as the token endpoint tells of it. */
export type Exchanged = {
  readonly token: string;
  readonly lifetime_seconds: number;
  readonly scopes: readonly string[];
  readonly is_bound: boolean;
  /** What it allows, in the words of its `authorization_details`. */
  readonly allowed: {
    readonly action: string;
    readonly resource: string;
    readonly audience: string;
    readonly digest: string;
    readonly request_id: string;
  };
};

/**
 * Redeems the approval. Throws what the claim throws; request_pending, request_denied, request_expired by the request's state;
 * target_invalid or scope_invalid where what was approved is not what is asked for.
 */
export async function exchange(deps: ClaimDeps, caller: AgentPrincipal, input: Exchange): Promise<Exchanged> {
  const { request_id, audience, scopes, ...options } = input;
  const view = await readRequest(deps, caller, request_id);
  checkState(view);
  checkAsked(view, audience, scopes);
  const { token, facts, at } = await redeem(deps, caller, request_id, options);
  const { request, grant, expires_at } = facts;
  const { credential } = grant;
  if (credential.type !== 'jwt') throw new PlacetError('no_credential');
  const { audience: of, scopes: granted } = credential;
  const { action, resource, digest } = request;
  return {
    token,
    // From this answer on (RFC 6749 section 5.1): a claim that is repeated has less of it left.
    lifetime_seconds: Math.max(0, Math.ceil((expires_at.getTime() - at.getTime()) / 1_000)),
    scopes: granted,
    is_bound: facts.jkt !== null,
    allowed: { action, resource, audience: of, digest, request_id },
  };
}

/** A client that polls asks often: the wait for people is answered by a read alone, and leaves no event. */
function checkState({ state }: RequestView): void {
  switch (state) {
    case 'pending':
      throw new PlacetError('request_pending');
    case 'denied':
      throw new PlacetError('request_denied');
    case 'expired':
      throw new PlacetError('request_expired');
    case 'cancelled':
    case 'approved':
  }
}

/** What was approved is given whole or not at all: never for another tool, nor under another scope than was asked for. */
function checkAsked({ credential }: RequestView, audience: string | null, scopes: readonly string[] | null): void {
  // A request that grants none is refused by the claim, which records that.
  if (credential?.type !== 'jwt') return;
  if (audience !== null && audience !== credential.audience) throw new PlacetError('target_invalid');
  if (scopes === null) return;
  const isSame = scopes.length === credential.scopes.length && credential.scopes.every((each) => scopes.includes(each));
  if (!isSame) throw new PlacetError('scope_invalid');
}
