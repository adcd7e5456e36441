// The table of roles: who may what, and what no role ever gives.

import { describe, expect, test } from '@jest/globals';
import {
  type Gate,
  GIVEN_ROLES,
  mayGive,
  mayPass,
  NEVER_BY_TOKEN,
  OPERATOR_PERMISSIONS,
  PERMISSIONS,
  permissionsOf,
  permissionsOfAll,
  permissionsOfToken,
  ROLES,
} from '../../src/domain/people/roles.ts';

const ALL = Object.keys(PERMISSIONS);

test('to decide is no permission: none is named after it, and no role passes where policy decides by having one', () => {
  expect(ALL.filter((name) => /decide|approve|deny/.test(name))).toEqual([]);
  for (const gate of ['by_policy', 'by_credential', 'open'] satisfies Gate[]) expect(mayPass(gate, [])).toBe(true);
});

test('no person’s role has what is an agent’s, and an agent has nothing else; nor has the operator', () => {
  expect(permissionsOf('agent')).toEqual(['requests.ask']);
  for (const role of ROLES.filter((each) => each !== 'agent'))
    expect(permissionsOf(role)).not.toContain('requests.ask');
  expect(OPERATOR_PERMISSIONS).not.toContain('requests.ask');
  expect(OPERATOR_PERMISSIONS).toHaveLength(ALL.length - 1);
});

test('an admin does not read the log, and an auditor changes nothing', () => {
  expect(permissionsOf('admin')).not.toContain('audit.read');
  expect(permissionsOf('auditor').filter((each) => /change|grant|run/.test(each))).toEqual([]);
});

describe('nobody gives what they lack', () => {
  test.each(GIVEN_ROLES.flatMap((giver) => GIVEN_ROLES.map((role) => ({ giver, role }))))(
    '$giver gives $role only with every permission of it',
    ({ giver, role }) => {
      const held = permissionsOf(giver);
      const has = permissionsOf(role).every((each) => held.includes(each)) && held.includes('roles.grant');
      expect(mayGive(role, held)).toBe(has);
    },
  );

  test('so an admin makes no owner and no auditor, and an editor makes nobody anything', () => {
    expect(GIVEN_ROLES.filter((role) => mayGive(role, permissionsOf('admin')))).toEqual([
      'admin',
      'policy_editor',
      'viewer',
    ]);
    expect(GIVEN_ROLES.filter((role) => mayGive(role, permissionsOf('policy_editor')))).toEqual([]);
  });
});

test('a token has its role’s permissions as far as its owner has them, and never those that make others powerful', () => {
  for (const role of GIVEN_ROLES) {
    for (const owner of GIVEN_ROLES) {
      const held = permissionsOfToken(role, [owner]);
      expect(
        held.filter((each) => !permissionsOf(role).includes(each) || !permissionsOf(owner).includes(each)),
      ).toEqual([]);
      expect(held.filter((each) => NEVER_BY_TOKEN.includes(each))).toEqual([]);
    }
    expect(permissionsOfToken(role, [])).toEqual([]);
  }
  expect(permissionsOfToken('admin', ['viewer', 'policy_editor'])).toEqual(
    permissionsOfAll(['viewer', 'policy_editor']).filter(
      (each) => permissionsOf('admin').includes(each) && !NEVER_BY_TOKEN.includes(each),
    ),
  );
});
