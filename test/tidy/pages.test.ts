// Holds what the documents list to the tree: rooms, error codes, invariants.

import { expect, test } from '@jest/globals';
import { ERRORS } from '../../src/domain/errors.ts';
import { COMPOSING_ROOMS, DEV_ROOM, ROOMS } from './rooms.ts';
import { readTree } from './tree.ts';

const files = readTree();
const tests = files.filter(({ path }) => /\.(ts|tsx|cjs|mjs)$/.test(path) && /(^|\/)test\//.test(path));
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';

test('the rooms of docs/architecture.md are those that the tree is held to', () => {
  const listed = [...textOf('docs/architecture.md').matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/[\w./]+/g) ?? [],
  );
  const rooms = [...Object.keys(ROOMS), ...COMPOSING_ROOMS, DEV_ROOM, 'playground'];
  expect(listed.sort()).toEqual(rooms.sort());
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
