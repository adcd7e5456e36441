// What a credential may name, whichever door it comes through, and whether one lies within another (INV-5): scopes a
// subset, audience equal, lifetime no longer.

import type { CredentialSpec, JwtCredential } from '../request/request.ts';
import { commonTerms, saidOf } from './terms.ts';

/** More is a list that nobody reads before approving. */
export const SCOPES_MAX = 20;
export const SCOPE_CHARACTERS_MAX = 200;
/** RFC 6749 section 3.3, scope-token. */
export const SCOPE_FORM = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
export const AUDIENCE_CHARACTERS_MAX = 500;
/** An absolute URI without a fragment, so that the name of a tool is not a word that others use too. */
export const AUDIENCE_FORM = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21\x22\x24-\x7e]+$/;
/**
 * All scopes with a space between: a token holds 8,192 characters, and the longest audience, resource and issuer take
 * more than half of them.
 */
export const SCOPES_CHARACTERS_MAX = 2_000;

/** Default and hard limit of a signed credential's life, in seconds (RFC 9068 profile). */
export const LIFETIME_SECONDS_DEFAULT = 300;
export const LIFETIME_SECONDS_MAX = 900;
export const LIFETIME_SECONDS_MIN = 30;

/** True when the scopes together fit into a token, so that whatever is approved can be claimed. */
export function fitsToken(scopes: readonly string[]): boolean {
  return scopes.join(' ').length <= SCOPES_CHARACTERS_MAX;
}

/** True when `asked` is allowed by `allowed`. */
export function isWithin(input: CredentialSpec, allowed: CredentialSpec): boolean {
  // What is no number is neither more nor less: it lies within nothing.
  const lasts = input.lifetime_seconds;
  const isShortEnough = lasts <= allowed.lifetime_seconds && lasts >= LIFETIME_SECONDS_MIN;
  switch (allowed.type) {
    case 'jwt':
      return isShortEnough && input.type === allowed.type && isJwtWithin(input, allowed);
  }
}

function isJwtWithin(input: JwtCredential, allowed: JwtCredential): boolean {
  return (
    input.audience === allowed.audience &&
    input.scopes.length > 0 &&
    input.scopes.every((scope) => allowed.scopes.includes(scope))
  );
}

/** What is asked for, on the rule's terms: those are not the requester's to choose. */
export function onTermsOf(input: CredentialSpec, allowed: CredentialSpec): CredentialSpec {
  return { ...input, ...saidOf(allowed) };
}

/** What two rules grant together; nothing where they are for different audiences, or have no scope in common. */
export function commonCredential(a: CredentialSpec | null, b: CredentialSpec | null): CredentialSpec | null {
  if (a === null || b === null) return null;
  switch (a.type) {
    case 'jwt':
      return b.type === a.type ? commonJwt(a, b) : null;
  }
}

function commonJwt(a: JwtCredential, b: JwtCredential): JwtCredential | null {
  const scopes = a.scopes.filter((scope) => b.scopes.includes(scope));
  if (a.audience !== b.audience || scopes.length === 0) return null;
  const lifetime_seconds = Math.min(a.lifetime_seconds, b.lifetime_seconds);
  return { type: a.type, audience: a.audience, scopes, lifetime_seconds, ...commonTerms(a, b) };
}
