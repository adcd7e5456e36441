// What an agent framework keeps outside, such as a paused run, in a form that nobody else can read, change or use elsewhere.
import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { decodeBase64url } from './token-format.ts';

export type SealOptions = {
  /** At least 32 characters. */
  readonly secret: string;
  /** What it is good for, such as the id of its run: sealed for one, it does not open for another. */
  readonly binding: string;
};

/** Shorter ones can be tried out by whoever holds something sealed. */
const SECRET_LENGTH_MIN = 32;

/** Seals a text (JWE, RFC 7516, with A256GCM) under a key of its binding's own. Throws TypeError for a short secret. */
export async function sealState(text: string, options: SealOptions): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new CompactEncrypt(bytes).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(keyOf(options));
}

/**
 * Opens what sealState gave (RFC 7516). Throws an error of `jose` when it was changed or sealed for something else, and
 * TypeError when it is written in another way, since the spare bits of base64url would give one state several texts.
 */
export async function openState(sealed: string, options: SealOptions): Promise<string> {
  const key = keyOf(options);
  const isMalformed = sealed.split('.').some((part) => decodeBase64url(part) === null);
  if (isMalformed) throw new TypeError('a sealed state is base64url with zero spare bits');
  const { plaintext } = await compactDecrypt(sealed, key, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  return new TextDecoder().decode(plaintext);
}

function keyOf({ secret, binding }: SealOptions): Uint8Array {
  if (typeof secret !== 'string' || secret.length < SECRET_LENGTH_MIN) {
    throw new TypeError(`a seal needs a secret of at least ${SECRET_LENGTH_MIN} characters`);
  }
  return new Uint8Array(hkdfSync('sha256', secret, '', `placet/state/v1\n${binding}`, 32));
}
