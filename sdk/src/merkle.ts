// Merkle trees (RFC 6962 section 2.1) and the verification of their proofs (RFC 9162 section 2.1). Pure but for the hash.
import { createHash } from 'node:crypto';
import { LogError } from './log-error.ts';

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** A proof of a leaf, or of an earlier tree, has one hash a level at most. */
const PROOF_HASHES_MAX = 64;

/** The hash of a leaf. */
export function hashLeaf(leaf: Uint8Array): Buffer {
  return createHash('sha256').update(LEAF).update(leaf).digest();
}

/** The hash of a node with these two below it. */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

export type Inclusion = {
  readonly index: number;
  readonly size: number;
  readonly leaf_hash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/** Passes when the leaf stands at that index of the tree; throws LogError `proof_invalid`. An empty tree holds nothing. */
export function verifyInclusion({ index, size, leaf_hash, proof, root }: Inclusion): void {
  requireSizes(index + 1, size);
  requireHashes([leaf_hash, root, ...proof]);
  let place = index;
  let last = size - 1;
  let hash = leaf_hash;
  for (const other of proof) {
    if (last === 0) throw new LogError('proof_invalid');
    if (isOdd(place) || place === last) {
      hash = hashNode(other, hash);
      for (; !isOdd(place) && place !== 0; last = half(last)) place = half(place);
    } else {
      hash = hashNode(hash, other);
    }
    place = half(place);
    last = half(last);
  }
  if (last !== 0 || !isSame(hash, root)) throw new LogError('proof_invalid');
}

export type Consistency = {
  readonly old_size: number;
  readonly old_root: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

/** Passes when the tree begins with the old one; throws LogError `proof_invalid`. With an empty tree nothing is proven. */
export function verifyConsistency({ old_size, old_root, size, root, proof }: Consistency): void {
  requireSizes(old_size, size);
  requireHashes([old_root, root, ...proof]);
  if (old_size === size) {
    if (proof.length > 0 || !isSame(old_root, root)) throw new LogError('proof_invalid');
    return;
  }
  let place = old_size - 1;
  let last = size - 1;
  for (; isOdd(place); last = half(last)) place = half(place);
  // A whole old tree is itself the first hash.
  const [first, ...rest] = place === 0 ? [old_root, ...proof] : proof;
  if (first === undefined) throw new LogError('proof_invalid');
  let before = first;
  let now = first;
  for (const other of rest) {
    if (last === 0) throw new LogError('proof_invalid');
    if (isOdd(place) || place === last) {
      before = hashNode(other, before);
      now = hashNode(other, now);
      for (; !isOdd(place) && place !== 0; last = half(last)) place = half(place);
    } else {
      now = hashNode(now, other);
    }
    place = half(place);
    last = half(last);
  }
  if (last !== 0 || !isSame(before, old_root) || !isSame(now, root)) throw new LogError('proof_invalid');
}

/** 1 ≤ one ≤ other, both exact. */
function requireSizes(one: number, other: number): void {
  const isFit = Number.isSafeInteger(one) && Number.isSafeInteger(other) && one >= 1 && one <= other;
  if (!isFit) throw new LogError('proof_invalid');
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  const isFit = hashes.length <= PROOF_HASHES_MAX + 2 && hashes.every(({ length }) => length === HASH_BYTES);
  if (!isFit) throw new LogError('proof_invalid');
}

// Sizes go beyond 32 bits, so no operator on bits.
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
