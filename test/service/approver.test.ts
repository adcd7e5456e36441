// What an approver may see and what is kept of it: the whole content, the queue, and who a Slack account is.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as contentViews from '../../src/db/content-views.ts';
import { moveAccount } from '../../src/service/admin/people.ts';
import { cancel } from '../../src/service/agent/cancel.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { recordContentView } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  makeClick,
  makePerson,
  makePolicy,
  makeProfile,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  OPERATOR,
  setActive,
  TEAM,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { whileLocked } from '../support/locks.ts';
import { eventsOf } from '../support/rows.ts';

let database: TestDatabase;
let world: World;
const policy = makePolicy([
  makeRule(),
  makeRuleFor('two/*', { quorum: 2 }),
  makeRuleFor('db/*', { approvers: ['dba'] }),
]);
beforeAll(async () => {
  database = await createTestDatabase();
  const eve = { email: 'eve@example.com', name: 'Eve', slack: [`${TEAM}/U0EVE`] };
  world = await makeWorld(database, { ...policy, people: [...policy.people, eve] });
});
afterAll(() => database.drop());

const ask = (changes = {}) => submit(world.deps, world.caller, makeSubmission(changes));
const look = (request_id: string, name: string, user_ids: readonly string[] = []) =>
  recordContentView(world.deps, {
    tenant_id: TENANT,
    request_id,
    profile: makeProfile(name),
    answers: [userGroupAnswer('S0DBA', user_ids)],
  });
const groupId = async (name: string) =>
  (await database.asSuperuser<{ id: string }>('select id from placet.approver_groups where name = $1', [name]))[0]
    ?.id ?? '';
const viewsOf = (id: string) =>
  database.asSuperuser('select person_id from placet.content_views where request_id = $1', [id]);

describe('the whole content', () => {
  test.each([
    ['while it is pending', async (_id: string) => undefined],
    ['once it is cancelled', async (id: string) => void (await cancel(world.service, world.caller, id))],
    [
      'once it is decided',
      async (id: string) =>
        void (await decide(world.deps, makeClick(await readBack(id), 'ann', { decision: 'deny', reason: 'Not now.' }))),
    ],
  ])('is shown to approvers of the request and to nobody else, %s', async (_when, end) => {
    const request = await ask();
    await end(request.id);
    expect(await look(request.id, 'eve')).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
    expect(await look(request.id, 'ben')).toMatchObject({ kind: 'recorded' });
    expect(await viewsOf(request.id)).toHaveLength(1);
  });

  test('is not shown to a person who was deactivated, though still a member', async () => {
    const request = await ask();
    await look(request.id, 'cat');
    await setActive(world, database, { address: 'cat@example.com', is_active: false });
    expect(await look(request.id, 'cat')).toMatchObject({ kind: 'refused', refusal: 'inactive' });
    await setActive(world, database, { address: 'cat@example.com', is_active: true });
  });

  test('is shown to the owner of the agent, who may not decide (INV-2)', async () => {
    const request = await ask();
    expect(await look(request.id, 'olga')).toMatchObject({ kind: 'recorded' });
    expect(await decide(world.deps, makeClick(request, 'olga'))).toMatchObject({ refusal: 'is_requester' });
  });

  test('too long for the card counts only from the modal that shows it, also for one who opened it before (G12)', async () => {
    const request = await ask({ parameters: { script: 'x'.repeat(3_000) } });
    await look(request.id, 'ben');
    expect(await decide(world.deps, makeClick(request, 'ben'))).toMatchObject({ refusal: 'review_first' });
    const answer = await decide(world.deps, makeClick(request, 'ben', { shown: 'whole' }));
    expect(answer).toMatchObject({ kind: 'counted' });
  });

  test('is recorded as seen for that very digest and no other', async () => {
    const request = await ask();
    await look(request.id, 'ann');
    const [view] = (await viewsOf(request.id)) as { person_id: string }[];
    const hasSeen = (digest: string) =>
      database.transact(TENANT, (tx) => contentViews.hasContentView(tx, request.id, view?.person_id ?? '', digest));
    expect([await hasSeen(request.digest), await hasSeen(`sha256:${'0'.repeat(64)}`)]).toEqual([true, false]);
  });

  test('opened ten times is one view and one audit event', async () => {
    const request = await ask();
    for (let time = 0; time < 10; time += 1) await look(request.id, 'ann');
    expect(await viewsOf(request.id)).toHaveLength(1);
    expect(await eventsOf(database, request.id, 'content.viewed')).toHaveLength(1);
  });

  test('opened by the one whose decision is being recorded waits for it, and neither is lost', async () => {
    const request = await ask({ resource: 'db/1' });
    const values = [request.id, await groupId('dba')];
    const seen = await whileLocked(
      database,
      {
        hold: 'select id from placet.approval_requests where id = $1 and $2::text is not null for update',
        beforeCommit: `insert into placet.approver_group_members (tenant_id, group_id, person_id)
          select tenant_id, $2, person_id from placet.person_emails where address = 'ann@example.com' and $1::text is not null`,
        values,
      },
      () => look(request.id, 'ann', ['U0ANN']),
    );
    expect(seen).toMatchObject({ kind: 'recorded' });
  });
});

describe('a Slack account', () => {
  test('whose first two clicks come at the same moment counts in both', async () => {
    const request = await ask();
    const answer = await whileLocked(
      database,
      {
        hold: `insert into placet.person_identities (tenant_id, provider, subject, person_id, linked_by)
          select tenant_id, 'slack', $1, person_id, 'email' from placet.person_emails where address = 'cat@example.com'`,
        values: ['T0NEW/U0NEW'],
      },
      () => {
        const profile = makeProfile('cat', { team_id: 'T0NEW', installed_team_id: 'T0NEW', user_id: 'U0NEW' });
        const deps = { ...world.deps, allowed_team_ids: ['T0NEW'] };
        return decide(deps, makeClick(request, 'cat', { profile }));
      },
    );
    expect(answer).toMatchObject({ kind: 'counted' });
  });

  test('that was given to another person after it approved does not approve again (INV-1)', async () => {
    const request = await ask({ resource: 'two/1' });
    expect(await decide(world.deps, makeClick(request, 'ben'))).toMatchObject({ kind: 'counted' });
    await makePerson(world.service, 'cat@example.com');
    const move = { tenant_id: TENANT, account: `${TEAM}/U0BEN`, to: 'cat@example.com', operator: OPERATOR };
    expect(await moveAccount(world.service, move)).toMatchObject({ kind: 'changed' });
    const moved = makeProfile('ben', { email: 'cat@example.com' });
    const again = await decide(world.deps, makeClick(request, 'ben', { profile: moved }));
    expect(again).toMatchObject({
      kind: 'refused',
      refusal: 'already_counted',
      record: { request: { state: 'pending' } },
    });
    expect(await eventsOf(database, request.id, 'decision.refused')).toHaveLength(1);
  });
});

test('the queue of a person is what waits for that person: in a group, not decided, not theirs, soonest first', async () => {
  const mine = await Promise.all([ask({ timeout_seconds: 500 }), ask({ timeout_seconds: 400 })]);
  const decided = await ask({ resource: 'two/2', timeout_seconds: 300 });
  await decide(world.deps, makeClick(decided, 'ann'));
  const own = await ask({ on_behalf_of: 'ann@example.com', timeout_seconds: 200 });
  const other = await ask({ resource: 'db/2', timeout_seconds: 100 });
  const queue = async (user_ids: readonly string[]) => {
    const input = {
      tenant_id: TENANT,
      profile: makeProfile('ann'),
      answers: [userGroupAnswer('S0DBA', user_ids)],
      limit: 100,
    };
    const answer = await listWaitingFor(world.deps, input);
    return answer.kind === 'listed' ? answer.items.map(({ request }) => request.id) : [answer.refusal];
  };
  const without = await queue([]);
  for (const id of [decided.id, own.id, other.id]) expect(without).not.toContain(id);
  expect(without.filter((id) => mine.some((request) => request.id === id))).toEqual(mine.map(({ id }) => id).reverse());
  expect((await queue(['U0ANN']))[0]).toBe(other.id);
});

test('an account that decides nothing is told why, rather than that nothing waits', async () => {
  const input = { tenant_id: TENANT, answers: [userGroupAnswer('S0DBA', ['U0ANN', 'U0DAN', 'U0ZOE'])], limit: 100 };
  const whyOf = async (profile: ReturnType<typeof makeProfile>) => listWaitingFor(world.deps, { ...input, profile });
  const stranger = makeProfile('nobody', { email: null });
  expect(await whyOf(stranger)).toEqual({ kind: 'refused', refusal: 'not_linked' });
  expect(await whyOf({ ...stranger, is_guest: true })).toEqual({ kind: 'refused', refusal: 'guest' });
  await setActive(world, database, { address: 'cat@example.com', is_active: false });
  expect(await whyOf(makeProfile('cat'))).toEqual({ kind: 'refused', refusal: 'inactive' });
  await setActive(world, database, { address: 'cat@example.com', is_active: true });
});

async function readBack(id: string): Promise<{ readonly id: string; readonly digest: string }> {
  const [row] = await database.asSuperuser<{ id: string; digest: string }>(
    'select id, digest from placet.approval_requests where id = $1',
    [id],
  );
  if (row === undefined) throw new Error('no such request');
  return row;
}
