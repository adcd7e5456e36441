// Masked parameters: fresh salts, the commitments that stand for the values, and the salts sealed under the master key.
// A value itself leaves here in nothing.

import { createHmac, randomBytes } from 'node:crypto';
import { maskAction } from '@placet/sdk';
import type { JsonObject, MaskedValues } from '../domain/request/request.ts';
import { type MasterKey, seal, unseal } from './seal.ts';

/** 128 bits: no two are ever alike, and none can be tried. */
const SALT_BYTES = 16;

type Salts = { readonly [name: string]: string };
type Place = { readonly tenant_id: string; readonly request_id: string };
type Hidden = {
  readonly parameters: JsonObject;
  readonly masked: MaskedValues;
  readonly salts: Salts;
  readonly salts_sealed: Uint8Array;
};

const placeOf = ({ tenant_id, request_id }: Place) => ['masked parameters', tenant_id, request_id];

/** The named parameters as commitments, each under a salt of its own; null when none of them is there. */
export function hideParameters(
  master_key: MasterKey,
  place: Place,
  input: { readonly parameters: JsonObject; readonly names: readonly string[] },
): Hidden | null {
  const names = input.names.filter((name) => Object.hasOwn(input.parameters, name));
  if (names.length === 0) return null;
  const salts = Object.fromEntries(names.map((name) => [name, randomBytes(SALT_BYTES).toString('base64url')]));
  const { envelope, masked } = maskAction({ action: '', resource: '', parameters: input.parameters }, salts);
  const bytes = Buffer.from(JSON.stringify(salts));
  return {
    parameters: envelope.parameters,
    masked,
    salts,
    salts_sealed: seal({ master_key, place: placeOf(place), bytes }),
  };
}

/** The salts of one request; throws PlacetError `internal` when they were changed, or sealed for another. */
export function openSalts(master_key: MasterKey, place: Place, salts_sealed: Uint8Array): Salts {
  return JSON.parse(unseal({ master_key, place: placeOf(place), bytes: salts_sealed }).toString('utf8')) as Salts;
}

/** The digest of a body under the salts of its request. */
export function digestUnderSalts(salts: Salts, body_digest: Uint8Array): Uint8Array {
  const key = Object.keys(salts)
    .sort()
    .map((name) => salts[name])
    .join();
  return createHmac('sha256', key).update(body_digest).digest();
}
