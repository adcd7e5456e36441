// Holds the tree to the two rules of a transaction, as docs/architecture.md has them.

import { expect, test } from '@jest/globals';
import { readTree, type TreeFile } from './tree.ts';

/** The rooms that may hold a transaction. */
const ROOMS = /^src\/(service|identity|db|delivery|audit)\//;
/** Where promises are gathered, and what they are. */
const GATHERING: readonly string[] = [
  'src/db/database.ts', // A commit and what is sent with it.
  'src/db/in-order.ts', // Statements: the one place.
  'src/delivery/relay.ts', // Calls of Temporal, none of which fails.
];

const rooms = readTree('src').filter(({ path }) => ROOMS.test(path));
const whereSaid = (text: RegExp, among: readonly TreeFile[]) =>
  among.filter((file) => text.test(file.text)).map(({ path }) => path);

test('statements are sent together by inOrder alone, so that none runs on after another one failed', () => {
  expect(rooms.length).toBeGreaterThan(40);
  expect(whereSaid(/\bPromise\s*\.\s*(all|allSettled|any|race)\b/, rooms)).toEqual(GATHERING);
  const relay = rooms.find(({ path }) => path === GATHERING[2])?.text ?? '';
  expect(relay.match(/\bPromise\.all\(.*/g)).toEqual([expect.not.stringMatching(/\b(tx|outbox)\b/)]);
});

test('a transaction is said to hold its lock by the statement that takes the lock, and nowhere else', () => {
  expect(whereSaid(/\bas (unknown as )?LockedTx\b|<LockedTx>/, readTree('src'))).toEqual(['src/db/requests.ts']);
});
