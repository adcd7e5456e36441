// Seals bytes under the master key: AES-256-GCM with a fresh nonce, bound to the place where they belong.
// Knows nothing of what it seals.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PlacetError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';

/** 32 bytes: AES-256. */
export type MasterKey = Secret<Uint8Array>;

const VERSION = 1;
/** The size NIST SP 800-38D is made for; random is fine far below 2^32 seals under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

type SealInput = {
  readonly master_key: MasterKey;
  /** Names the one place where the bytes may be opened again, such as purpose, tenant and kid. */
  readonly place: readonly string[];
  readonly bytes: Uint8Array;
};

/** Version, nonce, ciphertext and tag as one byte string. */
export function seal({ master_key, place, bytes }: SealInput): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', master_key.unwrap(), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(place));
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** The sealed bytes; throws PlacetError `internal` when they were changed, moved or sealed under another key. */
export function unseal({ master_key, place, bytes }: SealInput): Buffer {
  try {
    if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw new Error('not a sealed value');
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', master_key.unwrap(), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(place));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new PlacetError('internal', {}, cause);
  }
}

/** JSON keeps ["a","bc"] and ["ab","c"] apart. */
function additionalData(place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(place));
}
