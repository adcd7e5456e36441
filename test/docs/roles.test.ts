// Holds docs/roles.md to the table of roles and to what each door asks: its tables are written from them.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { CLI_DOORS } from '../../src/cli/doors.ts';
import {
  type Gate,
  isPermission,
  PERMISSIONS,
  type Permission,
  ROLES,
  type Role,
} from '../../src/domain/people/roles.ts';
import { HTTP_DOORS } from '../../src/http/doors.ts';
import {
  ACTION_DOORS,
  OTHER_DOORS,
  SETTINGS_DOORS,
  SETTINGS_VIEW_DOORS,
  VIEW_DOORS,
} from '../../src/slack/listeners/doors.ts';

const FILE = fileURLToPath(new URL('../../docs/roles.md', import.meta.url));
const BLOCK = /<!-- (\w+) -->\n[\s\S]*?<!-- end -->/g;

const rows = (lines: readonly (readonly string[])[]) => lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const mark = (permission: Permission, role: Role) =>
  (PERMISSIONS[permission].roles as readonly Role[]).includes(role) ? '✓' : '';
const gateWord = (gate: Gate) => {
  if (isPermission(gate)) return `\`${gate}\``;
  return {
    by_policy: 'policy and groups decide',
    by_credential: 'the credential or the agent’s key',
    by_client: 'an agent, for its own; else `credentials.check`, or `leases.revoke`',
    open: 'nothing',
  }[gate];
};
const doors = (table: Readonly<Record<string, Gate>>, name = (door: string) => `\`${door}\``) =>
  Object.entries(table).map(([door, gate]) => [name(door), gateWord(gate)]);

const BLOCKS: Readonly<Record<string, string>> = {
  permissions: rows([
    ['permission', 'may', ...ROLES.map((role) => role.replace('_', ' '))],
    ['---', '---', ...ROLES.map(() => '---')],
    ...(Object.keys(PERMISSIONS) as Permission[]).map((permission) => [
      `\`${permission}\``,
      PERMISSIONS[permission].says,
      ...ROLES.map((role) => mark(permission, role)),
    ]),
  ]),
  doors: rows([
    ['door', 'asks for'],
    ['---', '---'],
    ...doors(HTTP_DOORS),
    ...doors({ ...ACTION_DOORS, ...SETTINGS_DOORS }, (name) => `button \`${name}\``),
    ...doors({ ...VIEW_DOORS, ...SETTINGS_VIEW_DOORS }, (name) => `window \`${name}\``),
    ...doors(OTHER_DOORS),
    ...doors(CLI_DOORS, (name) => `\`placet ${name}\``),
  ]),
};

test('the tables in docs/roles.md are those of the program', () => {
  const page = readFileSync(FILE, 'utf8');
  const renewed = page.replace(BLOCK, (_, name: string) => `<!-- ${name} -->\n${BLOCKS[name]}\n<!-- end -->`);
  if (process.env['PLACET_TEST_UPDATE'] === '1') writeFileSync(FILE, renewed);
  else expect(page).toBe(renewed);
  expect([...page.matchAll(BLOCK)].map(([, name]) => name)).toEqual(Object.keys(BLOCKS));
});
