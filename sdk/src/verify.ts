// The verifier for tools and gateways: format, key, signature, claims, time, action, in this order, and no exception.
// It does not spend the credential: single use is known only to the server (spendCredential).
import type { ActionEnvelope } from './canonical.ts';
import { type CredentialClaims, readClaims } from './claims.ts';
import { CredentialError } from './credential-error.ts';
import { actionDigest, isSameDigest } from './digest.ts';
import { type Jwks, KEY_ALGORITHM, readJwks, toVerificationKey, type VerificationKey } from './jwks.ts';
import type { Salts } from './mask.ts';
import { checkProof, type PresentedProof } from './proof.ts';
import { remoteKeys } from './remote-keys.ts';
import { splitToken, type TokenParts } from './token-format.ts';

export type VerifyOptions = {
  /** The exact issuer: the server's public URL. */
  readonly issuer: string;
  /** The exact name of this tool. */
  readonly audience: string;
  /** The JWKS document, or the URL of it (kept for five minutes). */
  readonly keys: Jwks | string | URL;
  /** What is about to run, or its digest. Leave it out only where nothing will run. */
  readonly action?: ActionEnvelope | string;
  /**
   * The DPoP proof that came with the call, where one came: a credential that is bound to a key is refused without. Null only
   * where nobody presents the credential, such as at its issuer.
   */
  readonly proof?: PresentedProof | null | undefined;
  readonly now?: Date;
  /** How far ahead the issuer's clock may be; 0 to 10, by default 10. Never prolongs a credential. */
  readonly clockToleranceSeconds?: number;
  /** Accepts a credential this long after its end; only for telling how a call went that began in time. */
  readonly acceptExpiredSeconds?: number;
};

/** A credential that lives longer than this was not issued under our rules. */
const LIFETIME_SECONDS_MAX = 900;
/** FAPI 2.0 section 5.3.2.1: clocks that are 10 s apart must be borne with. */
const CLOCK_TOLERANCE_SECONDS_MAX = 10;
/** After an hour nobody waits for a result; the agent's key can still report it. */
const ACCEPT_EXPIRED_SECONDS_MAX = 3_600;

/**
 * The claims of a valid credential: a JWT as RFC 9068 profiles it, in JWS compact form (RFC 7515), judged as RFC 8725 asks.
 * Throws CredentialError for any other text, and RangeError for seconds beyond their bounds. It spends nothing.
 */
export async function verifyCredential(token: string, options: VerifyOptions): Promise<CredentialClaims> {
  const parts = splitToken(token);
  await checkSignature(parts, await findKey(options.keys, parts.kid));
  const claims = readClaims(parts.payload);
  if (claims.iss !== options.issuer) throw new CredentialError('issuer_mismatch');
  if (claims.aud !== options.audience) throw new CredentialError('audience_mismatch');
  checkTimes(claims, options);
  if (options.proof !== null) await checkSender(token, claims, options);
  // A caller that hands over an `action` of undefined meant to compare: refused, not skipped.
  if ('action' in options) checkAction(claims, options.action);
  return claims;
}

/** A credential that is bound to a key comes with a proof of that key, for this call and this credential (RFC 9449 section 7). */
async function checkSender(token: string, { cnf }: CredentialClaims, options: VerifyOptions): Promise<void> {
  if (cnf === undefined) return;
  const { proof, now = new Date(), acceptExpiredSeconds: grace = 0 } = options;
  if (!proof) throw new CredentialError('proof_missing');
  const { method, url } = proof;
  const age_seconds_max = LIFETIME_SECONDS_MAX + grace;
  const age = grace === 0 ? {} : { age_seconds_max };
  const { jkt } = await checkProof(proof.jwt, { method, url, token, now, ...age });
  if (jkt !== cnf.jkt) throw new CredentialError('proof_of_another_key');
}

async function findKey(keys: VerifyOptions['keys'], kid: string): Promise<VerificationKey> {
  if (typeof keys === 'string' || keys instanceof URL) return remoteKeys(String(keys))(kid);
  const jwk = (await readJwks(keys)).get(kid);
  if (jwk === undefined) throw new CredentialError('key_unknown');
  return toVerificationKey(jwk);
}

/** The header is exactly what it must be by now, so what is left of RFC 7515 section 5.2 is the signature itself. */
async function checkSignature({ signature, signed }: TokenParts, key: VerificationKey): Promise<void> {
  const isSigned = await crypto.subtle.verify(KEY_ALGORITHM, key, signature, signed);
  if (!isSigned) throw new CredentialError('signature_invalid');
}

function checkTimes(claims: CredentialClaims, options: VerifyOptions): void {
  const now_ms = (options.now ?? new Date()).getTime();
  if (!Number.isFinite(now_ms)) throw new RangeError('now must be a valid date');
  const tolerance = within(options.clockToleranceSeconds ?? CLOCK_TOLERANCE_SECONDS_MAX, CLOCK_TOLERANCE_SECONDS_MAX);
  const grace = within(options.acceptExpiredSeconds ?? 0, ACCEPT_EXPIRED_SECONDS_MAX);
  if (claims.exp - claims.iat > LIFETIME_SECONDS_MAX) throw new CredentialError('lifetime_too_long');
  if (claims.iat * 1_000 > now_ms + tolerance * 1_000) throw new CredentialError('issued_in_the_future');
  if (now_ms >= (claims.exp + grace) * 1_000) throw new CredentialError('expired');
}

function within(seconds: number, seconds_max: number): number {
  if (!(seconds >= 0 && seconds <= seconds_max)) throw new RangeError(`seconds must lie in 0 to ${seconds_max}`);
  return seconds;
}

function checkAction(claims: CredentialClaims, action: ActionEnvelope | string | undefined): void {
  const [detail] = claims.authorization_details;
  if (!isSameDigest(toDigest(action, detail.salts), detail.digest)) throw new CredentialError('action_mismatch');
  if (typeof action !== 'object') return;
  // The digest covers both already; a credential whose plain words differ from its digest is a fault of its issuer.
  const isNamed = detail.actions[0] === action.action && detail.identifier === action.resource;
  if (!isNamed) throw new CredentialError('action_mismatch');
}

function toDigest(action: ActionEnvelope | string | undefined, salts: Salts | undefined): string {
  if (typeof action !== 'object') return action ?? '';
  try {
    return actionDigest(action, salts);
  } catch (cause) {
    throw new CredentialError('action_mismatch', { cause });
  }
}
