// Owners and admin tokens on the command line: what is handed over and what is printed, once.

import { describe, expect, test } from '@jest/globals';
import type { Operations } from '../../src/cli/operations.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import { run } from './support.ts';

const EXPIRES = new Date('2026-04-15T14:03:00.000Z');

describe('token', () => {
  test('create prints the token once, with its role and its end', async () => {
    const inputs: unknown[] = [];
    const createToken: Operations['createToken'] = async (input) => {
      inputs.push(input);
      return { id: 'tok_1', name: 'tf', role: 'policy_editor', token: 'plt_secret', expires_at: EXPIRES };
    };
    const command = [
      'token',
      'create',
      'tf',
      '--role',
      'policy_editor',
      '--owner',
      'Ann@example.com',
      '--expires',
      '90d',
    ];
    const { code, out } = await run(command, { createToken });
    expect(code).toBe(0);
    expect(out).toBe(
      'Admin token tf (policy_editor), valid until 2026-04-15T14:03:00Z.\nKeep the token now, it is not shown again:\n  plt_secret\n',
    );
    expect(inputs).toMatchObject([{ name: 'tf', role: 'policy_editor', owner_email: 'ann@example.com', days: 90 }]);
  });

  test.each([
    ['approver', 'ann@example.com', '90d'],
    ['admin', 'nobody', '90d'],
    ['admin', 'ann@example.com', '400d'],
  ])('create refuses role %s, owner %s, life %s as wrong usage', async (role, owner, expires) => {
    const { code } = await run(['token', 'create', 'tf', '--role', role, '--owner', owner, '--expires', expires]);
    expect(code).toBe(2);
  });

  test('list shows what each is and when it was last used, and no secret', async () => {
    const listTokens: Operations['listTokens'] = async () => [
      {
        ...{ id: 'tok_1', name: 'tf', role: 'viewer', hint: 'plt_abcd', owner_email: 'ann@example.com' },
        ...{ created_at: EXPIRES, expires_at: EXPIRES, revoked_at: null, last_used_at: null },
        ...{ owner_person_id: 'prs_1', maker_person_id: null, owner_roles: ['viewer'] },
      },
    ];
    expect((await run(['token', 'list'], { listTokens })).out).toContain('plt_abcd…');
    const { items } = JSON.parse((await run(['token', 'list', '--json'], { listTokens })).out) as { items: object[] };
    expect(Object.keys(items[0] ?? {}).sort()).toEqual(
      ['id', 'name', 'role', 'owner_email', 'hint', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'].sort(),
    );
  });

  test('revoke says whether it was one', async () => {
    const revokeToken = async () => ({ id: 'tok_1', name: 'tf', kind: 'revoked' }) as const;
    expect((await run(['token', 'revoke', 'tf'], { revokeToken })).out).toBe('Revoked token tf.\n');
  });
});

describe('owner', () => {
  test('add asks whether somebody unknown is meant, and only then makes a person', async () => {
    const inputs: boolean[] = [];
    const addOwner: Operations['addOwner'] = async ({ is_new_owner }) => {
      inputs.push(is_new_owner);
      if (!is_new_owner) throw new PlacetError('owner_unknown', { owner: 'new@example.com' });
      return { kind: 'changed', person_id: 'prs_1' };
    };
    expect((await run(['owner', 'add', 'new@example.com'], { addOwner }, {}, false)).code).toBe(1);
    expect(await run(['owner', 'add', 'new@example.com'], { addOwner }, {}, true)).toMatchObject({
      code: 0,
      out: 'new@example.com is an owner.\n',
    });
    expect(inputs).toEqual([false, false, true]);
  });

  test('remove tells that the last one stays', async () => {
    const removeOwner = () => Promise.reject(new PlacetError('last_owner'));
    expect((await run(['owner', 'remove', 'ann@example.com'], { removeOwner })).err).toContain('last_owner');
  });

  test('list shows everybody with a role', async () => {
    const listRoleHolders: Operations['listRoleHolders'] = async () => [
      { role: 'owner', person_id: 'prs_1', email: 'ann@example.com', name: 'Ann' },
    ];
    expect((await run(['owner', 'list'], { listRoleHolders })).out).toMatch(/owner +ann@example\.com +Ann +prs_1/);
  });
});
