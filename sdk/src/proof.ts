// Proofs of possession (DPoP, RFC 9449): whoever calls signs the call with a key of its own, so that a credential bound to
// that key is of no use to a thief. Makes and checks one; that none is taken twice is for whoever keeps them to say.
import { createHash, randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import { CredentialError } from './credential-error.ts';
import type { JsonValue } from './json.ts';
import { isPublicKey } from './public-key.ts';
import { decodeBase64url, fromBase64url, isObject, toObject } from './token-format.ts';

/** The call that a proof is made for: its method, and its address as its caller has it. */
export type ProofCall = { readonly method: string; readonly url: string };
/** A proof as it came with that call. */
export type PresentedProof = ProofCall & { readonly jwt: string };

export type Proof = {
  /** The thumbprint of its key (RFC 7638), as it stands in `cnf` of what is bound to it. */
  readonly jkt: string;
  readonly jti: string;
  readonly iat: number;
  readonly nonce: string | null;
};

/** A key that proofs are made with; the private half cannot be read out of it. */
export type ProofKey = { readonly private_key: CryptoKey; readonly public_jwk: JWK };

const PROOF_TYPE = 'dpop+jwt';
/** Signatures that every library knows (RFC 9449 section 11.6 asks for asymmetric ones). */
const ALGORITHMS: ReadonlyMap<string, { readonly kty: string; readonly crv: string }> = new Map([
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ['Ed25519', { kty: 'OKP', crv: 'Ed25519' }],
]);
/** All that a public key of these has; a private or symmetric one has more. */
const KEY_MEMBERS: readonly string[] = ['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use', 'key_ops', 'ext'];
const PROOF_LENGTH_MAX = 4_096;
const JTI_LENGTH_MAX = 256;
/** How old a proof may be, and how far ahead its maker's clock. */
const PROOF_SECONDS_MAX = 60;

type CheckOptions = ProofCall & {
  /** The credential that it came with: then the proof names it (`ath`). */
  readonly token?: string | undefined;
  readonly now: Date;
  /** Accepts an older one; only for telling how a call went that began in time. */
  readonly age_seconds_max?: number;
};

/** What a proof for this very call says; throws CredentialError `proof_invalid` for any other text (RFC 9449 section 4.3). */
export async function checkProof(proof: unknown, options: CheckOptions): Promise<Proof> {
  if (typeof proof !== 'string' || proof.length > PROOF_LENGTH_MAX) throw invalid();
  const parts = proof.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || signature === '') throw invalid();
  const { alg, jwk } = readHeader(read(header));
  try {
    // One proof has one text, as a credential has.
    fromBase64url(signature);
    await compactVerify(proof, await importJWK(jwk as JWK, alg), { algorithms: [alg] });
  } catch (cause) {
    throw invalid('signature', cause);
  }
  const claims = read(payload);
  checkCall(claims, options);
  const { jti, iat, nonce = null } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_LENGTH_MAX) throw invalid('jti');
  if (nonce !== null && typeof nonce !== 'string') throw invalid('nonce');
  const now = options.now.getTime() / 1_000;
  const age_max = options.age_seconds_max ?? PROOF_SECONDS_MAX;
  const isTimely = typeof iat === 'number' && Number.isSafeInteger(iat);
  if (!isTimely || iat > now + PROOF_SECONDS_MAX || iat < now - age_max) throw invalid('iat');
  return { jkt: await calculateJwkThumbprint(jwk as JWK), jti, iat, nonce };
}

function checkCall({ htm, htu, ath }: { readonly [name: string]: JsonValue }, options: CheckOptions): void {
  if (htm !== options.method) throw invalid('htm');
  if (typeof htu !== 'string' || placeOf(htu) === null || placeOf(htu) !== placeOf(options.url)) throw invalid('htu');
  if (options.token !== undefined && ath !== hashOf(options.token)) throw invalid('ath');
}

/** The address without query and fragment, in the one form of its kind (RFC 3986); null for what is none. */
function placeOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { origin, pathname } = new URL(url);
  return origin === 'null' ? null : origin + pathname;
}

function readHeader(header: { readonly [name: string]: JsonValue }) {
  const { typ, alg, jwk } = header;
  if (Object.keys(header).some((name) => !['typ', 'alg', 'jwk'].includes(name))) throw invalid('header');
  if (typ !== PROOF_TYPE) throw invalid('typ');
  const kind = typeof alg === 'string' ? ALGORITHMS.get(alg) : undefined;
  if (typeof alg !== 'string' || kind === undefined) throw invalid('alg');
  const isPublic = isObject(jwk) && Object.keys(jwk).every((name) => KEY_MEMBERS.includes(name));
  if (!isPublic || jwk['kty'] !== kind.kty || jwk['crv'] !== kind.crv) throw invalid('jwk');
  // A key that no private half can have made binds a credential to everybody.
  if (kind.kty === 'OKP' && !isPoint(jwk['x'])) throw invalid('jwk');
  return { alg, jwk };
}

function isPoint(x: JsonValue | undefined): boolean {
  const bytes = typeof x === 'string' ? decodeBase64url(x) : null;
  return bytes !== null && isPublicKey(bytes);
}

function read(part: string): { readonly [name: string]: JsonValue } {
  try {
    return toObject(fromBase64url(part), 'claims_malformed');
  } catch (cause) {
    throw invalid(undefined, cause);
  }
}

function invalid(claim?: string, cause?: unknown): CredentialError {
  return new CredentialError('proof_invalid', { ...(claim === undefined ? {} : { claim }), cause });
}

function hashOf(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url');
}

/** A new key for proofs (RFC 7518 section 3.4, ES256), for as long as the process lives. Throws where there is no WebCrypto. */
export async function createProofKey(): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: false });
  return { private_key: privateKey, public_jwk: await exportJWK(publicKey) };
}

/**
 * A proof for one call (RFC 9449 section 4.2), with the credential that goes with it and the server's nonce, where there are any.
 * Throws TypeError for an address that is none.
 */
export async function signProof(
  { private_key, public_jwk }: ProofKey,
  { method, url, token, nonce, now = new Date() }: ProofCall & { token?: string; nonce?: string; now?: Date },
): Promise<string> {
  const htu = placeOf(url);
  if (htu === null) throw new TypeError('a proof is for the whole address of a call');
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu,
    ...(token === undefined ? {} : { ath: hashOf(token) }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ typ: PROOF_TYPE, alg: 'ES256', jwk: public_jwk })
    .setIssuedAt(Math.floor(now.getTime() / 1_000))
    .sign(private_key);
}
