// Every error that a door may show: its stable code, HTTP status, public text and whether a retry can help.
// Doors translate; internals never leave through `title`.

export const ERRORS = {
  action_reserved: {
    status: 422,
    title: 'Actions that begin with placet. are the product’s own.',
    retryable: false,
  },
  admin_token_invalid: {
    status: 401,
    title: 'The admin token is missing, unknown, expired, revoked, or its owner has no role any more.',
    retryable: false,
  },
  agent_key_invalid: { status: 401, title: 'The agent key is missing, unknown, expired or revoked.', retryable: false },
  agent_revoked: { status: 403, title: 'The agent of this approval request was revoked.', retryable: false },
  already_claimed: {
    status: 409,
    title: 'The credential of this approval request was already claimed.',
    retryable: false,
  },
  already_started: { status: 409, title: 'This approved action was already started.', retryable: false },
  already_used: { status: 409, title: 'This lease was already used.', retryable: false },
  approval_revoked: { status: 409, title: 'What this approval gave was revoked.', retryable: false },
  authorization_details_invalid: {
    status: 400,
    title: 'The authorization_details are not one action as Placet has them.',
    retryable: false,
  },
  body_too_large: { status: 413, title: 'The body is larger than 64 KiB.', retryable: false },
  claim_expired: { status: 409, title: 'The time to act on this approval is over.', retryable: false },
  client_invalid: {
    status: 401,
    title: 'The client is missing, or its id and secret do not belong together.',
    retryable: false,
  },
  confirmation_needed: {
    status: 409,
    title: 'Nobody else could agree to this change: say that it is meant.',
    retryable: false,
  },
  conflict: { status: 409, title: 'Something with this name exists already.', retryable: false },
  credential_exceeds_policy: {
    status: 422,
    title: 'The credential asked for is wider than the rule allows.',
    retryable: false,
  },
  credential_invalid: { status: 401, title: 'The credential is missing or not valid here.', retryable: false },
  database_unsafe: { status: 500, title: 'The database role can do what it must not.', retryable: false },
  denied_by_policy: { status: 403, title: 'A rule of the policy denies this by now.', retryable: false },
  digest_mismatch: { status: 403, title: 'The digest is not the one that was approved.', retryable: false },
  dpop_nonce_needed: { status: 401, title: 'The DPoP proof must bear the nonce of this answer.', retryable: false },
  dpop_proof_invalid: {
    status: 401,
    title: 'The DPoP proof is not one for this call, or was seen before.',
    retryable: false,
  },
  dpop_proof_missing: {
    status: 401,
    title: 'This credential is bound to a key: a DPoP proof is required.',
    retryable: false,
  },
  grant_type_unsupported: { status: 400, title: 'This endpoint takes no such grant type.', retryable: false },
  headers_too_large: { status: 431, title: 'The headers are larger than 16 KiB.', retryable: false },
  http_malformed: { status: 400, title: 'This is not a whole, well-formed HTTP request.', retryable: false },
  idempotency_conflict: { status: 409, title: 'This Idempotency-Key was used with another body.', retryable: false },
  idempotency_key_missing: {
    status: 400,
    title: 'An Idempotency-Key header of 1 to 255 characters is required.',
    retryable: false,
  },
  if_match_missing: {
    status: 428,
    title: 'An If-Match header with the version that this changes is required.',
    retryable: false,
  },
  internal: { status: 500, title: 'Something went wrong on our side.', retryable: true },
  invalid_json: { status: 400, title: 'The body is not strict JSON.', retryable: false },
  invalid_request: { status: 422, title: 'The request has fields that are missing or wrong.', retryable: false },
  justification_missing: {
    status: 422,
    title: 'The rule that judges this asks for a justification.',
    retryable: false,
  },
  last_owner: { status: 409, title: 'The last owner cannot go.', retryable: false },
  lease_expired: { status: 409, title: 'This lease is over.', retryable: false },
  lease_not_used: {
    status: 409,
    title: 'The credential was claimed, so a success needs its lease used.',
    retryable: false,
  },
  lease_revoked: { status: 409, title: 'This lease was revoked.', retryable: false },
  method_not_allowed: { status: 405, title: 'This path does not take that method.', retryable: false },
  no_credential: { status: 409, title: 'The rule that judged this request grants no credential.', retryable: false },
  not_approved: { status: 409, title: 'This approval request is not approved.', retryable: false },
  not_found: { status: 404, title: 'There is no such thing here.', retryable: false },
  not_pending: { status: 409, title: 'This approval request is no longer pending.', retryable: false },
  nothing_to_revoke: { status: 409, title: 'Nothing of this approval is left to revoke.', retryable: false },
  outside_hours: {
    status: 422,
    title: 'The hours of the rule have too little time left within 30 days.',
    retryable: false,
  },
  owner_unknown: { status: 422, title: 'Nobody is known by the address of this owner.', retryable: false },
  parameters_invalid: {
    status: 422,
    title: 'The parameters are not what the policy says of this action.',
    retryable: false,
  },
  permission_missing: { status: 403, title: 'This caller may not do that.', retryable: false },
  person_merged: { status: 409, title: 'This person was merged into another one, for good.', retryable: false },
  policy_change_too_large: {
    status: 422,
    title: 'This change is more than people can read at once; make it in parts.',
    retryable: false,
  },
  policy_changed: { status: 412, title: 'Another version of the policy is the newest by now.', retryable: false },
  policy_invalid: { status: 422, title: 'The policy has errors.', retryable: false },
  polled_too_soon: { status: 400, title: 'The last poll was less than five seconds ago.', retryable: true },
  quorum_lost: { status: 409, title: 'An approver is no longer eligible, so the quorum is lost.', retryable: false },
  quorum_unreachable: { status: 422, title: 'Too few eligible approvers exist to reach the quorum.', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests from this agent.', retryable: true },
  request_denied: { status: 403, title: 'This approval request was denied.', retryable: false },
  request_expired: {
    status: 400,
    title: 'This approval request expired before enough people approved.',
    retryable: false,
  },
  request_pending: { status: 400, title: 'This approval request still waits for people.', retryable: true },
  request_timeout: { status: 408, title: 'The request took too long to arrive.', retryable: true },
  result_already_reported: { status: 409, title: 'Another result was already reported.', retryable: false },
  same_person: { status: 409, title: 'Both are one person already.', retryable: false },
  scope_invalid: { status: 400, title: 'The approved scope is another one.', retryable: false },
  target_invalid: { status: 400, title: 'The approved audience is another one.', retryable: false },
  unavailable: {
    status: 503,
    title: 'A part that we depend on is down. Nothing was lost; try again.',
    retryable: true,
  },
  unsupported_media_type: { status: 415, title: 'Send the body as application/json.', retryable: false },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Facts about an error that its door may show: plain data, never a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The one error class: `code` is the contract, `details` are public, `cause` goes to the log only. */
export class PlacetError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(ERRORS[code].title, cause === undefined ? undefined : { cause });
    this.name = 'PlacetError';
    this.code = code;
    this.details = details;
  }
}

/** True for an error whose code is `code`. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof PlacetError && error.code === code;
}
