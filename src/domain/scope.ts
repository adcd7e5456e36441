// Whether one credential lies within another (INV-5): scopes a subset, audience equal, lifetime no longer.

import type { CredentialSpec } from './request.ts';

/** Default and hard limit of a signed credential's life, in seconds (RFC 9068 profile). */
export const LIFETIME_SECONDS_DEFAULT = 300;
export const LIFETIME_SECONDS_MAX = 900;
export const LIFETIME_SECONDS_MIN = 30;

/** After the approval the agent has this long to claim; the credential's own clock starts at the claim. */
export const CLAIM_WINDOW_SECONDS = 300;

/** True when `asked` is allowed by `allowed`. */
export function isWithin(asked: CredentialSpec, allowed: CredentialSpec): boolean {
  return (
    asked.type === allowed.type &&
    asked.audience === allowed.audience &&
    asked.scopes.length > 0 &&
    asked.scopes.every((scope) => allowed.scopes.includes(scope)) &&
    asked.lifetime_seconds <= allowed.lifetime_seconds &&
    asked.lifetime_seconds >= LIFETIME_SECONDS_MIN
  );
}
