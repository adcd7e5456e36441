// The Merkle tree of a log against the definition in RFC 6962, against Go's implementation, and against all that is no proof.

import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hashLeaf, hashNode, LogError, verifyConsistency, verifyInclusion } from '@placet/sdk/log';
import fc from 'fast-check';
import {
  completedNodes,
  EMPTY_ROOT,
  hashComplete,
  proveConsistency,
  proveInclusion,
  type ReadHashes,
  rootOf,
  type Span,
  TILE_WIDTH,
} from '../../src/audit/tree.ts';
import { checkWithGo } from '../support/tlog-check.ts';

/** Enough for subtrees of 256 on two levels of proofs, and beyond. */
const SIZE = 700;
/** Go's part is built once. */
const BUILD_MS = 300_000;
const leaves = Array.from({ length: SIZE }, (_, at) => Buffer.from(`leaf ${at}`));
const hashes = leaves.map((leaf) => hashLeaf(leaf));

/** The definition, word by word (RFC 6962 section 2.1). */
function treeHash(all: readonly Buffer[]): Buffer {
  if (all.length === 0) return createHash('sha256').digest();
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  let width = 1;
  while (width * 2 < all.length) width *= 2;
  return hashNode(treeHash(all.slice(0, width)), treeHash(all.slice(width)));
}

/** What a log of these leaves keeps. */
function keeping(all: readonly Buffer[]): ReadHashes {
  const nodes = new Map<string, Buffer>();
  const at = (level: number, place: number) => (level === 0 ? all[place] : nodes.get(`${level}/${place}`));
  const span = ({ level, start, count }: Span) =>
    Array.from({ length: count }, (_, more) => at(level, start + more)).filter((hash) => hash !== undefined);
  for (const { level, start } of completedNodes(0, all.length))
    nodes.set(
      `${level}/${start}`,
      hashComplete(span({ level: level - 1, start: start * TILE_WIDTH, count: TILE_WIDTH })),
    );
  return async (spans) => spans.map(span);
}
const read = keeping(hashes);

const sizes = fc.integer({ min: 1, max: SIZE });
const pairs = fc.tuple(sizes, sizes).map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);

test('roots are those of the definition, whatever the size, and an empty tree has the hash of nothing', async () => {
  for (const size of [0, 1, 2, 3, 4, 5, 255, 256, 257, 511, 512, 513, SIZE])
    expect([size, await rootOf(read, size)]).toEqual([size, treeHash(hashes.slice(0, size))]);
  expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

/** The leaves and roots that implementations of Certificate Transparency are tried with. */
const PUBLIC: readonly (readonly [leaf: string, root: string])[] = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  ['606162636465666768696a6b6c6d6e6f', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
];

test('roots are those of the public vectors', async () => {
  const own = keeping(PUBLIC.map(([leaf]) => hashLeaf(Buffer.from(leaf, 'hex'))));
  for (const [at, [, root]] of PUBLIC.entries()) expect((await rootOf(own, at + 1)).toString('hex')).toBe(root);
});

test('each leaf is proven in each tree that holds it, and no other leaf by that proof', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ([place, size]) => {
      const index = place - 1;
      const [proof, root] = [await proveInclusion(read, index, size), await rootOf(read, size)];
      const right = { index, size, leaf_hash: hashLeaf(leaves[index] as Buffer), proof, root };
      verifyInclusion(right);
      const other = hashLeaf(Buffer.from('another leaf'));
      for (const wrong of [{ leaf_hash: other }, { root: other }, { index: (index + 1) % size }]) {
        if ('index' in wrong && wrong.index === index) continue;
        expect(() => verifyInclusion({ ...right, ...wrong })).toThrow(LogError);
      }
    }),
  );
});

test('a tree is proven to go on from each earlier one, and from no other', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ([old_size, size]) => {
      const proof = await proveConsistency(read, old_size, size);
      const right = { old_size, old_root: await rootOf(read, old_size), size, root: await rootOf(read, size), proof };
      verifyConsistency(right);
      const other = hashLeaf(Buffer.from('another leaf'));
      for (const wrong of [{ old_root: other }, { root: other }, { proof: [...proof, other] }])
        expect(() => verifyConsistency({ ...right, ...wrong })).toThrow(LogError);
    }),
  );
});

describe('what is no proof is refused, with the size of nothing first (RFC 9162)', () => {
  const [one, other] = [hashes[0] as Buffer, hashes[1] as Buffer];
  const root = hashNode(one, other);
  const inclusion = { index: 0, size: 2, leaf_hash: one, proof: [other], root };
  const consistency = { old_size: 1, old_root: one, size: 2, root, proof: [other] };
  test('the proofs that the others are made from hold', () => {
    verifyInclusion(inclusion);
    verifyConsistency(consistency);
    verifyConsistency({ ...consistency, old_size: 2, old_root: root, proof: [] });
  });
  test.each([
    ['an empty tree', { index: 0, size: 0, proof: [], root: EMPTY_ROOT }],
    ['an index that is the size', { index: 2 }],
    ['an index below 0', { index: -1 }],
    ['half an index', { index: 0.5 }],
    ['a size beyond what is exact', { size: 2 ** 53 }],
    ['no hash where one belongs', { proof: [] }],
    ['one hash too many', { proof: [other, other] }],
    ['a short hash', { proof: [other.subarray(1)] }],
    ['a long hash', { proof: [Buffer.concat([other, Buffer.of(0)])] }],
    ['an empty leaf hash', { leaf_hash: Buffer.alloc(0) }],
    ['an empty root', { root: Buffer.alloc(0) }],
    [
      'a node that stands for a leaf',
      { size: 1, index: 0, proof: [], leaf_hash: hashLeaf(Buffer.concat([one, other])) },
    ],
  ])('inclusion: %s', (_, wrong) => {
    expect(() => verifyInclusion({ ...inclusion, ...wrong })).toThrow(LogError);
  });
  test.each([
    ['from an empty tree', { old_size: 0, old_root: EMPTY_ROOT, proof: [] }],
    [
      'from an empty tree to an empty tree',
      { old_size: 0, old_root: EMPTY_ROOT, size: 0, root: EMPTY_ROOT, proof: [] },
    ],
    ['from the larger one', { old_size: 3 }],
    ['no hash where one belongs', { proof: [] }],
    ['one size, two roots', { old_size: 2, proof: [] }],
    ['one size, and a hash', { old_size: 2, old_root: root }],
    ['a short hash', { proof: [other.subarray(1)] }],
    ['one hash too many', { proof: [other, other] }],
  ])('consistency: %s', (_, wrong) => {
    expect(() => verifyConsistency({ ...consistency, ...wrong })).toThrow(LogError);
  });
});

test(
  'Go takes our roots, proofs and tiles, and we take its proofs',
  async () => {
    const roots = await Promise.all(Array.from({ length: SIZE + 1 }, (_, size) => rootOf(read, size)));
    const of = fc.sample(pairs, 150);
    const inclusions = await Promise.all(
      of.map(async ([place, size]) => ({ index: place - 1, size, proof: await proveInclusion(read, place - 1, size) })),
    );
    const consistencies = await Promise.all(
      of.map(async ([index, size]) => ({ index, size, proof: await proveConsistency(read, index, size) })),
    );
    const tile = async (level: number, start: number, count: number) => {
      const [found = []] = await read([{ level, start: start * TILE_WIDTH, count }]);
      const part = count === TILE_WIDTH ? '' : `.p/${count}`;
      return { path: `tile/8/${level}/${String(start).padStart(3, '0')}${part}`, data: Buffer.concat(found) };
    };
    const tiles = await Promise.all([tile(0, 0, 256), tile(0, 1, 256), tile(0, 2, SIZE - 512), tile(1, 0, 2)]);
    const { faults, ...own } = await checkWithGo({ leaves, roots, inclusions, consistencies, tiles });
    expect(faults).toEqual([]);
    expect(own.inclusions.length).toBe(of.length);
    for (const { index, size, proof } of own.inclusions)
      verifyInclusion({ index, size, leaf_hash: hashes[index] as Buffer, proof, root: roots[size] as Buffer });
    for (const { index, size, proof } of own.consistencies) {
      const old_root = roots[index] as Buffer;
      verifyConsistency({ old_size: index, old_root, size, root: roots[size] as Buffer, proof });
    }
  },
  BUILD_MS,
);
