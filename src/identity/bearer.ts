// The text of a secret that its holder bears: a prefix, 43 base62 characters of randomness, 6 of checksum, so that scanners find
// it and can tell a real one from a look-alike without asking us. Only its hash is kept.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { makeSecret, type Secret } from '../domain/secret.ts';

export const BEARER_RANDOM_BYTES = 32;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just above 2^256, 62^6 above 2^32. */
const RANDOM_CHARACTERS = 43;
const CHECKSUM_CHARACTERS = 6;
const BODY = new RegExp(`^[0-9A-Za-z]{${RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}$`);

/** A new text from 32 random bytes; to be shown once. */
export function makeBearer(prefix: string, random: Uint8Array): Secret<string> {
  if (random.length !== BEARER_RANDOM_BYTES) throw new RangeError(`a secret takes ${BEARER_RANDOM_BYTES} random bytes`);
  const body = prefix + toBase62(BigInt(`0x${Buffer.from(random).toString('hex')}`), RANDOM_CHARACTERS);
  return makeSecret(body + checksum(body));
}

/** True for the form and checksum; says nothing about whether it exists. */
export function isBearer(prefix: string, text: string): boolean {
  const isFormed = text.startsWith(prefix) && BODY.test(text.slice(prefix.length));
  return isFormed && checksum(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS);
}

/** The SHA-256 under which it is stored: 256 random bits leave nothing to guess, so a plain hash serves. */
export function hashBearer(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** The first characters, by which a person knows it again in a list. */
export function bearerHint(prefix: string, text: string): string {
  return text.slice(0, prefix.length + 4);
}

function checksum(text: string): string {
  return toBase62(BigInt(crc32(text)), CHECKSUM_CHARACTERS);
}

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let left = value; text.length < length; left /= 62n) text = (BASE62[Number(left % 62n)] ?? '') + text;
  return text;
}
