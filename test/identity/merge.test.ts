// Two people who turn out to be one human: nothing recorded is changed, everything that still counts is counted anew at once,
// and what has been executed is reported.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as contentViews from '../../src/db/content-views.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { tally } from '../../src/domain/request/stages.ts';
import { newId } from '../../src/process/wiring.ts';
import { mergePeople, showPerson } from '../../src/service/admin/people.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { reconcile } from '../../src/slack/send/reconcile.ts';
import {
  apply,
  makeAgent,
  makeClick,
  makePerson,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  OPERATOR,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger, type FakeMessenger, UNDELIVERABLE } from '../support/fake-messenger.ts';
import { eventsOf, leasesOf, stateOf } from '../support/rows.ts';
import { inputOf } from '../support/temporal.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

/** Each test has its own, because a merge is for good. */
const NAMES = ['ann', 'ben', 'cat', ...Array.from({ length: 20 }, (_, at) => `m${at}`)];
const VERIFY = readFileSync(new URL('../../docs/verify.md', import.meta.url), 'utf8');

const policy = ((): PolicyDocument => {
  const made = makePolicy([makeRule({ quorum: 2 }), makeRuleFor('three/*', { quorum: 3 })]);
  const members = NAMES.map((name) => `${name}@example.com`);
  const payments = { members, slack_user_group: null, channel: 'C0PAYMENTS' };
  return { ...made, approver_groups: { ...made.approver_groups, payments } };
})();

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let slack: FakeMessenger;
let fresh = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policy);
  api = createTestUseCases(database);
  slack = createFakeMessenger();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** Approvers whom no other test has met. */
const twoPeople = (): readonly [string, string] => [`m${fresh++}`, `m${fresh++}`];
const emailOf = (name: string) => `${name}@example.com`;
const idOf = (name: string) => makePerson(world.service, emailOf(name));
const mergeNamed = (who: string, into: string) =>
  mergePeople(world.service, {
    tenant_id: TENANT,
    who: emailOf(who),
    into: emailOf(into),
    operator: OPERATOR,
  });

async function approvedBy(
  names: readonly string[],
  resource = 'order/A-1',
  caller = world.caller,
): Promise<RequestView> {
  const request = await api.submit(caller, makeSubmission({ resource }));
  for (const name of names) {
    expect(await decide(world.deps, makeClick(request, name))).toMatchObject({ kind: 'counted' });
  }
  return request;
}

const recordOf = ({ id }: RequestView) => readCard(world.service, TENANT, id);
async function tallyOf(request: RequestView) {
  const record = await recordOf(request);
  return tally(record.request, record.decisions);
}
const work = ({ id }: RequestView) =>
  reconcile(
    { transact: database.transact, newId, messenger: slack, undeliverable: UNDELIVERABLE, onRefused: () => undefined },
    inputOf(id),
    () => undefined,
  );

test('two who are one may both stay in the policy file: who stands first names them, whatever the order of addresses', async () => {
  const [one, other] = twoPeople();
  const person_id = await idOf(other);
  await idOf(one);
  await mergeNamed(one, other);
  const name = async () => (await showPerson(world.service, { tenant_id: TENANT, who: person_id })).name;
  for (const [first, second] of [
    [one, other],
    [other, one],
  ] as const) {
    const people = [
      { email: emailOf(first), name: `${first} the First`, slack: [] },
      { email: emailOf(second), name: `${second} the Second`, slack: [] },
    ];
    await apply(world.service, { ...policy, people });
    expect(await name()).toBe(`${first} the First`);
  }
  const people = [
    { email: emailOf(one), name: null, slack: [] },
    { email: emailOf(other), name: 'The Only Name', slack: [] },
  ];
  await apply(world.service, { ...policy, people });
  expect(await name()).toBe('The Only Name');
});

describe('a request that is pending', () => {
  test('is counted anew at once: two approvals of what is one human are one, and its card says so', async () => {
    const [one, other] = twoPeople();
    const request = await approvedBy([one, other], 'three/1');
    await work(request);
    const { ts = '', text = '' } = slack.sent.filter(({ kind }) => kind === 'card').at(-1) ?? {};
    expect(JSON.stringify(slack.sent.at(-1)?.message) + text).toContain('2 of 3');
    expect(await mergeNamed(one, other)).toMatchObject({ kind: 'changed', recounted: 1, executed_without_approval: 0 });
    expect(await tallyOf(request)).toEqual({ approvals: 1, quorum: 3 });
    const nudges = await database.asSuperuser('select kind from placet.outbox where request_id = $1', [request.id]);
    expect(nudges).toContainEqual({ kind: 'nudge' });
    await work(request);
    const redrawn = slack.sent.filter((each) => each.ts === ts).at(-1);
    expect(redrawn?.kind).toBe('update');
    expect(JSON.stringify(redrawn?.message)).toContain('1 of 3');
    // The third approval is the second human's.
    await decide(world.deps, makeClick(request, 'cat'));
    expect(await stateOf(database, request.id)).toBe('pending');
  });

  test('is not approved by the other account of a human who has approved', async () => {
    const [one, other] = twoPeople();
    const request = await approvedBy([one]);
    await decide(world.deps, makeClick(await approvedBy([]), other));
    await mergeNamed(other, one);
    const again = await decide(world.deps, makeClick(request, other));
    expect(again).toMatchObject({ kind: 'refused', refusal: 'already_counted' });
    expect(await stateOf(database, request.id)).toBe('pending');
  });

  test.each(['into the owner', 'the owner into it'] as const)(
    'an approver who is its owner no more counts: %s (INV-2)',
    async (way) => {
      const [approver] = twoPeople();
      const owner = `owner-of-${approver}`;
      const caller = await makeAgent(world.service, emailOf(owner));
      const request = await approvedBy([approver], 'order/A-2', caller);
      expect(await tallyOf(request)).toEqual({ approvals: 1, quorum: 2 });
      const [who, into] = way === 'into the owner' ? [approver, owner] : [owner, approver];
      expect(await mergeNamed(who, into)).toMatchObject({ kind: 'changed', recounted: 1 });
      expect(await tallyOf(request)).toEqual({ approvals: 0, quorum: 2 });
      // The same human behind the next request of that agent is met as its owner.
      const record = await recordOf(request);
      expect(record.agent.owner.id).toBe(await idOf(into));
      const next = await api.submit({ ...caller, owner_person_id: record.agent.owner.id }, makeSubmission());
      expect(await decide(world.deps, makeClick(next, approver))).toMatchObject({ refusal: 'is_requester' });
    },
  );
});

describe('a request that is approved and not claimed', () => {
  test('is refused at the claim when two of its quorum are one human (INV-1)', async () => {
    const [one, other] = twoPeople();
    const request = await approvedBy([one, other]);
    expect(await stateOf(database, request.id)).toBe('approved');
    expect(await mergeNamed(one, other)).toMatchObject({ kind: 'changed', recounted: 1 });
    await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'quorum_lost' });
    expect(await eventsOf(database, request.id, 'grant.claim_refused')).toEqual([{ facts: { code: 'quorum_lost' } }]);
    expect(await leasesOf(database, request.id)).toEqual([]);
  });

  test('is refused at the claim when one of its quorum is behind it (INV-2)', async () => {
    const [one, other] = twoPeople();
    const caller = await makeAgent(world.service, emailOf(`owner-of-${one}`));
    const request = await approvedBy([one, other], 'order/A-3', caller);
    await mergeNamed(`owner-of-${one}`, one);
    await expect(api.claim(caller, request.id)).rejects.toMatchObject({ code: 'quorum_lost' });
  });

  test('is claimed when a human of its quorum was known twice, but decided once', async () => {
    const [one, other] = twoPeople();
    await approvedBy([other], 'three/2');
    const request = await approvedBy([one, 'ben']);
    await mergeNamed(other, one);
    expect((await api.claim(world.caller, request.id)).token).toMatch(/^ey/);
  });
});

describe('what was executed', () => {
  const violations = () => database.transact(TENANT, (tx) => contentViews.countViolations(tx));
  const rowsOfPage = async (mark: string) => {
    const blocks = [...VERIFY.matchAll(/^```sql empty\n([\s\S]*?)^```$/gm)].map(([, sql = '']) => sql);
    const [sql] = blocks.filter((text) => text.includes(mark));
    expect(sql).toBeDefined();
    return database.asSuperuser<Record<string, unknown>>(sql ?? '');
  };
  const run = async (names: readonly string[], caller = world.caller) => {
    const request = await approvedBy(names, 'order/A-4', caller);
    const { token, lease } = await api.claim(caller, request.id);
    await api.use({ lease_id: lease.id, token, digest: request.digest });
    return request;
  };

  test('by the approvals of one human is told at the merge and reported from then on (INV-10)', async () => {
    const [one, other] = twoPeople();
    const before = await violations();
    const request = await run([one, other]);
    expect(await violations()).toEqual(before);
    expect(await mergeNamed(one, other)).toMatchObject({ recounted: 0, executed_without_approval: 1 });
    const after = await violations();
    expect(after).toEqual({ ...before, executed_without_approval: before.executed_without_approval + 1 });
    const reported = await rowsOfPage('placet.executed_without_approval');
    expect(reported.map(({ request_id }) => request_id)).toContain(request.id);
    expect(await rowsOfPage('placet.executed_twice')).toEqual([]);
    const decisions = 'select count(*)::int from placet.decisions where request_id = $1';
    expect(await database.asSuperuser(decisions, [request.id])).toEqual([{ count: 2 }]);
  });

  test('by an approver who was behind it is named by the query for decisions, too (INV-2)', async () => {
    const [one, other] = twoPeople();
    const caller = await makeAgent(world.service, emailOf(`owner-of-${one}`));
    const request = await run([one, other], caller);
    const named = async () => (await rowsOfPage('excluded_now')).map(({ id }) => id);
    const [mine] = (await recordOf(request)).decisions;
    expect(await named()).not.toContain(mine?.id);
    expect(await mergeNamed(one, `owner-of-${one}`)).toMatchObject({ executed_without_approval: 1 });
    expect(await named()).toContain(mine?.id);
    expect((await rowsOfPage('placet.executed_without_approval')).map(({ request_id }) => request_id)).toContain(
      request.id,
    );
  });
});
