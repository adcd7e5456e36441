// Holds what the documents list to the tree: rooms, error codes, invariants.

import { expect, test } from '@jest/globals';
import { ERRORS } from '../../src/domain/errors.ts';
import { COMPOSING_ROOMS, DEV_ROOM, ROOMS, type Room } from './rooms.ts';
import { importsOf, readTree } from './tree.ts';

const files = readTree();
const tests = files.filter(({ path }) => /\.(ts|tsx|cjs|mjs)$/.test(path) && /(^|\/)test\//.test(path));
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';

/** The lines of the table of rooms: which rooms, and what they may import. */
const table = [...textOf('docs/architecture.md').matchAll(/^\| (`[^|]+`) \| [^|]+ \| ([^|]+) \|$/gm)].map(
  ([, cell = '', rights = '']) => ({ rooms: cell.match(/[\w./-]+/g) ?? [], rights }),
);

/** A cell as data: rooms by their last name, those "as types", and packages in code. */
function rightsOf(cell: string): Room {
  const parts = cell.split('; ');
  const isPackages = (part: string) => part.startsWith('`');
  const isTypes = (part: string) => part.endsWith(' as types');
  const toRooms = (part: string) => {
    const names = part.replace(' as types', '').split(', ');
    return names.map((name) => Object.keys(ROOMS).find((room) => room === name || room === `src/${name}`) ?? name);
  };
  const rooms = parts.filter((part) => !isPackages(part) && !isTypes(part) && !part.startsWith('no'));
  return {
    rooms: rooms.flatMap(toRooms),
    types: parts.filter(isTypes).flatMap(toRooms),
    packages: parts.filter(isPackages).flatMap((part) => [...part.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
  };
}

test('the rooms of docs/architecture.md are those that the tree is held to', () => {
  const rooms = [...Object.keys(ROOMS), ...COMPOSING_ROOMS, DEV_ROOM, 'playground'];
  expect(table.flatMap((line) => line.rooms).sort()).toEqual(rooms.sort());
});

test('docs/architecture.md allows each room the rooms, types and packages that the tree is held to, and no other', () => {
  const sorted = ({ rooms, types, packages }: Room) => [rooms, types, packages].map((list) => [...list].sort());
  for (const { rooms, rights } of table) {
    for (const room of rooms) {
      const allowed = ROOMS[room];
      if (allowed !== undefined) expect([room, ...sorted(rightsOf(rights))]).toEqual([room, ...sorted(allowed)]);
      else expect([room, rights]).toEqual([room, expect.stringMatching(/^everything but tests|^nothing of src$/)]);
    }
  }
});

test('activities call service/clock and slack/send, and nothing else of those rooms', () => {
  const calls = files.filter(({ path }) => path.startsWith('activities/')).flatMap(importsOf);
  const ours = calls.filter(({ from }) => /^src\/(service|slack)\//.test(from)).map(({ from }) => from);
  expect(ours.length).toBeGreaterThan(3);
  expect(ours.filter((from) => !/^src\/(service\/clock|slack\/send)\//.test(from))).toEqual([]);
});

test('every error code is in docs/errors.md, and every code there exists', () => {
  const documented = [...textOf('docs/errors.md').matchAll(/^\|\s*`([a-z_]+)`/gm)].map(([, code]) => code);
  expect([...documented].sort()).toEqual(Object.keys(ERRORS).sort());
});

test('every invariant of docs/invariants.md is in the title of a test that can fail', () => {
  const invariants = [...textOf('docs/invariants.md').matchAll(/^## (INV-\d+)\b/gm)].map(([, name]) => name ?? '');
  expect(invariants).toHaveLength(10);
  const titles = tests.flatMap(({ text }) => text.match(/\b(?:test|describe)(?:\.each)?\([\s\S]{0,4000}?\)/g) ?? []);
  const isNamed = (name: string) => titles.some((title) => new RegExp(`['"\`][^'"\`]*${name}\\b`).test(title));
  expect(invariants.filter((name) => !isNamed(name))).toEqual([]);
});
