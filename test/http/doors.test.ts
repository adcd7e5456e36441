// Role × operation, generated: each operation of the API lets in whom the table of roles says, and nobody else.
import { describe, expect, test } from '@jest/globals';
import {
  isPermission,
  mayPass,
  permissionsOf,
  permissionsOfToken,
  TOKEN_ROLES,
} from '../../src/domain/people/roles.ts';
import { HTTP_DOORS, type OperationId } from '../../src/http/doors.ts';
import { OPERATIONS } from './operations.ts';
import { KEY } from './samples.ts';
import { withApi } from './support.ts';

const CALLERS = [
  ...TOKEN_ROLES.map((role) => {
    const permissions = permissionsOfToken(role, [role === 'tool' ? 'owner' : role]);
    return { caller: role, key: `plt_${role}`, permissions };
  }),
  { caller: 'agent', key: KEY, permissions: permissionsOf('agent') },
  // Whoever is in a group is nobody to this door by that.
  { caller: 'approver', key: 'plt_approver', permissions: [] },
];
const gated = OPERATIONS.filter(({ operation }) => isPermission(HTTP_DOORS[operation as OperationId]));

test('every operation stands in the table of doors, and no door leads nowhere', async () => {
  await withApi({}, async ({ send }) => {
    const { json } = await send('GET', '/openapi.json', { key: null });
    const { paths } = json as { paths: Record<string, Record<string, { operationId: string }>> };
    const served = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(served.sort()).toEqual(Object.keys(HTTP_DOORS).sort());
  });
});

test('an operation that no door lists does not start', async () => {
  await withApi({}, async ({ app }) => {
    expect(app.hasRoute({ method: 'GET', url: '/v1/agents' })).toBe(true);
  });
  const { default: fastify } = await import('fastify');
  const { registerDoors } = await import('../../src/http/doors.ts');
  const app = fastify();
  registerDoors(app, () => async () => undefined);
  const route = { schema: { operationId: 'read_everything' } };
  expect(() => app.get('/v1/everything', route, async () => null)).toThrow('no door lets');
  await app.close();
});

describe.each(CALLERS)('$caller', ({ key, permissions }) => {
  test.each(gated)('$operation ($dep)', async ({ operation, method, path, sent }) => {
    const gate = HTTP_DOORS[operation as OperationId];
    await withApi({}, async ({ send }) => {
      const { status, json } = await send(method, path, { ...sent, key });
      const isIn = status < 400;
      expect([operation, isIn]).toEqual([operation, mayPass(gate, permissions)]);
      if (isIn) return;
      const { code, permission } = json as { code: string; permission?: string };
      // A key of the wrong kind is no key; a token without the permission is told which.
      if (code === 'permission_missing') expect([status, permission]).toEqual([403, gate]);
      else expect([status, ['agent_key_invalid', 'admin_token_invalid'].includes(code)]).toEqual([401, true]);
    });
  });
});
