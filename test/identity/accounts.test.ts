// Who a Slack account is as time passes: it becomes a guest's, changes hands, leaves a group, or has a twin elsewhere.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tally } from '../../src/domain/request/stages.ts';
import { moveAccount } from '../../src/service/admin/people.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  apply,
  makeClick,
  makePerson,
  makePolicy,
  makeProfile,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  OPERATOR,
  TEAM,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { countWaiting, HOLD_REQUEST, holdLock } from '../support/locks.ts';
import { stateOf } from '../support/rows.ts';
import { until } from '../support/wait.ts';

const ALLIED = 'T0ALLIED';
const policy = makePolicy([makeRule({ quorum: 2 }), makeRuleFor('db/*', { approvers: ['dba'] })]);
let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policy);
});
afterAll(() => database.drop());

const ask = (resource = 'order/A-1') => submit(world.deps, world.caller, makeSubmission({ resource }));
const withAccount = (email: string, account: string) =>
  apply(world.service, { ...policy, people: [{ email, name: 'Somebody', slack: [account] }] });
const dba = (user_ids: string[]) => ({ answers: [userGroupAnswer('S0DBA', user_ids)] });

test('an account that was linked by its e-mail and became a guest since cannot approve', async () => {
  expect(await decide(world.deps, makeClick(await ask(), 'cat'))).toMatchObject({ kind: 'counted' });
  const guest = makeProfile('cat', { is_guest: true });
  const answer = await decide(world.deps, makeClick(await ask(), 'cat', { profile: guest }));
  expect(answer).toMatchObject({ kind: 'refused', refusal: 'guest' });
});

test('an e-mail is the same person however it is written', async () => {
  const profile = makeProfile('ben', { email: 'Ben@Example.COM' });
  expect(await decide(world.deps, makeClick(await ask(), 'ben', { profile }))).toMatchObject({ kind: 'counted' });
});

test('an account that decided for one person cannot decide for the next whom an operator gives it to (INV-1)', async () => {
  const request = await ask();
  const account = makeProfile('ann', { user_id: 'U0SHARED' });
  await withAccount('ann@example.com', `${TEAM}/U0SHARED`);
  expect(await decide(world.deps, makeClick(request, 'ann', { profile: account }))).toMatchObject({ kind: 'counted' });
  await makePerson(world.service, 'ben@example.com');
  const move = { tenant_id: TENANT, account: `${TEAM}/U0SHARED`, to: 'ben@example.com', operator: OPERATOR };
  expect(await moveAccount(world.service, move)).toMatchObject({ kind: 'changed' });
  const moved = { ...account, email: 'ben@example.com' };
  const again = await decide(world.deps, makeClick(request, 'ben', { profile: moved }));
  expect(again).toMatchObject({ kind: 'refused', refusal: 'already_counted' });
  expect(await stateOf(database, request.id)).toBe('pending');
  await apply(world.service, policy);
});

test('an account that is moved while it decides has decided before that, and its approval counts no more', async () => {
  await makePerson(world.service, 'ben@example.com');
  await decide(world.deps, makeClick(await ask(), 'cat'));
  const request = await ask();
  const move = { tenant_id: TENANT, account: `${TEAM}/U0CAT`, to: 'ben@example.com', operator: OPERATOR };
  const client = await holdLock(database, HOLD_REQUEST, [request.id]);
  const deciding = decide(world.deps, makeClick(request, 'cat'));
  await until(async () => (await countWaiting(database)) === 1);
  // It begins before the decision is made, and waits for it.
  const moving = moveAccount(world.service, move);
  await until(async () => (await countWaiting(database)) === 2);
  await client.query('commit');
  await client.end();
  expect(await deciding).toMatchObject({ kind: 'counted' });
  expect(await moving).toMatchObject({ kind: 'changed' });
  const { request: moved, decisions } = await readCard(world.service, TENANT, request.id);
  expect(decisions).toMatchObject([{ account: `${TEAM}/U0CAT`, account_moved_at: expect.any(Date) }]);
  expect(tally(moved, decisions)).toEqual({ approvals: 0, quorum: 2 });
  await moveAccount(world.service, { ...move, to: 'cat@example.com' });
});

test('moving an account to whom it is already changes nothing, and records nothing', async () => {
  await decide(world.deps, makeClick(await ask(), 'cat'));
  const rows = () =>
    database.asSuperuser(`select (select jsonb_agg(i order by i.subject, i.from_at) from placet.person_identities i) as links,
      (select count(*)::int from placet.audit_events) as events`);
  const before = await rows();
  const move = { tenant_id: TENANT, account: `${TEAM}/U0CAT`, to: 'cat@example.com', operator: OPERATOR };
  expect(await moveAccount(world.service, move)).toMatchObject({ kind: 'unchanged' });
  expect(await rows()).toEqual(before);
});

test('who left the Slack user group since the last click cannot approve', async () => {
  expect(await decide(world.deps, makeClick(await ask('db/1'), 'ann', dba(['U0ANN'])))).toMatchObject({
    kind: 'counted',
  });
  expect(await decide(world.deps, makeClick(await ask('db/2'), 'ann', dba([])))).toMatchObject({
    refusal: 'not_in_group',
  });
});

test('an account of another workspace is no member because somebody of ours has the same user id', async () => {
  const deps = { ...world.deps, allowed_team_ids: [TEAM, ALLIED] };
  await withAccount('zoe@example.com', `${ALLIED}/U0TWIN`);
  const profile = makeProfile('zoe', { team_id: ALLIED, user_id: 'U0TWIN' });
  const answer = await decide(deps, makeClick(await ask('db/3'), 'zoe', { profile, ...dba(['U0TWIN']) }));
  expect(answer).toMatchObject({ kind: 'refused', refusal: 'not_in_group' });
  await apply(world.service, policy);
});
