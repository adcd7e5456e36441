// The key of an agent: `plk_`, 43 base62 characters of randomness, 6 of checksum, so that scanners find it and can tell
// a real one from a look-alike without asking us. Only its hash is kept.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { PlacetError } from '../domain/errors.ts';
import { makeSecret, type Secret } from '../domain/secret.ts';

export const AGENT_KEY_RANDOM_BYTES = 32;

const PREFIX = 'plk_';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is just above 2^256, 62^6 above 2^32. */
const RANDOM_CHARACTERS = 43;
const CHECKSUM_CHARACTERS = 6;
const FORM = /^plk_[0-9A-Za-z]{49}$/;

/** A new key from 32 random bytes; to be shown once. */
export function makeAgentKey(random: Uint8Array): Secret<string> {
  if (random.length !== AGENT_KEY_RANDOM_BYTES)
    throw new RangeError(`a key takes ${AGENT_KEY_RANDOM_BYTES} random bytes`);
  const body = PREFIX + toBase62(BigInt(`0x${Buffer.from(random).toString('hex')}`), RANDOM_CHARACTERS);
  return makeSecret(body + checksum(body));
}

/** True for the form and checksum of an agent key; says nothing about whether it exists. */
export function isAgentKey(text: string): boolean {
  return FORM.test(text) && checksum(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS);
}

/** The SHA-256 under which a key is stored; throws PlacetError `agent_key_invalid` for what cannot be a key. */
export function hashAgentKey(text: string): Uint8Array {
  if (!isAgentKey(text)) throw new PlacetError('agent_key_invalid');
  // A plain hash serves: 256 random bits leave nothing to guess.
  return createHash('sha256').update(text).digest();
}

/** The first characters of a key, by which a person knows it again in a list. */
export function agentKeyHint(text: string): string {
  return text.slice(0, PREFIX.length + 4);
}

function checksum(text: string): string {
  return toBase62(BigInt(crc32(text)), CHECKSUM_CHARACTERS);
}

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let left = value; text.length < length; left /= 62n) text = (BASE62[Number(left % 62n)] ?? '') + text;
  return text;
}
