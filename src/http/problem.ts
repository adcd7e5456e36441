// Errors at this door: whatever was thrown becomes one PlacetError, and that becomes problem+json (RFC 9457).
// Nothing but the table's text and the error's public details ever reaches a body.

import type { FastifyError, FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { PROOF_ALGORITHMS } from '../domain/credential/proof.ts';
import { ERRORS, type ErrorCode, PlacetError } from '../domain/errors.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
export const PROBLEM_TYPE_BASE = 'https://placet.dev/errors/';

/** A caller mends a body field by field; more than this many at once helps nobody. */
const FIELD_ERRORS_MAX = 20;
/** Names in a message come from the caller, so one message cannot fill the answer. */
const MESSAGE_CHARACTERS_MAX = 200;
/** A restarted dependency is back within seconds; agents add their own jitter. */
const RETRY_AFTER_SECONDS_DEFAULT = 2;

type FieldError = { readonly path: string; readonly message: string };

type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
  readonly [extension: string]: unknown;
};

/** The body for an error: its public details first, so that none can replace the code or the status. */
export function problemOf(error: PlacetError): Problem {
  const { status, title, retryable } = ERRORS[error.code];
  const { code } = error;
  return { ...error.details, type: `${PROBLEM_TYPE_BASE}${code}`, title, status, code, retryable };
}

/** An `invalid_request` with the fields that are wrong, at most 20. */
export function invalidRequest(errors: readonly FieldError[]): PlacetError {
  const shown = errors
    .slice(0, FIELD_ERRORS_MAX)
    .map(({ path, message }) => ({ path: cut(path), message: cut(message) }));
  return new PlacetError('invalid_request', { errors: shown });
}

/** Sends the problem with the headers that its status asks for (RFC 9110: 401, 429, 503). */
export function sendProblem(reply: FastifyReply, error: PlacetError): FastifyReply {
  const { status } = ERRORS[error.code];
  if (status === 401) reply.header('www-authenticate', challengeOf(error));
  addErrorHeaders(reply, error);
  // Bytes pass the route's serialiser untouched, so an undocumented code still comes out as what it is.
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(problemOf(error))));
}

/** What an error says in headers, whatever its body is: the nonce that a proof must bear, when to try again. */
export function addErrorHeaders(reply: FastifyReply, error: PlacetError): void {
  const { status } = ERRORS[error.code];
  const { nonce } = error.details;
  if (typeof nonce === 'string') reply.header('dpop-nonce', nonce);
  const asks_to_wait = status === 429 || status === 503 || error.details['retry_after_seconds'] !== undefined;
  if (asks_to_wait) reply.header('retry-after', retryAfterSeconds(error));
}

/** RFC 9449 section 7.1 and 9: which proof is asked for. */
function challengeOf({ code }: PlacetError): string {
  const reason = code === 'dpop_nonce_needed' ? 'use_dpop_nonce' : 'invalid_dpop_proof';
  return code.startsWith('dpop_')
    ? `DPoP error="${reason}", algs="${PROOF_ALGORITHMS.join(' ')}"`
    : 'Bearer realm="placet"';
}

/** One PlacetError for anything thrown here: ours as it is, Fastify's by its code, the rest `internal`. */
export function toPlacetError(error: unknown): PlacetError {
  if (error instanceof PlacetError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return fromValidation(error);
  return new PlacetError(codeOf(error as Partial<FastifyError>), {}, error);
}

function codeOf(error: Partial<FastifyError>): ErrorCode {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'body_too_large';
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return 'unsupported_media_type';
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return 'not_found';
    case 'FST_ERR_HANDLER_TIMEOUT':
      return 'unavailable';
    default: {
      // A body that breaks off mid-way arrives as the stream's own error, marked 400 by the body reader.
      const status = error.statusCode ?? 500;
      return status >= 400 && status < 500 ? 'http_malformed' : 'internal';
    }
  }
}

type ValidationError = Parameters<typeof fieldErrorsOf>[0] & { readonly validationContext?: string | undefined };

function fromValidation(error: ValidationError): PlacetError {
  // An id that cannot exist is answered like one that does not.
  if (error.validationContext === 'params') return new PlacetError('not_found');
  if (error.validationContext === 'headers') return new PlacetError('idempotency_key_missing');
  return invalidRequest(fieldErrorsOf(error));
}

function fieldErrorsOf(error: {
  readonly validation: readonly { instancePath: string; message?: string; params?: Record<string, unknown> }[];
}): FieldError[] {
  return error.validation.flatMap(({ instancePath, message, params }) => {
    const path = instancePath === '/' ? '' : instancePath;
    const unknown = params?.['keys'];
    if (Array.isArray(unknown)) {
      return unknown.map((name) => ({ path: `${path}/${pointerPart(String(name))}`, message: 'is not known here' }));
    }
    return [{ path, message: message ?? 'is wrong' }];
  });
}

/** A name as one step of a JSON Pointer (RFC 6901). */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function cut(text: string): string {
  if (text.length <= MESSAGE_CHARACTERS_MAX) return text;
  // By code points, so that no half of a surrogate pair is left over.
  return `${[...text].slice(0, MESSAGE_CHARACTERS_MAX).join('')}…`;
}

function retryAfterSeconds(error: PlacetError): number {
  const input = error.details['retry_after_seconds'];
  return typeof input === 'number' && input > 0 ? Math.ceil(input) : RETRY_AFTER_SECONDS_DEFAULT;
}
