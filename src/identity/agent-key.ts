// The key of an agent, `plk_…`.

import { PlacetError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { BEARER_RANDOM_BYTES, bearerHint, hashBearer, isBearer, makeBearer } from './bearer.ts';

export const AGENT_KEY_RANDOM_BYTES = BEARER_RANDOM_BYTES;

const PREFIX = 'plk_';

/** A new key from 32 random bytes; to be shown once. */
export function makeAgentKey(random: Uint8Array): Secret<string> {
  return makeBearer(PREFIX, random);
}

/** True for the form and checksum of an agent key; says nothing about whether it exists. */
export function isAgentKey(text: string): boolean {
  return isBearer(PREFIX, text);
}

/** The SHA-256 under which a key is stored; throws PlacetError `agent_key_invalid` for what cannot be a key. */
export function hashAgentKey(text: string): Uint8Array {
  if (!isAgentKey(text)) throw new PlacetError('agent_key_invalid');
  return hashBearer(text);
}

/** The first characters of a key, by which a person knows it again in a list. */
export function agentKeyHint(text: string): string {
  return bearerHint(PREFIX, text);
}
