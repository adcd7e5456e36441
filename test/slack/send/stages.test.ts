// Stages in Slack: whose card is posted when, what the threads are told, and which groups an escalation adds, over real rows.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RequestView } from '../../../src/service/agent/request-view.ts';
import { decide } from '../../../src/service/approver/decide.ts';
import { listWaitingFor } from '../../../src/service/approver/waiting.ts';
import { makeClick, makePolicy, makeProfile, makeRule } from '../../support/builders.ts';
import { TENANT } from '../../support/database.ts';
import { ADMINS, CHANNEL, type Grounds, openGrounds } from './grounds.ts';

const LEADS = ADMINS;
let grounds: Grounds;
beforeAll(async () => {
  const group = (channel: string, ...names: string[]) => ({
    members: names.map((name) => `${name}@example.com`),
    slack_user_group: null,
    channel,
  });
  const rule = (name: string, stages: ReturnType<typeof makeRule>['stages'] & object) =>
    makeRule({ name, match: { ...makeRule().match, resource: `${name}/*` }, approvers: [], stages });
  const escalate = { after_seconds: 60, to: ['leads'] };
  grounds = await openGrounds({
    ...makePolicy([
      rule('ladder', [
        { approvers: ['payments'], quorum: 1 },
        { approvers: ['leads'], quorum: 1 },
      ]),
      rule('same', [
        { approvers: ['payments'], quorum: 1 },
        { approvers: ['treasury'], quorum: 1 },
      ]),
      rule('slow', [{ approvers: ['payments'], quorum: 2, remind_after_seconds: 20, escalate }]),
    ]),
    approver_groups: {
      payments: group(CHANNEL, 'ann', 'ben', 'cat'),
      treasury: group(CHANNEL, 'tom'),
      leads: group(LEADS, 'lea'),
    },
  });
});
afterAll(() => grounds.close());

const ask = (name: string) => grounds.ask({ resource: `${name}/${Math.random()}`, timeout_seconds: 600 });
const approve = (request: RequestView, name: string) => decide(grounds.world.deps, makeClick(request, name));
const about = (request: RequestView) => (message: { text: string }) => message.text.includes(request.resource);
const textsIn = async (channel: string, request: RequestView) =>
  (await grounds.slack.messages(channel)).filter(about(request)).map(({ text }) => text);
const waits = async (name: string, request: RequestView) => {
  const input = { tenant_id: TENANT, profile: makeProfile(name), answers: [], limit: 100 };
  const answer = await listWaitingFor(grounds.world.deps, input);
  return answer.kind === 'listed' && answer.items.some((item) => item.request.id === request.id);
};

test('the card of the next stage is posted when the one before is full, and not before', async () => {
  const request = await ask('ladder');
  await grounds.run(request);
  expect(await textsIn(LEADS, request)).toEqual([]);
  await approve(request, 'ann');
  await grounds.run(request);
  expect(await textsIn(LEADS, request)).toEqual([expect.stringContaining('Approval needed')]);
  expect(await textsIn(CHANNEL, request)).toHaveLength(1);
  await approve(request, 'lea');
  await grounds.run(request);
  for (const channel of [CHANNEL, LEADS]) {
    expect(await textsIn(channel, request)).toEqual([expect.stringContaining('Approved by')]);
  }
});

test('where its card stands already the thread is told that the next stage has begun, once', async () => {
  const request = await ask('same');
  await grounds.run(request);
  await approve(request, 'ann');
  for (let round = 0; round < 3; round += 1) await grounds.run(request);
  const [card, ...replies] = await textsIn(CHANNEL, request);
  expect(card).toContain('Approval needed');
  expect(replies).toEqual([expect.stringContaining('The next stage has begun. ')]);
  expect(replies[0]).toContain('needs 1 more of treasury');
});

test('a stage that nobody fills reminds, then asks another group as well, tells the first one, and lowers nothing', async () => {
  const request = await ask('slow');
  await grounds.run(request);
  await approve(request, 'ann');
  await grounds.pass(request, 25);
  for (let round = 0; round < 2; round += 1) await grounds.run(request);
  expect((await textsIn(CHANNEL, request)).slice(1)).toEqual([expect.stringContaining('Still waiting')]);
  expect([await waits('lea', request), await textsIn(LEADS, request)]).toEqual([false, []]);
  expect(await approve(request, 'lea')).toMatchObject({ refusal: 'not_in_group' });
  await grounds.pass(request, 50);
  for (let round = 0; round < 3; round += 1) await grounds.run(request);
  const added = (await textsIn(CHANNEL, request)).slice(2);
  expect(added).toEqual([expect.stringContaining('Nobody decided yet, so leads may decide too.')]);
  expect(added[0]).toContain('needs 1 more of payments or leads');
  expect(await textsIn(LEADS, request)).toEqual([expect.stringContaining('Approval needed')]);
  expect((await grounds.view(request)).requirement?.stages).toMatchObject([
    { quorum: 2, added: ['leads'], approvals: 1 },
  ]);
  const events = await grounds.database.asSuperuser(
    `select facts from placet.audit_events where request_id = '${request.id}' and type = 'approval_request.escalated'`,
  );
  expect(events).toEqual([{ facts: { stage: 0, groups: ['leads'] } }]);
  expect(await waits('lea', request)).toBe(true);
  await approve(request, 'lea');
  expect((await grounds.view(request)).state).toBe('approved');
  await grounds.api.claim(grounds.world.caller, request.id);
  expect(await grounds.database.asSuperuser('select request_id from placet.executed_without_approval')).toEqual([]);
});

test('no group is added but those that the request named, nor once it is over, and none is ever taken away', async () => {
  const request = await ask('slow');
  const add = (group: string) =>
    grounds.database.asSuperuser(
      `insert into placet.escalations select r.tenant_id, r.id, 0, g.id, g.name, now()
       from placet.approval_requests r, placet.approver_groups g where r.id = '${request.id}' and g.name = '${group}'`,
    );
  await expect(add('treasury')).rejects.toThrow('asks no such group');
  await add('leads');
  await expect(grounds.database.asSuperuser('delete from placet.escalations')).rejects.toThrow();
  await expect(grounds.database.asSuperuser("update placet.escalations set name = 'x'")).rejects.toThrow();
  const over = await ask('ladder');
  await grounds.api.cancel(grounds.world.caller, over.id);
  const late = `insert into placet.escalations select r.tenant_id, r.id, 0, g.id, g.name, now()
     from placet.approval_requests r, placet.approver_groups g where r.id = '${over.id}' and g.name = 'leads'`;
  await expect(grounds.database.asSuperuser(late)).rejects.toThrow('asks no such group');
});
