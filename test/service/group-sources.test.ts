// Groups of groups, and groups that Slack's members can change: who counts is what the sources say at this very click and claim.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import type { DecideInput } from '../../src/service/approver/decide.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import { channelAnswer, userGroupAnswer } from '../support/answers.ts';
import {
  apply,
  makeClick,
  makePolicy,
  makeProfile,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf } from '../support/rows.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

const CHANNEL = 'G0SRE';
const IN_CHANNEL = ['U0ANN', 'U0BEN', 'U0CAT'];

let database: TestDatabase;
let world: World;
let playground: Playground;
let api: TestUseCases;

const group = (entry: object) => ({ members: [], slack_user_group: null, channel: 'C0PAYMENTS', ...entry });
const policy: PolicyDocument = {
  ...makePolicy([
    makeRuleFor('nested/*', { approvers: ['leads'], quorum: 2 }),
    makeRuleFor('each/*', { approvers: [], stages: [{ approvers: ['payments', 'leads'], quorum: 2, each: true }] }),
    makeRuleFor('channel/*', { approvers: ['sre'] }),
    makeRuleFor('deep/*', { approvers: ['all'] }),
  ]),
  people: ['ann', 'cat'].map((name) => ({ email: `${name}@example.com`, name, slack: [] })),
  approver_groups: {
    payments: group({ members: ['ann@example.com', 'ben@example.com'] }),
    board: group({ members: ['ben@example.com', 'dan@example.com'] }),
    dba: group({ slack_user_group: 'S0DBA' }),
    sre: group({ channel_members: CHANNEL }),
    leads: group({ groups: ['payments', 'board', 'dba'] }),
    all: group({ groups: ['leads', 'sre'] }),
  },
};

beforeAll(async () => {
  database = await createTestDatabase();
  playground = await startPlayground();
  for (const id of ['U0ANN', 'U0BEN', 'U0CAT', 'U0DAN'])
    await slack().setUser(id, { email: `${id.slice(2).toLowerCase()}@example.com` });
  await channel({});
  api = createTestUseCases(database, TENANT, { slack: playground });
  world = await makeWorld(database, policy);
});
afterAll(async () => {
  await api.close();
  await playground.close();
  await database.drop();
});
const slack = () => createPlaygroundClient(playground.url);
afterEach(async () => {
  await slack().clearFaults();
  await channel({});
  await apply(world.service, policy);
});

const channel = (patch: object) =>
  slack().setChannel(CHANNEL, {
    is_private: true,
    is_archived: false,
    is_ext_shared: false,
    members: [...IN_CHANNEL, playground.botUserId],
    ...patch,
  });
const ask = (resource: string, more = {}) => api.submit(world.caller, makeSubmission({ resource, ...more }));
const click = (request: RequestView, name: string, changes: Partial<DecideInput> = {}) =>
  decide(
    world.deps,
    makeClick(request, name, {
      answers: [userGroupAnswer('S0DBA', []), channelAnswer(CHANNEL, IN_CHANNEL)],
      ...changes,
    }),
  );
const claimed = (request: RequestView) => api.claim(world.caller, request.id);

describe('a group of groups has the people of all of them', () => {
  test('one person in several of them is one (INV-1)', async () => {
    const request = await ask('nested/1');
    expect(await click(request, 'ben')).toMatchObject({ kind: 'counted', record: { request: { state: 'pending' } } });
    expect(await click(request, 'ben')).toMatchObject({ kind: 'refused', refusal: 'already_counted' });
    expect(await click(request, 'cat')).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
    expect(await click(request, 'dan')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await expect(claimed(request)).resolves.toMatchObject({ lease: {} });
  });

  test('a person stands for one of two groups, also where one is within the other (INV-1)', async () => {
    const request = await ask('each/1');
    await click(request, 'ben');
    expect(await click(request, 'ann')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
  });

  test('whoever leaves the inner group counts no more, at the claim too (INV-1)', async () => {
    const request = await ask('nested/2');
    await click(request, 'ann');
    await click(request, 'dan');
    const { board } = policy.approver_groups;
    const without = { ...policy.approver_groups, board: { ...board, members: ['ben@example.com'] } as never };
    await apply(world.service, { ...policy, approver_groups: without });
    await expect(claimed(request)).rejects.toMatchObject({ code: 'quorum_lost' });
  });

  test('a user group within it is asked, and its members count', async () => {
    const request = await ask('nested/3');
    const answers = [userGroupAnswer('S0DBA', ['U0CAT'])];
    expect(await click(request, 'cat', { answers })).toMatchObject({ kind: 'counted' });
    expect(await click(request, 'ann')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await slack().setUserGroup('S0DBA', ['U0DAN'], { date_delete: 0 });
    await expect(claimed(request)).rejects.toMatchObject({ code: 'quorum_lost' });
    await slack().setUserGroup('S0DBA', ['U0CAT'], { date_delete: 0 });
  });
});

describe('the members of a private channel', () => {
  test('count when they were members when it was made, at the click and at the claim', async () => {
    const request = await ask('channel/1');
    expect(await click(request, 'ann')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
    await expect(claimed(request)).resolves.toMatchObject({ lease: {} });
  });

  test('who joined since the request was made does not count (INV-1)', async () => {
    const request = await ask('channel/2');
    const answers = [channelAnswer(CHANNEL, [...IN_CHANNEL, 'U0DAN'])];
    expect(await click(request, 'dan', { answers })).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
    const later = await ask('channel/3', { timeout_seconds: 300 });
    const input = { tenant_id: TENANT, profile: makeProfile('dan'), answers, limit: 100 };
    const waiting = await listWaitingFor(world.deps, input);
    expect(waiting).toMatchObject({ kind: 'listed' });
    const ids = waiting.kind === 'listed' ? waiting.items.map((item) => item.request.id) : [];
    for (const { id } of [request, later]) expect(ids).not.toContain(id);
    const mine = await listWaitingFor(world.deps, { ...input, profile: makeProfile('ann') });
    expect(mine).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ request: expect.objectContaining({ id: later.id }) })]),
    });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['was made public', () => channel({ is_private: false })],
    ['was shared with another company', () => channel({ is_ext_shared: true })],
    ['was archived', () => channel({ is_archived: true })],
    ['lost the approver', () => channel({ members: ['U0BEN', playground.botUserId] })],
    ['threw the app out', () => channel({ members: IN_CHANNEL })],
    ['made the approver a guest', () => slack().setUser('U0ANN', { is_restricted: true })],
    ['lost the approver to a deactivation', () => slack().setUser('U0ANN', { deleted: true })],
  ])('give nothing at the claim when the channel %s (INV-1)', async (what, change) => {
    const request = await ask(`channel/${what}`);
    expect(await click(request, 'ann')).toMatchObject({ kind: 'counted' });
    await change();
    await expect(claimed(request)).rejects.toMatchObject({ code: 'quorum_lost' });
    await slack().setUser('U0ANN', { is_restricted: false, deleted: false });
  });

  test('while Slack cannot be asked no such request is made, and a repeat keeps its answer', async () => {
    const submission = makeSubmission({ resource: 'channel/down' });
    const made = await api.submit(world.caller, submission);
    await slack().faults({ kind: 'http_error', method: 'conversations.members', status: 502, count: 9 });
    await expect(ask('channel/down-2')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(api.submit(world.caller, submission)).resolves.toMatchObject({ id: made.id });
  });

  test('a channel of nobody who may count is refused at once', async () => {
    await channel({ members: [playground.botUserId] });
    await expect(ask('channel/empty')).rejects.toMatchObject({ code: 'quorum_unreachable' });
    await channel({ is_private: false });
    await expect(ask('channel/public')).rejects.toMatchObject({ code: 'quorum_unreachable' });
  });

  test('count through the group that holds their group', async () => {
    const request = await ask('deep/1');
    expect(await click(request, 'cat')).toMatchObject({ kind: 'counted', record: { request: { state: 'approved' } } });
  });
});

test('each decision keeps from what its person is known to be in the group, and when that was asked', async () => {
  const request = await ask('deep/2');
  await click(request, 'ann');
  const [row] = await database.asSuperuser<{
    evidence: { kind: string; source: string; asked_at: string; digest: string }[];
  }>('select evidence from placet.decisions where request_id = $1', [request.id]);
  expect(row?.evidence.map(({ kind, source }) => [kind, source]).sort()).toEqual([
    ['channel_members', CHANNEL],
    ['listed', expect.stringMatching(/^pol_/)],
  ]);
  for (const { asked_at, digest } of row?.evidence ?? []) {
    expect(Date.parse(asked_at)).toBeGreaterThanOrEqual(request.created_at.getTime());
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  }
  expect(await eventsOf(database, request.id, 'decision.recorded')).toHaveLength(1);
});
