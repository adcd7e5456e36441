// What has one place is in no other: each table's column list, the writer of audit events, the list of use cases.

import { expect, test } from '@jest/globals';
import * as adminTables from '../../src/db/admin-tables.ts';
import * as agentTables from '../../src/db/agent-tables.ts';
import * as tables from '../../src/db/tables.ts';
import { AGENT_USE_CASES, APPROVER_USE_CASES, OPERATOR_USE_CASES } from '../../src/service/use-cases.ts';
import { readTree } from './tree.ts';

const program = readTree().filter(({ path }) => /^(src|activities|workflows)\/.*\.ts$/.test(path));
const filesWith = (wrong: RegExp) => program.flatMap(({ path, text }) => (wrong.test(text) ? [path] : []));

test('a table with a column list is inserted into by that list alone', () => {
  const names = Object.values({ ...tables, ...adminTables, ...agentTables }).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(filesWith(new RegExp(`insert into placet\\.(${names.join('|')})\\b`))).toEqual([]);
});

test('audit events are made in src/audit and nowhere else (INV-7)', () => {
  expect(filesWith(/\bas (unknown as )?NumberedEvent\b/)).toEqual(['src/audit/record.ts']);
  expect(filesWith(/\bauditEvents\.insertEvent\b/)).toEqual(['src/audit/record.ts']);
  expect(filesWith(/\bAUDIT_EVENTS\.(into|insert)/)).toEqual(['src/db/audit-events.ts', 'src/db/news.ts']);
});

test('a use case is named in its own file, in the list of its door, and by who calls it through that list', () => {
  for (const name of Object.keys({ ...AGENT_USE_CASES, ...APPROVER_USE_CASES })) {
    const named = filesWith(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '[^']*/(agent|approver)/`));
    expect([name, named.filter((path) => !/^src\/(service|process\/admin)/.test(path))]).toEqual([name, []]);
  }
});

test.each([
  ['src/http', 'deps', AGENT_USE_CASES],
  ['src/slack', 'deps', APPROVER_USE_CASES],
  ['src/cli', 'operations', OPERATOR_USE_CASES],
])('each use case in the list of %s is called there', (room, owner, useCases) => {
  expect(Object.keys(useCases).length).toBeGreaterThan(4);
  const door = program.filter(({ path }) => path.startsWith(`${room}/`)).map(({ text }) => text);
  const isCalled = (name: string) => door.some((text) => new RegExp(`\\b${owner}\\.${name}\\b`).test(text));
  expect(Object.keys(useCases).filter((name) => !isCalled(name))).toEqual([]);
});
