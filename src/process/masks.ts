// What hides parameters under the master key, for the use cases that take masks.

import { digestUnderSalts, hideParameters, openSalts } from '../credentials/masks.ts';
import type { MasterKey } from '../credentials/seal.ts';
import type { Masks } from '../service/agent/masks.ts';

/** Masked parameters, with salts that are sealed under the master key. */
export function createMasks(master_key: MasterKey): Masks {
  return {
    hide: (place, parameters, names) => hideParameters(master_key, place, { parameters, names }),
    openSalts: (place, salts_sealed) => openSalts(master_key, place, salts_sealed),
    digestUnder: digestUnderSalts,
  };
}
