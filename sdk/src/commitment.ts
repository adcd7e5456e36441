// Commitments: what stands in the log for a value that can be shown, or erased, beside it.
import { createHash } from 'node:crypto';

/** Keeps these bytes apart from anything else that is ever hashed. */
const COMMITMENT_DOMAIN = 'placet/commitment/v1';
/** 128 bits, so that nobody finds a value by trying all that it may be. */
export const SALT_BYTES = 16;

export type CommitmentInput = {
  /** Which fact it is: a value cannot be shown as another one. */
  readonly name: string;
  readonly salt: Uint8Array;
  /** The canonical form (RFC 8785) of the value. */
  readonly value: Uint8Array;
};

/** SHA-256 over the domain, the name, the salt and the value, as base64. Throws RangeError for a salt of another length. */
export function commitmentOf({ name, salt, value }: CommitmentInput): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`);
  const head = `${COMMITMENT_DOMAIN}\n${name}\n`;
  return createHash('sha256').update(head).update(salt).update(value).digest('base64');
}
