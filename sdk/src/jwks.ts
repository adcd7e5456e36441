// Which public keys may verify a credential. A key set is taken whole or refused whole, since one bad key in it means
// that its publisher is confused; no key ever comes from the token itself.
import { calculateJwkThumbprint } from 'jose';
import { CredentialError } from './credential-error.ts';
import { isPublicKey } from './public-key.ts';
import { isTokenAlgorithm } from './token-format.ts';

export type PublicJwk = {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  /** Two names of one algorithm; a new key set says `EdDSA`. */
  readonly alg: 'EdDSA' | 'Ed25519';
  readonly use: 'sig';
  readonly kid: string;
};

export type Jwks = { readonly keys: readonly PublicJwk[] };

/** Web Crypto's own name for it. */
export const KEY_ALGORITHM = 'Ed25519';

/** Verifies with Ed25519 and nothing else, whatever a header says. */
export type VerificationKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Rotation keeps a few keys published at once; a longer list is not ours. */
const KEYS_MAX = 32;

/** Every member a published key of ours has. Anything else, such as the private `d`, refuses the set. */
const MEMBERS: ReadonlySet<string> = new Set(['kty', 'crv', 'x', 'alg', 'use', 'kid']);

/** 32 bytes in base64url with zero spare bits. */
const POINT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

type KeySet = ReadonlyMap<string, PublicJwk>;

/** Sets judged lately, by their very text, so that a document that was changed meanwhile is judged anew. */
const judged = new Map<string, KeySet>();
/** A tool trusts one issuer, perhaps a few; a set that rotates brings a new text. The oldest goes. */
const JUDGED_MAX = 32;

/**
 * The keys of a JWKS document (RFC 7517 section 5) by `kid`, which must be the thumbprint of its key (RFC 7638). Throws
 * CredentialError `keys_refused` unless each one is a public Ed25519 signing key (RFC 8037).
 */
export async function readJwks(document: unknown): Promise<KeySet> {
  const text = toText(document);
  const known = judged.get(text);
  if (known !== undefined) return known;
  const keys = await judge(JSON.parse(text));
  const oldest = judged.keys().next();
  if (judged.size >= JUDGED_MAX && !oldest.done) judged.delete(oldest.value);
  judged.set(text, keys);
  return keys;
}

function toText(document: unknown): string {
  try {
    return JSON.stringify(document) ?? 'null';
  } catch (cause) {
    throw new CredentialError('keys_refused', { cause });
  }
}

async function judge(document: unknown): Promise<KeySet> {
  const list = typeof document === 'object' && document !== null && 'keys' in document ? document.keys : undefined;
  if (!Array.isArray(list) || list.length > KEYS_MAX) throw new CredentialError('keys_refused');
  const keys = new Map<string, PublicJwk>();
  for (const jwk of list) {
    if (!isPublicJwk(jwk) || keys.has(jwk.kid)) throw new CredentialError('keys_refused');
    // RFC 7638: the name follows from the key, so no publisher can pass one key off under the name of another.
    if ((await calculateJwkThumbprint(jwk)) !== jwk.kid) throw new CredentialError('keys_refused');
    keys.set(jwk.kid, Object.freeze(jwk));
  }
  return keys;
}

function isPublicJwk(jwk: unknown): jwk is PublicJwk {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const members: Record<string, unknown> = { ...jwk };
  if (!Object.keys(members).every((name) => MEMBERS.has(name))) return false;
  const isOurs = members['kty'] === 'OKP' && members['crv'] === 'Ed25519' && isTokenAlgorithm(members['alg']);
  if (!isOurs || members['use'] !== 'sig' || typeof members['kid'] !== 'string') return false;
  const x = members['x'];
  return typeof x === 'string' && POINT.test(x) && isPublicKey(Buffer.from(x, 'base64url'));
}

/** Keys made ready, as long as their set is kept; the objects are ours and frozen. */
const ready = new WeakMap<PublicJwk, Promise<VerificationKey>>();

/** Makes a key of readJwks ready for use, once. */
export function toVerificationKey(jwk: PublicJwk): Promise<VerificationKey> {
  const known = ready.get(jwk);
  if (known !== undefined) return known;
  const made = crypto.subtle.importKey('raw', Buffer.from(jwk.x, 'base64url'), KEY_ALGORITHM, false, ['verify']);
  ready.set(jwk, made);
  return made;
}
