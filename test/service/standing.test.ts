// What beats an approval: a rule that denies by now, an agent that was revoked, approvers who no longer count. Asked
// at the claim, at the start and at the use alike.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import type { PolicyDocument, Rule } from '../../src/domain/policy/policy.ts';
import { revokeAgent } from '../../src/service/admin/agents.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  apply,
  makeAgent,
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  OPERATOR,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let playground: Playground;
const MASKING = {
  'cards.charge': {
    parameters: {
      type: 'object',
      properties: { card: { type: 'string', pattern: '^[0-9]{16}$' }, amount: { type: 'number' } },
    },
    mask: ['card'],
  },
} as const;
const charge = makeRule({ name: 'charges', match: { ...makeRule().match, action: 'cards.charge' } });
/** Holds always, but who reads it cannot know that. */
const LATE = 'now > timestamp("2020-01-01T00:00:00Z")';
const never = (when?: string): Rule => ({
  ...makeRule({ name: 'never', match: { ...makeRule().match, action: '*' }, effect: 'deny', approvers: [] }),
  credential: null,
  ...(when === undefined ? {} : { when }),
});
const policyWith = (...rules: Rule[]): PolicyDocument => ({
  ...makePolicy([...rules, makeRuleFor('db/*', { approvers: ['dba'] }), makeRuleFor('order/*'), charge]),
  actions: MASKING,
});
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policyWith());
  playground = await startPlayground();
  api = createTestUseCases(database, TENANT, { slack: playground });
});
afterAll(async () => {
  await api.close();
  await playground.close();
  await database.drop();
});
beforeEach(() => apply(world.service, policyWith()));

const startOf = ({ id, digest }: RequestView) =>
  api.start(world.caller, { id, digest, idempotency_key: 'standing-test' });
const useOf = ({ digest }: RequestView, { token, lease }: Awaited<ReturnType<typeof api.claim>>) =>
  api.use({ lease_id: lease.id, token, digest });

test('a rule that denies by now refuses claim, start and use of what was approved before, and says which rule to the log', async () => {
  const [unclaimed, claimed] = [await submitApproved(api, world), await submitApproved(api, world)];
  const credential = await api.claim(world.caller, claimed.id);
  await apply(world.service, policyWith(never()));
  for (const act of [() => api.claim(world.caller, unclaimed.id), () => startOf(unclaimed)])
    await expect(act()).rejects.toMatchObject({ code: 'denied_by_policy' });
  await expect(useOf(claimed, credential)).rejects.toMatchObject({ code: 'denied_by_policy' });
  const facts = [{ facts: { code: 'denied_by_policy', rule: 'never' } }];
  expect(await eventsOf(database, unclaimed.id, 'grant.claim_refused')).toEqual(facts);
  expect(await eventsOf(database, unclaimed.id, 'execution.start_refused')).toEqual(facts);
  expect(await eventsOf(database, claimed.id, 'lease.use_refused')).toEqual(facts);
  expect(await leasesOf(database, unclaimed.id)).toEqual([]);
  expect(await leasesOf(database, claimed.id)).toEqual([{ state: 'active' }]);
  // Nothing was spent by it: under the policy of before both go on.
  await apply(world.service, policyWith());
  await expect(useOf(claimed, credential)).resolves.toMatchObject({ state: 'used' });
  await expect(api.claim(world.caller, unclaimed.id)).resolves.toMatchObject({ lease: { id: expect.any(String) } });
});

test('a condition of a rule that denies is asked of what was approved, not of its name alone', async () => {
  const request = await submitApproved(api, world);
  await apply(world.service, policyWith(never('parameters.amount > 120')));
  await expect(api.claim(world.caller, request.id)).resolves.toMatchObject({ lease: { id: expect.any(String) } });
  const other = await submitApproved(api, world);
  await apply(world.service, policyWith(never('parameters.amount >= 120')));
  await expect(api.claim(world.caller, other.id)).rejects.toMatchObject({ code: 'denied_by_policy' });
});

test('a rule that is switched off denies nothing, and what it approved before is not acted on', async () => {
  await apply(world.service, policyWith({ ...never(), off: true }));
  const request = await submitApproved(api, world);
  const { rule: approving } = request.policy;
  const claimed = await submitApproved(api, world);
  const credential = await api.claim(world.caller, claimed.id);
  const { rules, ...rest } = policyWith();
  const switched = rules.map((each): Rule => (each.name === approving ? { ...each, off: true } : each));
  await apply(world.service, { ...rest, rules: switched });
  for (const act of [() => api.claim(world.caller, request.id), () => startOf(request)])
    await expect(act()).rejects.toMatchObject({ code: 'denied_by_policy' });
  await expect(useOf(claimed, credential)).rejects.toMatchObject({ code: 'denied_by_policy' });
  expect(await eventsOf(database, claimed.id, 'lease.use_refused')).toEqual([
    { facts: { code: 'denied_by_policy', rule: approving } },
  ]);
});

describe('a value that is masked is known to nobody any more, so that', () => {
  async function charged(): Promise<RequestView> {
    const parameters = { card: '4111111111111111', amount: 5 };
    const request = await api.submit(world.caller, makeSubmission({ action: 'cards.charge', parameters }));
    await decide(world.deps, makeClick(request, 'ann'));
    return request;
  }

  test.each<[string, string, string, string | null]>([
    ['a rule that judged it goes on', 'parameters.card == "1"', 'parameters.card == "1"', null],
    [
      'a rule that judged it, and looks at the time too, denies',
      `${LATE} && parameters.card == "1"`,
      `${LATE} && parameters.card == "1"`,
      'denied_by_policy',
    ],
    ['a rule that looks at it since denies', 'false', 'parameters.card == "1"', 'denied_by_policy'],
    ['a rule that asks whether it is there denies', 'false', 'has(parameters.card) == false', 'denied_by_policy'],
    ['a rule that looks at others goes on', 'false', 'parameters.amount > 5', null],
  ])('%s', async (_title, before, after, code) => {
    await apply(world.service, policyWith(never(before)));
    const request = await charged();
    await apply(world.service, policyWith(never(after)));
    const claiming = api.claim(world.caller, request.id);
    if (code === null) await expect(claiming).resolves.toMatchObject({ lease: { id: expect.any(String) } });
    else await expect(claiming).rejects.toMatchObject({ code });
  });
});

test('the credential of an agent that was revoked is good for nothing any more', async () => {
  const caller = await makeAgent(world.service);
  const request = await submitApproved(api, { ...world, caller });
  const credential = await api.claim(caller, request.id);
  const makeAgentKey = () => {
    throw new Error('no key is to be made');
  };
  await revokeAgent({ ...world.service, makeAgentKey }, { tenant_id: TENANT, name: caller.name, by: OPERATOR });
  await expect(useOf(request, credential)).rejects.toMatchObject({ code: 'agent_revoked' });
  expect(await eventsOf(database, request.id, 'lease.use_refused')).toEqual([{ facts: { code: 'agent_revoked' } }]);
});

test('an approver who left the group between claim and use takes the quorum along (INV-1)', async () => {
  const request = await submitApproved(api, world);
  const credential = await api.claim(world.caller, request.id);
  const policy = policyWith();
  const { payments, dba } = policy.approver_groups as Record<
    'payments' | 'dba',
    (typeof policy.approver_groups)['dba'] & object
  >;
  await apply(world.service, {
    ...policy,
    approver_groups: { dba, payments: { ...payments, members: ['ben@example.com'] } },
  });
  await expect(useOf(request, credential)).rejects.toMatchObject({ code: 'quorum_lost' });
  expect(await leasesOf(database, request.id)).toEqual([{ state: 'active' }]);
});

describe('what Slack says at the use counts', () => {
  const slack = () => createPlaygroundClient(playground.url);
  const listed = (...user_ids: string[]) => slack().setUserGroup('S0DBA', user_ids, { date_delete: 0 });

  test('who has left the user group since the claim no longer counts; who is back does (INV-1)', async () => {
    await listed('U0ANN');
    const request = await api.submit(world.caller, makeSubmission({ resource: 'db/1' }));
    await decide(world.deps, makeClick(request, 'ann', { answers: [userGroupAnswer('S0DBA', ['U0ANN'])] }));
    const credential = await api.claim(world.caller, request.id);
    await listed('U0BEN');
    await expect(useOf(request, credential)).rejects.toMatchObject({ code: 'quorum_lost' });
    await slack().faults({ kind: 'api_error', method: 'usergroups.users.list', error: 'fatal_error', count: 1 });
    await expect(useOf(request, credential)).rejects.toMatchObject({ code: 'unavailable' });
    await listed('U0ANN');
    await expect(useOf(request, credential)).resolves.toMatchObject({ state: 'used' });
  });
});
