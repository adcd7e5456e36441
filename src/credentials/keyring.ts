// Signing keys: made here, kept sealed, opened into a key object that can sign and cannot be exported.
// Stores and caches nothing; the private bytes leave this file only sealed.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { PublicJwk } from '@placet/sdk';
import { calculateJwkThumbprint } from 'jose';
import { PlacetError } from '../domain/errors.ts';
import { type MasterKey, seal, unseal } from './seal.ts';

/** One row of signing_keys. */
export type SealedKey = { readonly kid: string; readonly public_jwk: PublicJwk; readonly private_sealed: Uint8Array };

export type SigningKey = {
  readonly kid: string;
  readonly public_jwk: PublicJwk;
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
};

/** The older of the two names of one algorithm, which every library knows (RFC 8037; RFC 9864 has the other). */
export const TOKEN_ALGORITHM = 'EdDSA';

const PURPOSE = 'placet/signing-key/v1';

/** A new Ed25519 key for one tenant; kid is the RFC 7638 thumbprint, the private half is sealed as PKCS #8. */
export async function generateSigningKey(input: {
  readonly master_key: MasterKey;
  readonly tenant_id: string;
}): Promise<SealedKey> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const public_jwk = await toPublicJwk(publicKey);
  const bytes = privateKey.export({ format: 'der', type: 'pkcs8' });
  const place = [PURPOSE, input.tenant_id, public_jwk.kid];
  const private_sealed = seal({ master_key: input.master_key, place, bytes });
  bytes.fill(0);
  return { kid: public_jwk.kid, public_jwk, private_sealed };
}

/** Opens a row of signing_keys for signing; throws PlacetError `internal` when the row was changed or moved. */
export async function openSigningKey(input: {
  readonly master_key: MasterKey;
  readonly tenant_id: string;
  readonly row: Pick<SealedKey, 'kid' | 'private_sealed'>;
}): Promise<SigningKey> {
  const { kid, private_sealed } = input.row;
  const bytes = unseal({ master_key: input.master_key, place: [PURPOSE, input.tenant_id, kid], bytes: private_sealed });
  const public_jwk = await toPublicJwk(createPublicKey(createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })));
  if (public_jwk.kid !== kid) throw new PlacetError('internal', {}, new Error('the key is not the one its kid names'));
  const key = await crypto.subtle.importKey('pkcs8', bytes, 'Ed25519', false, ['sign']);
  bytes.fill(0);
  return { kid, public_jwk, key };
}

async function toPublicJwk(key: KeyObject): Promise<PublicJwk> {
  const { x = '' } = key.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return { kty: 'OKP', crv: 'Ed25519', x, alg: TOKEN_ALGORITHM, use: 'sig', kid };
}
