// Introspection goes by what holds now: the people, the policy, the agent.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freshKey } from '../../../src/process/admin.ts';
import { revokeAgent } from '../../../src/service/admin/agents.ts';
import { apply, makePolicy, makeRuleFor, nobody, OPERATOR } from '../../support/builders.ts';
import { TENANT } from '../../support/database.ts';
import { type OAuthApi, openOAuth } from './oauth-api.ts';

const INACTIVE = { active: false };
let it: OAuthApi;
beforeAll(async () => {
  it = await openOAuth();
});
afterAll(() => it.close());

test('an approver who left the group ends what it tells, as the use', async () => {
  const waiting = await it.ask('order/left');
  await it.approve(waiting);
  const { json } = await it.exchange(it.agent, waiting.id);
  const token = String(json['access_token']);
  expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
  const policy = makePolicy([makeRuleFor('order/*'), makeRuleFor('free/*', { effect: 'allow', approvers: [] })]);
  const { payments, dba } = policy.approver_groups;
  if (payments === undefined || dba === undefined) throw new Error('the policy has no groups');
  const smaller = { ...payments, members: ['ben@example.com', 'cat@example.com'] };
  await apply(it.world.service, { ...policy, approver_groups: { dba, payments: smaller } });
  expect((await it.introspect(it.tool, token)).json).toEqual(INACTIVE);
  await apply(it.world.service, policy);
  expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
});

test('who is deactivated ends what it tells also where others in the group are asked of Slack at the use alone', async () => {
  const rules = [
    makeRuleFor('order/*', { approvers: ['payments', 'board'], quorum: 1 }),
    makeRuleFor('free/*', { effect: 'allow', approvers: [] }),
  ];
  const policy = makePolicy(rules);
  const withBoard = (board: object) => ({
    ...policy,
    approver_groups: {
      ...policy.approver_groups,
      board: { members: [], slack_user_group: null, channel: 'C0BOARD', ...board },
    },
  });
  await apply(it.world.service, withBoard({ members: ['dan@example.com'] }));
  const waiting = await it.ask('order/asked');
  await it.approve(waiting);
  const { json } = await it.exchange(it.agent, waiting.id);
  const token = String(json['access_token']);
  await apply(it.world.service, withBoard({ slack_user_group: 'S0BOARD' }));
  expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
  const decided = 'select person_id from placet.decisions where request_id = $1';
  const [{ person_id } = { person_id: '' }] = await it.database.asSuperuser<{ person_id: string }>(decided, [
    waiting.id,
  ]);
  const setActive = (is_active: boolean) =>
    it.database.asSuperuser(
      'update placet.people set deactivated_at = case when $2 then null else now() end where id = $1',
      [person_id, is_active],
    );
  await setActive(false);
  expect((await it.introspect(it.tool, token)).json).toEqual(INACTIVE);
  await setActive(true);
  expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
});

test('a rule that denies by now, and an agent that was revoked, end what it tells, at once', async () => {
  const { token } = await it.claimed('free/3');
  expect((await it.introspect(it.tool, token)).json).toMatchObject({ active: true });
  const free = { effect: 'allow', approvers: [] } as const;
  const rules = [
    makeRuleFor('free/*', free),
    makeRuleFor('free/3', { effect: 'deny', approvers: [], credential: null }),
  ];
  await apply(it.world.service, makePolicy(rules));
  expect((await it.introspect(it.tool, token)).json).toEqual(INACTIVE);
  const other = await it.claimed('free/4');
  expect((await it.introspect(it.tool, other.token)).json).toMatchObject({ active: true });
  const sql = 'select name from placet.agents where id = $1';
  const [agent] = await it.database.asSuperuser<{ name: string }>(sql, [it.agent.id]);
  const deps = { ...it.world.service, makeAgentKey: freshKey, findAccount: nobody };
  await revokeAgent(deps, { tenant_id: TENANT, name: agent?.name ?? '', by: OPERATOR });
  expect((await it.introspect(it.tool, other.token)).json).toEqual(INACTIVE);
  expect((await it.introspect(it.agent, other.token)).status).toBe(401);
});
