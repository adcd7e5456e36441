// Nonces of the server for proofs of possession (RFC 9449 section 8): made from the time and the master key, so that every
// process knows them and none is stored. A proof that bears one was made after it, so none is made in advance.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from './seal.ts';

/** A new one each minute; the last five are taken, so that nobody meets the end of one between two calls. */
const STEP_SECONDS = 60;
const STEPS_TAKEN = 5;
const PURPOSE = 'placet/dpop-nonce/v1';
/** 128 bits cannot be guessed in the five minutes that one is good for. */
const NONCE_BYTES = 16;

type Place = { readonly master_key: MasterKey; readonly tenant_id: string; readonly now: Date };

/** The one that is given out now. */
export function nonceAt(place: Place): string {
  return nonceOf(place, stepAt(place.now));
}

/** True for one that was given out in the last minutes. */
export function isFresh(nonce: string, place: Place): boolean {
  const wanted = Buffer.from(nonce);
  return Array.from({ length: STEPS_TAKEN }, (_, back) => nonceOf(place, stepAt(place.now) - back)).some((own) => {
    const bytes = Buffer.from(own);
    return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}

function stepAt(now: Date): number {
  return Math.floor(now.getTime() / 1_000 / STEP_SECONDS);
}

function nonceOf({ master_key, tenant_id }: Place, step: number): string {
  const mac = createHmac('sha256', master_key.unwrap())
    .update(JSON.stringify([PURPOSE, tenant_id, step]))
    .digest();
  return mac.subarray(0, NONCE_BYTES).toString('base64url');
}
