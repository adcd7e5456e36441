// The key of a log: made here, kept sealed, opened for one signature. It signs checkpoints, and nothing else is signed with it.

import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { type MasterKey, seal, unseal } from './seal.ts';

const PURPOSE = 'placet/log-key/v1';

type Owner = { readonly master_key: MasterKey; readonly tenant_id: string; readonly origin: string };

/** A new Ed25519 key for the log of that name. */
export function generateLogKey({ master_key, tenant_id, origin }: Owner): {
  readonly public_key: Uint8Array;
  readonly private_sealed: Uint8Array;
} {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const bytes = privateKey.export({ format: 'der', type: 'pkcs8' });
  const private_sealed = seal({ master_key, place: [PURPOSE, tenant_id, origin], bytes });
  bytes.fill(0);
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { public_key: Buffer.from(x, 'base64url'), private_sealed };
}

/** Signs the text of a note; throws PlacetError `internal` when the sealed key was changed or moved. */
export function signNote(owner: Owner, private_sealed: Uint8Array, text: string): Uint8Array {
  const { master_key, tenant_id, origin } = owner;
  const bytes = unseal({ master_key, place: [PURPOSE, tenant_id, origin], bytes: private_sealed });
  const signature = sign(
    null,
    Buffer.from(text, 'utf8'),
    createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' }),
  );
  bytes.fill(0);
  return signature;
}
