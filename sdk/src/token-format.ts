// The gate before any cryptography (RFC 8725bis, "Check JWT Format Type"): one credential has exactly one text form.
// Decides on characters, sizes and header members only; trusts nothing that it reads.
import { CredentialError } from './credential-error.ts';
import type { JsonValue } from './json.ts';
import { parseStrictJson } from './strict-json.ts';

/** A credential has a handful of claims; anything longer is not ours and not worth decoding. */
const TOKEN_LENGTH_MAX = 8_192;

/** An RFC 7638 thumbprint: 32 bytes in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

const TOKEN_TYPE = 'at+jwt';
/** A name of Ed25519 (RFC 8037, RFC 9864). `EdDSA` may mean Ed448 too; the key settles that, and ours are Ed25519. */
export function isTokenAlgorithm(alg: unknown): alg is 'EdDSA' | 'Ed25519' {
  return alg === 'EdDSA' || alg === 'Ed25519';
}

export type TokenParts = {
  readonly kid: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** What the signature is over: RFC 7515 section 5.2, step 8. */
  readonly signed: Uint8Array<ArrayBuffer>;
};

/** The parts of a well-formed token, all of them still unverified; throws CredentialError for any other text. */
export function splitToken(token: unknown): TokenParts {
  if (typeof token !== 'string') throw new CredentialError('token_malformed');
  // First of all, so that a huge text costs nothing.
  if (token.length > TOKEN_LENGTH_MAX) throw new CredentialError('token_too_long');
  const [header, payload, signature, ...more] = token.split('.');
  if (!header || !payload || !signature || more.length > 0) throw new CredentialError('token_malformed');
  const decoded = { payload: fromBase64url(payload), signature: fromBase64url(signature) };
  const kid = readHeader(fromBase64url(header));
  return { ...decoded, kid, signed: Buffer.from(`${header}.${payload}`, 'ascii') };
}

/**
 * Decodes base64url without padding (RFC 4648 section 5); null for other characters, and for the spare bits that give one value
 * several texts.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/** The same of a part of a token, which is refused where it is none. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64url(text);
  if (bytes === null) throw new CredentialError('token_malformed');
  return bytes;
}

/** Checks that the header is exactly {typ, alg, kid} and answers the kid. */
function readHeader(bytes: Uint8Array): string {
  const header = toObject(bytes, 'header_malformed');
  const refused = Object.keys(header).find((name) => name !== 'typ' && name !== 'alg' && name !== 'kid');
  // jwk, jku, x5u, crit, zip, b64 and the like would let the token say how it wants to be verified.
  if (refused !== undefined) throw new CredentialError('header_member_refused');
  if (header['typ'] !== TOKEN_TYPE) throw new CredentialError('type_refused');
  if (!isTokenAlgorithm(header['alg'])) throw new CredentialError('algorithm_refused');
  const kid = header['kid'];
  if (typeof kid !== 'string' || !THUMBPRINT.test(kid)) throw new CredentialError('key_id_refused');
  return kid;
}

/** Reads bytes as one strict JSON object (no duplicate names, no byte order mark); throws CredentialError `code`. */
export function toObject(
  bytes: Uint8Array,
  code: 'header_malformed' | 'claims_malformed',
): { readonly [name: string]: JsonValue } {
  let value: JsonValue;
  try {
    value = parseStrictJson(bytes, { bytesMax: TOKEN_LENGTH_MAX, depthMax: 8, membersMax: 64 });
  } catch (cause) {
    throw new CredentialError(code, { cause });
  }
  if (!isObject(value) || !isOurs(value)) throw new CredentialError(code);
  return value;
}

/** In a body these names are data; no token of ours has one, and claims travel into code that may merge objects. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A token says less than a body may: no member that could be taken for a prototype, no number past 2^53 - 1. */
function isOurs(value: JsonValue): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => !PROTOTYPE_NAMES.has(name) && isOurs(member));
}

/** True for a JSON object, as opposed to an array or null. */
export function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
