// Owners, roles of the policy and admin tokens, on real rows: who holds what now, and what ends with it.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RoleEntries } from '../../src/domain/policy/role-entries.ts';
import { adminTokenHint, hashAdminToken, makeAdminToken } from '../../src/identity/admin-token.ts';
import { hashAgentKey } from '../../src/identity/agent-key.ts';
import { authenticateToken } from '../../src/identity/authenticate.ts';
import { freshKey } from '../../src/process/admin.ts';
import { newId } from '../../src/process/wiring.ts';
import { createAgent, rotateAgent } from '../../src/service/admin/agents.ts';
import { addOwner, listRoleHolders, removeOwner } from '../../src/service/admin/owners.ts';
import { createToken, findTokenBearer, listTokens, revokeToken } from '../../src/service/admin/tokens.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import type { ServiceDeps } from '../../src/service/deps.ts';
import {
  apply,
  makeClick,
  makePerson,
  makePolicy,
  makeSubmission,
  makeWorld,
  nobody,
  OPERATOR,
  setActive,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let service: ServiceDeps;
beforeAll(async () => {
  database = await createTestDatabase();
  service = { transact: database.transact, newId };
});
afterAll(() => database.drop());

const by = { tenant_id: TENANT, operator: OPERATOR };
const owners = () => ({ ...service, findAccount: nobody });
const makeAdmin = () => {
  const token = makeAdminToken(randomBytes(32)).unwrap();
  return { token, hash: hashAdminToken(token) ?? new Uint8Array(), hint: adminTokenHint(token) };
};
const create = (name: string, role: 'admin' | 'policy_editor' | 'viewer', owner_email: string, days = 90) =>
  createToken({ ...service, makeAdminToken: makeAdmin }, { ...by, name, role, owner_email, days });
const bear = (token: string) =>
  authenticateToken(
    { findTokenBearer: (hash) => findTokenBearer(service, { tenant_id: TENANT, hash }), hashAdminToken },
    token,
  );
const withRoles = (roles: RoleEntries) => apply(service, { ...makePolicy(), roles });
const eventsOf = (type: string) =>
  database.asSuperuser<{ facts: Record<string, unknown>; actor_kind: string }>(
    'select facts, actor_kind from placet.audit_events where type = $1 order by position',
    [type],
  );
const rolesOf = async (email: string) =>
  (await listRoleHolders(service, { tenant_id: TENANT }))
    .filter((held) => held.email === email)
    .map(({ role }) => role);

describe('owners', () => {
  test('the operator adds and removes owners, each with its event, and the last one stays', async () => {
    const add = (email: string) => addOwner(owners(), { ...by, email, is_new_owner: true });
    const { person_id } = await add('first@example.com');
    expect(await add('first@example.com')).toEqual({ kind: 'unchanged', person_id });
    await expect(removeOwner(service, { ...by, email: 'first@example.com' })).rejects.toMatchObject({
      code: 'last_owner',
    });
    expect(await rolesOf('first@example.com')).toEqual(['owner']);
    await add('second@example.com');
    expect(await removeOwner(service, { ...by, email: 'first@example.com' })).toMatchObject({ kind: 'changed' });
    expect(await rolesOf('first@example.com')).toEqual([]);
    expect((await eventsOf('role.ended')).at(-1)).toEqual({
      facts: { role: 'owner', person_id, from: 'operator' },
      actor_kind: 'operator',
    });
  });

  test('somebody whom nobody knows is made no owner by a slip of the keyboard', async () => {
    const slip = addOwner(owners(), { ...by, email: 'nobody-knows@example.com', is_new_owner: false });
    await expect(slip).rejects.toMatchObject({ code: 'owner_unknown' });
  });

  test('a version under which nobody would be owner changes nothing', async () => {
    await withRoles({ owner: ['ann@example.com'] });
    await makePerson(service, 'ann@example.com');
    await removeOwner(service, { ...by, email: 'second@example.com' });
    await expect(withRoles({})).rejects.toMatchObject({ code: 'last_owner' });
    // A deactivated owner holds nothing, so it is none that is left.
    await withRoles({ owner: ['ann@example.com', 'gone@example.com'] });
    const world = await makeWorld(database, {
      ...makePolicy(),
      roles: { owner: ['ann@example.com', 'gone@example.com'] },
    });
    await setActive(world, database, { address: 'gone@example.com', is_active: false });
    await expect(withRoles({ owner: ['gone@example.com'] })).rejects.toMatchObject({ code: 'last_owner' });
    expect(await rolesOf('ann@example.com')).toEqual(['owner']);
  });
});

describe('roles of the policy', () => {
  test('are those of the newest version, by whoever has the address now, each change with its event', async () => {
    await withRoles({ owner: ['ann@example.com'], admin: ['ben@example.com'] });
    const person_id = await makePerson(service, 'ben@example.com');
    expect(await rolesOf('ben@example.com')).toEqual(['admin']);
    await withRoles({ owner: ['ann@example.com'], auditor: ['ben@example.com'] });
    expect(await rolesOf('ben@example.com')).toEqual(['auditor']);
    const facts = { person_id, from: 'policy' };
    expect((await eventsOf('role.given')).at(-1)).toMatchObject({ facts: { role: 'auditor', ...facts } });
    expect((await eventsOf('role.ended')).at(-1)).toMatchObject({ facts: { role: 'admin', ...facts } });
  });

  test('an admin or owner is never thereby an approver', async () => {
    const world = await makeWorld(database, {
      ...makePolicy(),
      roles: { owner: ['ann@example.com', 'boss@example.com'], admin: ['boss@example.com'] },
    });
    await makePerson(service, 'boss@example.com');
    const request = await submit(world.deps, world.caller, makeSubmission());
    expect(await decide(world.deps, makeClick(request, 'boss'))).toMatchObject({
      kind: 'refused',
      refusal: 'not_in_group',
    });
  });
});

describe('admin tokens', () => {
  test('are shown once, stored as a hash, known by their hint, and remember their last use', async () => {
    await withRoles({ owner: ['ann@example.com'], admin: ['ben@example.com'] });
    const issued = await create('terraform', 'policy_editor', 'ben@example.com');
    expect(issued.token).toMatch(/^plt_[0-9A-Za-z]{49}$/);
    const dump = await database.asSuperuser<{ row: string }>('select t::text as row from placet.admin_tokens t');
    expect(dump.map(({ row }) => row).join()).not.toContain(issued.token);
    expect(JSON.stringify(await eventsOf('admin_token.created'))).not.toContain(issued.token);
    const listed = async () =>
      (await listTokens(service, { tenant_id: TENANT })).find(({ name }) => name === 'terraform');
    expect(await listed()).toMatchObject({ hint: issued.token.slice(0, 8), last_used_at: null });
    expect(await bear(issued.token)).toMatchObject({ kind: 'admin_token', role: 'policy_editor', name: 'terraform' });
    expect((await listed())?.last_used_at).toBeInstanceOf(Date);
  });

  test('a wrong, revoked, expired or foreign one has one answer', async () => {
    const { token } = await create('revoked', 'viewer', 'ben@example.com');
    const other = await create('expired', 'viewer', 'ben@example.com');
    await revokeToken(service, { ...by, name: 'revoked' });
    await database.asSuperuser("update placet.admin_tokens set expires_at = now() where name = 'expired'");
    const foreign = authenticateToken(
      { findTokenBearer: (hash) => findTokenBearer(service, { tenant_id: 'other', hash }), hashAdminToken },
      (await create('foreign', 'viewer', 'ben@example.com')).token,
    );
    const refused = { code: 'admin_token_invalid' };
    for (const attempt of [bear(token), bear(other.token), bear('plt_x'), bear(`${token}x`), foreign]) {
      await expect(attempt).rejects.toMatchObject(refused);
    }
    expect(await revokeToken(service, { ...by, name: 'revoked' })).toMatchObject({ kind: 'unchanged' });
  });

  test('nobody gets one that may more than its owner', async () => {
    await withRoles({ owner: ['ann@example.com'], admin: ['ben@example.com'], viewer: ['cat@example.com'] });
    await makePerson(service, 'cat@example.com');
    await expect(create('too-much', 'policy_editor', 'cat@example.com')).rejects.toMatchObject({
      code: 'permission_missing',
      details: { permission: 'policy.try' },
    });
    await expect(create('nobody', 'viewer', 'unheard-of@example.com')).rejects.toMatchObject({ code: 'owner_unknown' });
    await create('fits', 'viewer', 'cat@example.com');
    await expect(create('fits', 'viewer', 'cat@example.com')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('it dies with its owner’s role, and does not come back with it', async () => {
    const { token } = await create('mortal', 'admin', 'ben@example.com');
    expect((await bear(token)).permissions).toContain('agents.change');
    await withRoles({ owner: ['ann@example.com'], viewer: ['ben@example.com'] });
    expect((await eventsOf('admin_token.revoked')).at(-1)?.facts).toMatchObject({ why: 'owner_lost_role' });
    await withRoles({ owner: ['ann@example.com'], admin: ['ben@example.com'] });
    await expect(bear(token)).rejects.toMatchObject({ code: 'admin_token_invalid' });
  });

  test('one whose owner is deactivated is refused at its next use', async () => {
    const { token } = await create('left', 'viewer', 'ben@example.com');
    const world = await makeWorld(database, {
      ...makePolicy(),
      roles: { owner: ['ann@example.com'], admin: ['ben@example.com'] },
    });
    await setActive(world, database, { address: 'ben@example.com', is_active: false });
    await expect(bear(token)).rejects.toMatchObject({ code: 'admin_token_invalid' });
    await setActive(world, database, { address: 'ben@example.com', is_active: true });
  });

  test('who is behind one never counts for agents that it made or whose key it rotated (INV-2)', async () => {
    await withRoles({ owner: ['ann@example.com'], admin: ['ben@example.com'] });
    const caller = await bear((await create('maker', 'admin', 'ben@example.com')).token);
    const deps = { ...service, makeAgentKey: freshKey, findAccount: nobody };
    const world = await makeWorld(database, {
      ...makePolicy(),
      roles: { owner: ['ann@example.com'], admin: ['ben@example.com'] },
    });
    const agent = { tenant_id: TENANT, name: 'made', owner_email: 'olga@example.com', is_new_owner: false };
    const made = await createAgent(deps, { ...agent, environment: 'production', days: 1, by: caller });
    const old = { ...agent, name: 'older', environment: 'production', days: 1 };
    await createAgent(deps, { ...old, by: OPERATOR });
    const rotated = await rotateAgent(deps, {
      tenant_id: TENANT,
      name: 'older',
      overlap_seconds: 0,
      days: 1,
      by: caller,
    });
    for (const { key } of [made, rotated]) {
      const known = await database.findAgentByKey(TENANT, hashAgentKey(key));
      if (known === null) throw new Error('the key is not known');
      const { agent_id: id, ...about } = known;
      const request = await submit(world.deps, { kind: 'agent', via: 'api', id, ...about }, makeSubmission());
      expect(await decide(world.deps, makeClick(request, 'ben'))).toMatchObject({
        kind: 'refused',
        refusal: 'is_requester',
      });
      expect(await decide(world.deps, makeClick(request, 'cat'))).toMatchObject({ kind: 'counted' });
    }
  });

  test('what it may is asked again in the transaction of what it does', async () => {
    const caller = await bear((await create('raced', 'admin', 'ben@example.com')).token);
    await withRoles({ owner: ['ann@example.com'], viewer: ['ben@example.com'] });
    const deps = { ...service, makeAgentKey: freshKey, findAccount: nobody };
    const agent = { tenant_id: TENANT, name: 'too-late', owner_email: 'olga@example.com', is_new_owner: false };
    const late = createAgent(deps, { ...agent, environment: 'production', days: 1, by: caller });
    await expect(late).rejects.toMatchObject({ code: 'admin_token_invalid' });
  });
});
