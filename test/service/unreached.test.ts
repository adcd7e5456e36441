// Whoever waits for people who are no longer there: the stage asks more groups at once, or owner and admins are told, once.

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SourceAnswer } from '../../src/domain/people/membership.ts';
import { newId } from '../../src/process/wiring.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { lookAtReach, newReachSeen, type ReachDeps } from '../../src/service/clock/reach.ts';
import { drawUndeliverable } from '../../src/slack/draw/small-cards.ts';
import { channelAnswer, userGroupAnswer } from '../support/answers.ts';
import {
  apply,
  makeClick,
  makePolicy,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf } from '../support/rows.ts';

const ADMINS = 'C0ADMINS';
const CHANNEL = 'G0SRE';

let database: TestDatabase;
let world: World;
/** What sources answer now; one that is left out cannot be asked. */
let answers: readonly SourceAnswer[];
let questions: number;
let look: () => Promise<number>;

const group = (entry: object) => ({ members: [], slack_user_group: null, channel: 'C0PAYMENTS', ...entry });
const POLICY = {
  ...makePolicy([
    makeRuleFor('up/*', {
      approvers: [],
      stages: [{ approvers: ['dba'], quorum: 1, escalate: { after_seconds: 500, to: ['leads'] } }],
    }),
    makeRuleFor('group/*', { approvers: ['dba'] }),
    makeRuleFor('channel/*', { approvers: ['sre'] }),
    makeRuleFor('two/*', { approvers: ['payments'], quorum: 2 }),
    makeRuleFor('then/*', {
      approvers: [],
      stages: [
        { approvers: ['payments'], quorum: 1 },
        { approvers: ['board'], quorum: 1 },
      ],
    }),
  ]),
  approver_groups: {
    dba: group({ slack_user_group: 'S0DBA' }),
    sre: group({ channel_members: CHANNEL }),
    payments: group({ members: ['ann@example.com', 'ben@example.com'] }),
    board: group({ members: ['ann@example.com', 'cat@example.com'] }),
    leads: group({ members: ['lea@example.com'] }),
  },
};

const close = () => database?.drop();
beforeEach(async () => {
  await close();
  database = await createTestDatabase();
  world = await makeWorld(database, POLICY);
  answers = [userGroupAnswer('S0DBA', ['U0ANN']), channelAnswer(CHANNEL, ['U0ANN', 'U0BEN'])];
  questions = 0;
  const askSources: ReachDeps['askSources'] = async ([source]) => {
    questions += 1;
    const found = answers.filter((answer) => answer.source.kind === source?.kind);
    return found.length === 0 ? Promise.reject(new Error('it cannot be asked')) : found;
  };
  const deps = { ...world.service, newId, tenant_id: TENANT, askSources, admin_channel: ADMINS };
  const seen = newReachSeen();
  look = () => lookAtReach(deps, seen);
  world = { ...world, deps: { ...world.deps, askSources: async () => answers } };
});
afterAll(close);

const ask = (resource: string) => submit(world.deps, world.caller, makeSubmission({ resource }));
const noticesOf = async ({ id }: RequestView) => {
  const sql = `select destination from placet.slack_messages where request_id = $1 and kind = 'undeliverable' order by destination`;
  return (await database.asSuperuser<{ destination: string }>(sql, [id])).map(({ destination }) => destination);
};
const escalatedOf = ({ id }: RequestView) => eventsOf(database, id, 'approval_request.escalated');

describe('what waits for a group that has nobody left', () => {
  test.each<[string, () => SourceAnswer]>([
    ['was emptied', () => userGroupAnswer('S0DBA', [])],
    ['is gone', () => ({ ...userGroupAnswer('S0DBA', []), fault: 'no_such_subteam' })],
    ['has the human behind the agent alone', () => userGroupAnswer('S0DBA', ['U0OLGA'])],
  ])('escalates at once when its user group %s', async (_title, answer) => {
    await decide(world.deps, makeClick(await ask('two/0'), 'olga'));
    const request = await ask('up/1');
    expect([await look(), await escalatedOf(request)]).toEqual([0, []]);
    answers = [answer()];
    expect(await look()).toBe(1);
    expect(await escalatedOf(request)).toHaveLength(1);
    expect(await noticesOf(request)).toEqual([]);
    expect(await decide(world.deps, makeClick(request, 'lea', { answers }))).toMatchObject({ kind: 'counted' });
  });

  test('and names none to escalate to is told of: each owner once, the admins once for all that wait for the group', async () => {
    const [one, two] = [await ask('group/1'), await ask('group/2')];
    const fine = await ask('two/1');
    answers = [userGroupAnswer('S0DBA', [])];
    expect(await look()).toBe(2);
    const owner = world.caller.owner_person_id;
    expect([...(await noticesOf(one)), ...(await noticesOf(two))].sort()).toEqual([ADMINS, owner, owner].sort());
    expect(await noticesOf(fine)).toEqual([]);
    const facts = { groups: ['dba'], errors: ['too_few_people'] };
    expect(await eventsOf(database, one.id, 'approval_request.undeliverable')).toEqual([{ facts }]);
    expect([await look(), await look()]).toEqual([0, 0]);
    const { text } = drawUndeliverable(await standing(one));
    expect(text).toContain('can no longer be decided: too few people are left in dba');
  });

  test('and had somebody at an earlier click, whom its user group does not list any more, is told of', async () => {
    const clicked = await decide(world.deps, makeClick(await ask('group/0'), 'ann', { answers }));
    expect(clicked).toMatchObject({ kind: 'counted' });
    const request = await ask('group/1');
    expect(await look()).toBe(0);
    answers = [userGroupAnswer('S0DBA', [])];
    expect([await look(), await noticesOf(request)]).toEqual([1, expect.arrayContaining([ADMINS])]);
  });

  test.each<[string, SourceAnswer]>([
    ['was archived', channelAnswer(CHANNEL, [], 'channel_archived')],
    ['has none of its people of then', channelAnswer(CHANNEL, ['U0EVE', 'U0LEA'])],
  ])('is told of when its channel %s', async (_title, answer) => {
    const request = await ask('channel/1');
    expect(await look()).toBe(0);
    answers = [answer];
    expect([await look(), await noticesOf(request)]).toEqual([1, expect.arrayContaining([ADMINS])]);
  });
});

test('nobody was in a channel that a group has come to stand for since the request was made', async () => {
  const request = await ask('two/1');
  const payments = group({ channel_members: CHANNEL });
  const approver_groups = { ...POLICY.approver_groups, payments };
  await apply(world.service, { ...POLICY, approver_groups });
  expect([await look(), await noticesOf(request)]).toEqual([1, expect.arrayContaining([ADMINS])]);
});

test('a deactivated approver, and one who decided in an earlier stage, leave too few', async () => {
  const [two, then] = [await ask('two/1'), await ask('then/1')];
  await decide(world.deps, makeClick(then, 'ann'));
  await decide(world.deps, makeClick(two, 'ben'));
  expect(await look()).toBe(0);
  await database.asSuperuser(`update placet.people set deactivated_at = now() where id in (
    select person_id from placet.person_emails where address = 'ben@example.com')`);
  expect([await look(), await noticesOf(two), await noticesOf(then)]).toEqual([1, expect.any(Array), []]);
  expect(await noticesOf(two)).toContain(ADMINS);
  const { board } = POLICY.approver_groups;
  const approver_groups = { ...POLICY.approver_groups, board: { ...board, members: ['ann@example.com'] } };
  await apply(world.service, { ...POLICY, approver_groups });
  expect([await look(), await noticesOf(then)]).toEqual([1, expect.arrayContaining([ADMINS])]);
});

test('a source that cannot be asked leaves all as it is, and without news nothing is walked again', async () => {
  const request = await ask('up/1');
  answers = [];
  expect([await look(), await escalatedOf(request)]).toEqual([0, []]);
  const before = questions;
  let walked = 0;
  const counted: World['service']['transact'] = (tenant, work) => {
    walked += 1;
    return world.service.transact(tenant, work);
  };
  const seen = newReachSeen();
  const deps = { transact: counted, newId, tenant_id: TENANT, askSources: async () => [], admin_channel: null };
  await lookAtReach(deps, seen);
  const first = walked;
  await lookAtReach(deps, seen);
  expect([before, walked - first]).toEqual([1, 1]);
});

test('the same people in other bytes are no news', async () => {
  await ask('up/1');
  let bytes = 0;
  let walked = 0;
  const transact: World['service']['transact'] = (tenant, work) => {
    walked += 1;
    return world.service.transact(tenant, work);
  };
  const askSources: ReachDeps['askSources'] = async () => {
    bytes += 1;
    const user_ids = bytes % 2 === 0 ? ['U0ANN', 'U0BEN'] : ['U0BEN', 'U0ANN'];
    return [{ ...userGroupAnswer('S0DBA', user_ids), digest: `sha256:${bytes}` }];
  };
  const seen = newReachSeen();
  const deps = { transact, newId, tenant_id: TENANT, askSources, admin_channel: null };
  await lookAtReach(deps, seen);
  const first = walked;
  await lookAtReach(deps, seen);
  expect([walked - first, bytes]).toEqual([1, 2]);
});

const standing = async ({ id }: RequestView) => {
  const record = await readCard(world.service, TENANT, id);
  const since = new Date();
  const card = { channel: 'C0PAYMENTS', state: 'posted', error: null, posted_at: since, undelivered_at: null } as const;
  return { ...record, cards: [card] };
};
