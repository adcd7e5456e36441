// The digests that use cases ask for: of an action, and of plain bytes.

import { createHash } from 'node:crypto';
import { sha256Digest } from '@placet/sdk';
import { actionBytes } from '@placet/sdk/canonical';
import type { Action } from '../domain/request/request.ts';

/** The digest, and the digested bytes without their domain prefix: the RFC 8785 text itself. */
export function digestAction({ masked, ...action }: Action): { digest: string; canonical: Uint8Array } {
  const bytes = actionBytes(action, masked);
  return { digest: sha256Digest(bytes), canonical: bytes.subarray(bytes.indexOf(0x0a) + 1) };
}

/** The digest of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
