// The admin token of a program, `plt_…`: another prefix than an agent's key, so that neither is ever taken for the other.

import type { Secret } from '../domain/secret.ts';
import { bearerHint, hashBearer, isBearer, makeBearer } from './bearer.ts';

const PREFIX = 'plt_';

/** A new token from 32 random bytes; to be shown once. */
export function makeAdminToken(random: Uint8Array): Secret<string> {
  return makeBearer(PREFIX, random);
}

/** The SHA-256 under which a token is stored; null for what cannot be one, so that garbage never reaches the database. */
export function hashAdminToken(text: string): Uint8Array | null {
  return isBearer(PREFIX, text) ? hashBearer(text) : null;
}

/** The first characters of a token, by which a person knows it again in a list. */
export function adminTokenHint(text: string): string {
  return bearerHint(PREFIX, text);
}
