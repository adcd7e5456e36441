// Who acts is a Principal, made at the doors: no use case takes a bare name for it, and one function makes of it what the log
// keeps.

import { expect, test } from '@jest/globals';
import { readTree, type TreeFile } from './tree.ts';

/** Where somebody is established: the words for it, an agent's key, a credential, an account at the click. */
const DOORS = [
  'src/domain/people/principal.ts',
  'src/domain/audit/event.ts',
  'src/identity/authenticate.ts',
  'src/process/use-cases.ts',
  'src/service/approver/identify.ts',
];
const ESTABLISHED = /kind: '(agent|operator|token|system|account|slack_account)'/;
/** A person's `kind` is also that of a resolution, so it is known by its account. */
const PERSON = /kind: 'person',[^}]*\baccount\b/;
const NAMELESS = /\b(operator|applied_by|caller|actor|by|reporter|requester|principal)\??: (readonly )?string\b(?!\[)/;
const FILES_MIN = 20;

const program = readTree().filter(({ path }) => /^(src|activities|workflows|dev)\/.*\.ts$/.test(path));
const useCases = program.filter(
  ({ path }) => /^src\/service\//.test(path) || ['src/http/deps.ts', 'src/cli/operations.ts'].includes(path),
);
const breaking = (among: readonly TreeFile[], wrong: RegExp) =>
  among.flatMap(({ path, text }) => (wrong.test(text) ? [`${path}: ${wrong.exec(text)?.[0]}`] : []));

test('no use case is told by a bare text who acts', () => {
  expect(useCases.length).toBeGreaterThan(FILES_MIN);
  expect(breaking(useCases, NAMELESS)).toEqual([]);
});

test('whoever acts is established at a door and nowhere else', () => {
  const inside = program.filter(({ path }) => !DOORS.includes(path));
  expect(breaking(inside, ESTABLISHED)).toEqual([]);
  expect(breaking(inside, PERSON)).toEqual([]);
  for (const door of DOORS) expect([door, program.some(({ path }) => path === door)]).toEqual([door, true]);
});

test('what the log keeps of whoever acted is made in one function, where it is written', () => {
  const calls = program.filter(({ path, text }) => path !== 'src/domain/audit/event.ts' && /\bactorOf\b/.test(text));
  expect(calls.map(({ path }) => path).sort()).toEqual(['src/audit/record.ts']);
  expect(
    breaking(
      program.filter(({ path }) => path !== 'src/db/tables.ts'),
      /actor_kind: '/,
    ),
  ).toEqual([]);
});
