// Masked parameters as the use cases know them: taken out of what is asked before anything is written. Types, and no secret.

import type { JsonObject, MaskedValues } from '../../domain/request/request.ts';

/** By name, as the SDK's digest takes them. */
export type Salts = { readonly [name: string]: string };

/** Which request of which tenant: what is sealed for one opens for no other. */
export type MaskPlace = { readonly tenant_id: string; readonly request_id: string };

export type MaskedAsk = {
  /** All but the masked ones. */
  readonly parameters: JsonObject;
  readonly masked: MaskedValues;
  readonly salts: Salts;
  readonly salts_sealed: Uint8Array;
};

export type Masks = {
  /** Puts commitments under fresh salts in the place of the named parameters; null when none of them is there. */
  readonly hide: (place: MaskPlace, parameters: JsonObject, names: readonly string[]) => MaskedAsk | null;
  readonly openSalts: (place: MaskPlace, salts_sealed: Uint8Array) => Salts;
  /** The digest of a body under the salts: a plain one could be tried until it fits, as few values may be possible. */
  readonly digestUnder: (salts: Salts, body_digest: Uint8Array) => Uint8Array;
};
