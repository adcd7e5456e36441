// Errors of the OAuth endpoints, as RFC 6749 section 5.2 writes them. Our own code of each stands at the end of its `error_uri`,
// so that what is documented once serves here too.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, type ErrorCode, type PlacetError } from '../../domain/errors.ts';
import { addErrorHeaders, PROBLEM_TYPE_BASE } from '../problem.ts';
import { BACKCHANNEL_PATH, INTROSPECTION_PATH, POLL_GRANT, REVOCATION_PATH } from './names.ts';

/** Those with a name of their own; the rest follows from the status. */
const NAMES: Partial<Readonly<Record<ErrorCode, string>>> = {
  authorization_details_invalid: 'invalid_authorization_details',
  credential_exceeds_policy: 'invalid_scope',
  dpop_nonce_needed: 'use_dpop_nonce',
  dpop_proof_invalid: 'invalid_dpop_proof',
  dpop_proof_missing: 'invalid_dpop_proof',
  grant_type_unsupported: 'unsupported_grant_type',
  permission_missing: 'unauthorized_client',
  request_denied: 'access_denied',
  scope_invalid: 'invalid_scope',
  target_invalid: 'invalid_target',
};

/** What is wrong with an approval that is polled for (CIBA section 11). An exchange says invalid_request (RFC 8693). */
const NAMES_OF_POLLS: Partial<Readonly<Record<ErrorCode, string>>> = {
  agent_revoked: 'access_denied',
  already_claimed: 'invalid_grant',
  already_started: 'invalid_grant',
  approval_revoked: 'access_denied',
  claim_expired: 'expired_token',
  denied_by_policy: 'access_denied',
  no_credential: 'invalid_grant',
  not_approved: 'invalid_grant',
  not_found: 'invalid_grant',
  polled_too_soon: 'slow_down',
  quorum_lost: 'access_denied',
  request_expired: 'expired_token',
  request_pending: 'authorization_pending',
  result_already_reported: 'invalid_grant',
};

/** Statuses that say the same here as everywhere; every other refusal is 400 (RFC 6749 section 5.2). */
const KEPT_STATUSES: ReadonlySet<number> = new Set([401, 408, 413, 415, 429, 500, 503]);

/** The characters of an error_description. */
const NOT_DESCRIBABLE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

type FieldError = { readonly path: string; readonly message: string };

/** The name that OAuth has for an error; of an approval that is polled for, that of CIBA. */
export function oauthNameOf(code: ErrorCode, isPoll = false): string {
  const name = (isPoll ? NAMES_OF_POLLS[code] : undefined) ?? NAMES[code];
  if (name !== undefined) return name;
  const { status } = ERRORS[code];
  if (status === 401) return 'invalid_client';
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
}

/** The status under which it is answered: 401 is for who the client is alone, a proof of its key is a part of the request. */
export function oauthStatusOf(code: ErrorCode): number {
  const { status } = ERRORS[code];
  const isKept = KEPT_STATUSES.has(status) && !(status === 401 && NAMES[code] !== undefined);
  return isKept ? status : 400;
}

/** Endpoints that give no token: a client without the right for them hears 403. */
const FORBIDDING: ReadonlySet<string> = new Set([INTROSPECTION_PATH, REVOCATION_PATH]);

/** Sends the error with the headers that its status asks for. */
export function sendOAuthError(request: FastifyRequest, reply: FastifyReply, error: PlacetError): FastifyReply {
  const { code } = error;
  const { grant_type } = (request.body ?? {}) as { readonly grant_type?: unknown };
  const isAtOnce = code === 'request_denied' && request.routeOptions.url === BACKCHANNEL_PATH;
  // Where nobody was asked the status says so, too (CIBA section 13), and where a client may not ask (RFC 7662 section 2.3).
  const isForbidden = code === 'permission_missing' && FORBIDDING.has(request.routeOptions.url ?? '');
  const status = isAtOnce || isForbidden ? 403 : oauthStatusOf(code);
  addErrorHeaders(reply, error);
  // A client that tries another way is told which one we take first (RFC 6749 section 5.2).
  if (status === 401) reply.header('www-authenticate', 'Basic realm="placet", charset="UTF-8"');
  const body = {
    error: oauthNameOf(code, grant_type === POLL_GRANT),
    error_description: describe(error),
    error_uri: `${PROBLEM_TYPE_BASE}${code}`,
  };
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('pragma', 'no-cache')
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(body)));
}

function describe({ code, details }: PlacetError): string {
  const fields = (details['errors'] ?? []) as readonly FieldError[];
  const places = fields.map(({ path, message }) => `${path.replace(/^\//, '')} ${message}`.trim());
  return [ERRORS[code].title, ...places].join(' ').replaceAll('’', "'").replaceAll(NOT_DESCRIBABLE, '?');
}
