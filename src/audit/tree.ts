// The Merkle tree of a log, in parts: which hashes its root and its proofs are made of, and the making. Reads nothing itself.
//
// Only complete subtrees of 256, 65,536, … leaves are kept beside the leaves, as the tiles of C2SP tlog-tiles hold them.

import { createHash } from 'node:crypto';
import { hashNode } from '@placet/sdk/log';

/** A tile is this many levels high, so 256 hashes wide. */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;

/** Leaves from `start` up to `end`; in a tree each range that is asked for begins where a subtree of its size may. */
export type Range = { readonly start: number; readonly end: number };

/** Neighbouring hashes of one kept level: 0 are leaves, 1 subtrees of 256 of them, and so on. */
export type Span = { readonly level: number; readonly start: number; readonly count: number };

/** The kept hashes of each span, in their order. */
export type ReadHashes = (spans: readonly Span[]) => Promise<readonly (readonly Buffer[])[]>;

/** The root of an empty tree. */
export const EMPTY_ROOT: Buffer = createHash('sha256').digest();

/** The root of the first `size` leaves. */
export async function rootOf(read: ReadHashes, size: number): Promise<Buffer> {
  if (size === 0) return EMPTY_ROOT;
  const [root = EMPTY_ROOT] = await hashRanges(read, [{ start: 0, end: size }]);
  return root;
}

/** The proof that the leaf stands at the index of the tree of that size (RFC 6962 section 2.1.1), the leaf's sibling first. */
export function proveInclusion(read: ReadHashes, index: number, size: number): Promise<readonly Buffer[]> {
  if (index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  return hashRanges(read, pathOf(index, { start: 0, end: size }));
}

/** The proof that the tree begins with its first `old_size` leaves (RFC 6962 section 2.1.2). */
export function proveConsistency(read: ReadHashes, old_size: number, size: number): Promise<readonly Buffer[]> {
  if (old_size < 1 || old_size > size) throw new RangeError(`a tree of ${size} does not go on from one of ${old_size}`);
  return hashRanges(read, old_size === size ? [] : subproofOf(old_size, { start: 0, end: size }, true));
}

/** The proof that leaves stand side by side in the tree: the largest subtrees around them, from the left to the right. */
export function proveRange(read: ReadHashes, range: Range, size: number): Promise<readonly Buffer[]> {
  if (range.start > range.end || range.end > size) throw new RangeError(`no such leaves in a tree of ${size}`);
  return hashRanges(read, size === 0 ? [] : around(range, { start: 0, end: size }));
}

function around(range: Range, tree: Range): Range[] {
  if (tree.end <= range.start || tree.start >= range.end) return [tree];
  if (tree.start >= range.start && tree.end <= range.end) return [];
  return split(tree).flatMap((part) => around(range, part));
}

function pathOf(index: number, range: Range): Range[] {
  if (range.end - range.start === 1) return [];
  const [left, right] = split(range);
  return index < left.end ? [...pathOf(index, left), right] : [...pathOf(index, right), left];
}

/** `is_known`: the old tree's own hash, which whoever checks has, and so is not sent. */
function subproofOf(old_end: number, range: Range, is_known: boolean): Range[] {
  if (old_end === range.end) return is_known ? [] : [range];
  const [left, right] = split(range);
  if (old_end <= left.end) return [...subproofOf(old_end, left, is_known), right];
  return [...subproofOf(old_end, right, false), left];
}

/** The largest complete subtree that leaves something over, and what it leaves. */
function split({ start, end }: Range): readonly [Range, Range] {
  let width = 1;
  while (width * 2 < end - start) width *= 2;
  return [
    { start, end: start + width },
    { start: start + width, end },
  ];
}

/** The hash of each range, from what is kept: everything is asked for at once. */
async function hashRanges(read: ReadHashes, ranges: readonly Range[]): Promise<Buffer[]> {
  const wanted = ranges.map((range) => subtreesOf(range).map(spanOf));
  const spans = wanted.flat();
  const found = spans.length === 0 ? [] : await read(spans);
  let at = 0;
  return wanted.map((parts) => {
    const roots = parts.map(({ count }) => {
      const hashes = found[at++] ?? [];
      if (hashes.length !== count) throw new RangeError('a hash of the log is missing');
      return hashComplete(hashes);
    });
    return roots.reduceRight((right, left) => hashNode(left, right));
  });
}

type Subtree = { readonly height: number; readonly place: number };

/** The complete subtrees that a range is made of, the largest first. */
function subtreesOf({ start, end }: Range): Subtree[] {
  const parts: Subtree[] = [];
  for (let from = start; from < end; ) {
    let height = 0;
    while (2 ** (height + 1) <= end - from) height += 1;
    parts.push({ height, place: from / 2 ** height });
    from += 2 ** height;
  }
  return parts;
}

/** The hashes of the nearest kept level below it. */
function spanOf({ height, place }: Subtree): Span {
  const level = Math.floor(height / TILE_HEIGHT);
  const count = 2 ** (height - level * TILE_HEIGHT);
  return { level, start: place * count, count };
}

/** The root of 1, 2, 4, … hashes. */
export function hashComplete(hashes: readonly Buffer[]): Buffer {
  let level = hashes;
  while (level.length > 1) {
    const next: Buffer[] = [];
    for (let at = 0; at + 1 < level.length; at += 2) next.push(hashNode(level[at] as Buffer, level[at + 1] as Buffer));
    level = next;
  }
  return level[0] ?? EMPTY_ROOT;
}

/** The kept nodes that a log gains by growing: of each level above the leaves, those that are complete now. */
export function completedNodes(old_size: number, size: number): readonly Omit<Span, 'count'>[] {
  const completed: Omit<Span, 'count'>[] = [];
  for (let level = 1, width = TILE_WIDTH; width <= size; level += 1, width *= TILE_WIDTH) {
    const [first, end] = [Math.floor(old_size / width), Math.floor(size / width)];
    for (let start = first; start < end; start += 1) completed.push({ level, start });
  }
  return completed;
}
