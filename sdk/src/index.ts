// The SDK's public names. Agents use createPlacet; tools use authorizeCall or its parts.
export type { ActionEnvelope, JsonValue } from './canonical.ts';
export type { ActionDetail, CredentialClaims } from './claims.ts';
export { CredentialError, type CredentialErrorCode } from './credential-error.ts';
export { actionDigest, sha256Digest } from './digest.ts';
export { type Jwks, type PublicJwk, readJwks } from './jwks.ts';
export { type VerifyOptions, verifyCredential } from './verify.ts';
