// Digests: the short name of exact bytes. The tool makes its own from what it is about to run, never from what it is told.
import { createHash, timingSafeEqual } from 'node:crypto';
import { type ActionEnvelope, actionBytes } from './canonical.ts';
import { maskAction, type Salts } from './mask.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** `sha256:` and the SHA-256 (FIPS 180-4) of `bytes` as 64 lower-case hexadecimal digits. */
export function sha256Digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * The digest of an action, `sha256:…`: what the approver saw and the credential names (`authorization_details`, RFC 9396). Where
 * parameters are masked it takes their salts, which the answer to the request and the credential hold. Throws StrictJsonError
 * where the approval API would refuse the action.
 */
export function actionDigest(envelope: ActionEnvelope, salts: Salts = {}): string {
  const { action, resource, parameters } = envelope;
  // The whole action is judged first, with the values that are masked.
  const bytes = actionBytes({ action, resource, parameters });
  if (Object.keys(salts).length === 0) return sha256Digest(bytes);
  const { envelope: open, masked } = maskAction(envelope, salts);
  return sha256Digest(actionBytes(open, masked));
}

/** True for the text form of a digest. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value);
}

/** True when both are digests and the same one; takes as long for a near miss as for a far one. */
export function isSameDigest(one: string, other: string): boolean {
  return isDigest(one) && isDigest(other) && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
