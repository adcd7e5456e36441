// A tree that only grows, kept as the hashes of its complete subtrees: for walking a whole log with no more memory than that.

import { hashNode } from '@placet/sdk/log';
import { EMPTY_ROOT } from './tree.ts';

export type Frontier = {
  /** Adds the next leaf's hash, and answers the complete subtrees that it ends, the lowest first. */
  readonly add: (hash: Buffer) => readonly Completed[];
  /** The root of what was added so far. */
  readonly root: () => Buffer;
};

/** The root of the `index`-th complete subtree of 2^height leaves. */
export type Completed = { readonly height: number; readonly index: number; readonly hash: Buffer };

/** An empty tree. */
export function createFrontier(): Frontier {
  /** Place h holds a subtree of 2^h leaves where the size has that bit. */
  const subtrees: (Buffer | null)[] = [];
  let size = 0;
  return {
    add: (hash) => {
      const completed: Completed[] = [];
      size += 1;
      let node = hash;
      for (let height = 0; ; height += 1) {
        if (height > 0) completed.push({ height, index: size / 2 ** height - 1, hash: node });
        const left = subtrees[height] ?? null;
        if (left === null) {
          subtrees[height] = node;
          return completed;
        }
        subtrees[height] = null;
        node = hashNode(left, node);
      }
    },
    root: () => {
      let root: Buffer | null = null;
      for (const subtree of subtrees) if (subtree !== null) root = root === null ? subtree : hashNode(subtree, root);
      return root ?? EMPTY_ROOT;
    },
  };
}
