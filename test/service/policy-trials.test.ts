// Explain and replay on real rows: who would be asked, who never counts, and which past verdicts a draft would change.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { explainPolicy } from '../../src/service/admin/explain-policy.ts';
import { replayPolicy } from '../../src/service/admin/replay-policy.ts';
import { submit } from '../../src/service/agent/submit.ts';
import {
  apply,
  makePerson,
  makePolicy,
  makeRule,
  makeSubmission,
  makeWorld,
  setActive,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ quorum: 2 })]));
});
afterAll(() => database.drop());

const ask = (changes: object = {}) => ({
  ...{ agent: world.caller.name, environment: null, action: 'orders.refund', resource: 'order/A-1001' },
  ...{ parameters: {}, on_behalf_of: null, ...changes },
});
const explained = (changes: object = {}) =>
  explainPolicy(world.service, { tenant_id: TENANT, of: { ask: ask(changes) } });

test('explains who would be asked, who never counts and why, and whether enough are left', async () => {
  await makePerson(world.service, 'ann@example.com');
  await setActive(world, database, { address: 'cat@example.com', is_active: false });
  const answer = await explained({ on_behalf_of: 'ann@example.com' });
  expect(answer).toMatchObject({ effect: 'require', rule: 'refunds', rules: [{ why: 'judges' }] });
  expect(answer.stages).toMatchObject([
    {
      quorum: 2,
      eligible: 1,
      is_reachable: false,
      groups: [
        {
          name: 'payments',
          members: [
            { email: 'ann@example.com', excluded: 'on_behalf_of' },
            { email: 'ben@example.com', excluded: null, is_active: true },
            { email: 'cat@example.com', is_active: false },
          ],
        },
      ],
    },
  ]);
  await setActive(world, database, { address: 'cat@example.com', is_active: true });
  expect((await explained()).stages).toMatchObject([{ eligible: 3, is_reachable: true }]);
});

test('the owner of the agent is named as one who never counts', async () => {
  const policy = makePolicy([makeRule()]);
  const payments = { members: ['olga@example.com', 'ben@example.com'], slack_user_group: null, channel: 'C0PAYMENTS' };
  await apply(world.service, { ...policy, approver_groups: { ...policy.approver_groups, payments } });
  const { stages } = await explained();
  expect(stages[0]?.groups[0]?.members.map(({ email, excluded }) => [email, excluded])).toEqual([
    ['ben@example.com', null],
    ['olga@example.com', 'owner'],
  ]);
});

test('of a Slack user group nobody can say beforehand whether enough are there', async () => {
  await apply(world.service, makePolicy([makeRule({ approvers: ['dba'] })]));
  expect((await explained()).stages).toMatchObject([{ eligible: 0, is_reachable: null }]);
});

test('explains a request that was made, and writes nothing by it', async () => {
  await apply(world.service, makePolicy([makeRule({ name: 'as it was' })]));
  const request = await submit(world.deps, world.caller, makeSubmission());
  await apply(
    world.service,
    makePolicy([makeRule({ name: 'as it is', effect: 'deny', approvers: [], credential: null })]),
  );
  const count = () => database.asSuperuser('select count(*) from placet.audit_events');
  const before = await count();
  const of = { request_id: request.id };
  expect(await explainPolicy(world.service, { tenant_id: TENANT, of })).toMatchObject({
    effect: 'deny',
    rule: 'as it is',
  });
  expect(await count()).toEqual(before);
  const gone = explainPolicy(world.service, { tenant_id: TENANT, of: { request_id: 'apr_nothing' } });
  await expect(gone).rejects.toMatchObject({ code: 'not_found' });
  await expect(explained({ agent: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
  expect(await explained({ agent: 'nobody', environment: 'test' })).toMatchObject({ effect: 'deny' });
});

test('replays what was asked through a draft and groups what changes, with counts and examples', async () => {
  await database.asSuperuser("update placet.approval_requests set created_at = now() - interval '90 days'");
  await apply(world.service, makePolicy([makeRule({ name: 'live' })]));
  const ids: string[] = [];
  for (const amount of [10, 20, 30, 40, 600]) {
    ids.push((await submit(world.deps, world.caller, makeSubmission({ parameters: { amount } }))).id);
  }
  const draft = `version: 1
rules:
  - { name: small, match: { action: orders.refund, resource: "order/*" }, when: "parameters.amount < 100", effect: allow }
`;
  const replay = (source: string, days: number) =>
    replayPolicy(world.service, { tenant_id: TENANT, source, since_seconds: days * 86_400 });
  expect(await replay(draft, 30)).toMatchObject({
    requests: 5,
    unchanged: 0,
    changes: [
      {
        from: { effect: 'require', rule: 'live' },
        to: { effect: 'allow', rule: 'small' },
        count: 4,
        examples: ids.slice(0, 3),
      },
      { from: { effect: 'require', rule: 'live' }, to: { effect: 'deny', rule: null }, count: 1, examples: [ids[4]] },
    ],
  });
  expect((await replay(draft, 100)).requests).toBeGreaterThan(5);
  const same = `version: 1
approver_groups: { payments: { members: [ann@example.com], channel: C0PAYMENTS } }
rules: [{ name: live, match: { action: orders.refund, resource: "order/*" }, effect: require, approvers: [payments] }]
`;
  expect(await replay(same, 30)).toMatchObject({ requests: 5, unchanged: 5, changes: [] });
  await expect(replay('version: 2', 30)).rejects.toMatchObject({ code: 'policy_invalid' });
});
