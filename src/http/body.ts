// Bodies: raw bytes are judged as strict I-JSON before anything parses them, and digested as they were sent.
// No field is checked here; that is the schemas' work.

import { createHash } from 'node:crypto';
import { ADVICE, canonicalBytes, parseStrictJson, StrictJsonError } from '@placet/sdk/canonical';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PlacetError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/request/request.ts';
import { invalidRequest } from './problem.ts';

/** An action that a person must read in full is far smaller. */
export const BODY_BYTES_MAX = 65_536;
/** Canonical numbers may be longer than what was sent (1e20 becomes 21 digits); a stored action holds 128 KiB. */
const CANONICAL_BYTES_MAX = 130_000;

/** Makes application/json the only media type and the strict reader its only parser. */
export function registerBodyParser(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    (_request, raw, done) => {
      try {
        // An empty body is no body, whatever its media type says: the schemas judge what is missing.
        done(null, raw.length === 0 ? undefined : readStrictJson(raw as Buffer));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

/** The value of a strict JSON document; throws invalid_json, body_too_large, or invalid_request past other limits. */
function readStrictJson(raw: Uint8Array): JsonValue {
  try {
    return parseStrictJson(raw);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw fromStrictJson(error);
  }
}

/** SHA-256 over the canonical bytes (RFC 8785) of the body as it was sent; call it before validation fills in defaults. */
export function digestBody(request: FastifyRequest): Uint8Array {
  const bytes = canonicalBytes((request.body ?? null) as JsonValue);
  if (bytes.length > CANONICAL_BYTES_MAX) throw new PlacetError('body_too_large');
  return createHash('sha256').update(bytes).digest();
}

/** Refuses a body where none is expected; an empty object counts as none. */
export async function refuseBody(request: FastifyRequest): Promise<void> {
  const { body } = request;
  if (body === undefined) return;
  const isEmptyObject = typeof body === 'object' && body !== null && !Array.isArray(body) && isEmpty(body);
  if (!isEmptyObject) throw invalidRequest([{ path: '', message: 'this path takes no body' }]);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function fromStrictJson(error: StrictJsonError): PlacetError {
  const { path } = error;
  switch (error.code) {
    case 'too_large':
      return new PlacetError('body_too_large', {}, error);
    case 'too_deep':
      return invalidRequest([{ path, message: 'is nested more than 32 levels deep: send the inner ones as text' }]);
    case 'too_many_members':
      return invalidRequest([{ path, message: 'the body has more than 1,000 members: send fewer, such as lists' }]);
    case 'name_too_long':
      return invalidRequest([{ path, message: 'a member name is longer than 256 characters: send it as a value' }]);
    default:
      return new PlacetError('invalid_json', { reason: error.code, path, detail: ADVICE[error.code] }, error);
  }
}
