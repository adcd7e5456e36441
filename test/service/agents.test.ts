// Keeping agents, on real rows: their keys from the first to the last, and the audit events of each change.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasCode } from '../../src/domain/errors.ts';
import type { Labels } from '../../src/domain/people/labels.ts';
import { newId } from '../../src/process/wiring.ts';
import {
  type CreateAgentDeps,
  createAgent,
  labelAgent,
  listAgents,
  revokeAgent,
  rotateAgent,
} from '../../src/service/admin/agents.ts';
import type { ServiceDeps } from '../../src/service/deps.ts';
import { nobody, OPERATOR } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let service: ServiceDeps;
beforeAll(async () => {
  database = await createTestDatabase();
  service = { transact: database.transact, newId };
});
afterAll(() => database.drop());

const many = (count: number): Labels =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`l${place}`, 'x']));

describe('agents and their keys', () => {
  let count = 0;
  const makeAgentKey = () => {
    count += 1;
    const key = `plk_${'x'.repeat(40)}${count}`;
    return { key, hash: createHash('sha256').update(key).digest(), hint: key.slice(0, 12) };
  };
  const deps = (): CreateAgentDeps => ({ ...service, makeAgentKey, findAccount: nobody });
  const create = (name: string) => {
    const agent = { name, owner_email: 'owner@example.com', is_new_owner: true, environment: 'production', days: 90 };
    return createAgent(deps(), { ...agent, tenant_id: TENANT, by: OPERATOR });
  };
  const rotate = (name: string, overlap_seconds: number) =>
    rotateAgent(deps(), { tenant_id: TENANT, name, overlap_seconds, days: 90, by: OPERATOR });
  const holderOf = async (key: string) =>
    (await database.findAgentByKey(TENANT, createHash('sha256').update(key).digest()))?.agent_id ?? null;

  test('create gives out a key that works, and its hash alone is stored (INV-8)', async () => {
    const issued = await create('first');
    expect(await holderOf(issued.key)).toBe(issued.agent_id);
    const rows = await database.asSuperuser<{ all: string }>('select k::text as all from placet.agent_keys k');
    expect(rows.some((row) => row.all.includes(issued.key))).toBe(false);
  });

  test('a name is given once, also after its agent was revoked', async () => {
    await create('unique');
    await expect(create('unique')).rejects.toMatchObject({ code: 'conflict' });
    await revokeAgent(deps(), { tenant_id: TENANT, name: 'unique', by: OPERATOR });
    await expect(create('unique')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('rotate without overlap ends the old key at once', async () => {
    const old = await create('rotated-at-once');
    const fresh = await rotate('rotated-at-once', 0);
    expect([await holderOf(old.key), await holderOf(fresh.key)]).toEqual([null, old.agent_id]);
  });

  test('rotate with an overlap leaves the old key until then and never longer than it had', async () => {
    const old = await create('rotated-later');
    const fresh = await rotate('rotated-later', 3_600);
    expect([await holderOf(old.key), await holderOf(fresh.key)]).toEqual([old.agent_id, old.agent_id]);
    await rotate('rotated-later', 7 * 86_400);
    const ends = await database.asSuperuser<{ expires_at: Date }>(
      'select expires_at from placet.agent_keys where agent_id = $1 order by id limit 1',
      [old.agent_id],
    );
    expect(ends[0]?.expires_at).toEqual(fresh.old_keys_end_at);
  });

  test('revoke ends every key of the agent for good', async () => {
    const first = await create('revoked');
    const second = await rotate('revoked', 3_600);
    const revoke = () => revokeAgent(deps(), { tenant_id: TENANT, name: 'revoked', by: OPERATOR });
    expect([await revoke(), await revoke()]).toMatchObject([{ kind: 'revoked' }, { kind: 'unchanged' }]);
    expect([await holderOf(first.key), await holderOf(second.key)]).toEqual([null, null]);
    const again = await rotate('revoked', 0).catch((error: unknown) => error);
    expect(hasCode(again, 'conflict')).toBe(true);
  });

  test('labels are set as a whole, and wrong ones change nothing', async () => {
    const { agent_id } = await create('labelled');
    const label = (labels: Labels) => labelAgent(deps(), { tenant_id: TENANT, name: 'labelled', labels, by: OPERATOR });
    const labels = async () =>
      (await listAgents(service, { tenant_id: TENANT })).find((agent) => agent.id === agent_id)?.labels;
    expect(await labels()).toEqual({});
    expect((await label({ team: 'payments', tier: 'gold' })).kind).toBe('labelled');
    expect((await label({ tier: 'gold', team: 'payments' })).kind).toBe('unchanged');
    for (const wrong of [{ team: '' }, { 'a b': 'x' }, { team: 'ö' }, many(21)])
      await expect(label(wrong)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await labels()).toEqual({ team: 'payments', tier: 'gold' });
    expect((await label({ team: 'orders' })).kind).toBe('labelled');
    expect(await labels()).toEqual({ team: 'orders' });
    await revokeAgent(deps(), { tenant_id: TENANT, name: 'labelled', by: OPERATOR });
    await expect(label({ team: 'late' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(
      labelAgent(deps(), { tenant_id: TENANT, name: 'nobody', labels: {}, by: OPERATOR }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('each change of an agent has its audit event, once (INV-7)', async () => {
    const { agent_id } = await create('audited');
    for (const _ of [1, 2])
      await labelAgent(deps(), { tenant_id: TENANT, name: 'audited', labels: { team: 'a' }, by: OPERATOR });
    await rotate('audited', 0);
    for (const _ of [1, 2]) await revokeAgent(deps(), { tenant_id: TENANT, name: 'audited', by: OPERATOR });
    const types = await database.asSuperuser<{ type: string }>(
      "select type from placet.audit_events where facts ->> 'agent_id' = $1 order by position",
      [agent_id],
    );
    const wanted = ['agent.created', 'agent.labelled', 'agent.revoked', 'agent_key.created', 'agent_key.rotated'];
    expect(types.map((row) => row.type).sort()).toEqual(wanted);
  });

  test('the list shows live keys by their hint and revoked agents last', async () => {
    const { agent_id } = await create('aaa-listed');
    const agents = await listAgents(service, { tenant_id: TENANT });
    expect(agents.find((agent) => agent.id === agent_id)?.keys).toHaveLength(1);
    const states = agents.map((agent) => agent.revoked_at !== null);
    expect(states).toEqual([...states].sort());
  });
});
