// The SDK's public names. Agents use createPlacet; tools use authorizeCall or its parts.
export {
  PlacetApiError,
  PlacetChangedError,
  PlacetDeniedError,
  PlacetKeyError,
  PlacetSpentError,
  PlacetTimeoutError,
  PlacetUnreachableError,
} from './api-error.ts';
export type { CallAnswer, CallOutcome, CallReference } from './call-outcome.ts';
export type { ActionEnvelope, JsonValue, MaskedValue } from './canonical.ts';
export type { ActionDetail, CredentialClaims } from './claims.ts';
export { createPlacet, type Placet } from './client.ts';
export { CredentialError, type CredentialErrorCode } from './credential-error.ts';
export { actionDigest, sha256Digest } from './digest.ts';
export type { CallAction, CallContext, CallTool, Gate, GateOptions, ToolCall } from './gate.ts';
export type { Guard, GuardContext, GuardOptions } from './guard.ts';
export type { RetryOptions } from './http.ts';
export { type Jwks, type PublicJwk, readJwks } from './jwks.ts';
export { maskAction, maskValue, type Salts } from './mask.ts';
export type { ApprovalAsk, CredentialAsk, ResultReport } from './operations.ts';
export {
  checkProof,
  createProofKey,
  type PresentedProof,
  type Proof,
  type ProofCall,
  type ProofKey,
  signProof,
} from './proof.ts';
export { openState, type SealOptions, sealState } from './seal.ts';
export { type MaskRule, SECRET_RULES } from './secret-mask.ts';
export { type AuthorizeOptions, authorizeCall, reportResult, spendCredential } from './tool.ts';
export type {
  ApprovalRequest,
  ClaimedCredential,
  Decision,
  ExecutionResult,
  LeaseView,
  Outcome,
  RequestPage,
  RequestState,
  Revoked,
  SpentLease,
  StartedExecution,
} from './types.ts';
export { type VerifyOptions, verifyCredential } from './verify.ts';
