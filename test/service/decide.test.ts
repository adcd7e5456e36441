// The decision on real rows: who counts, what follows in the same transaction, and what a race leaves behind.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as policies from '../../src/db/policies.ts';
import { cancel } from '../../src/service/agent/cancel.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  apply,
  makeClick,
  makePolicy,
  makeProfile,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  TEAM,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, stateOf } from '../support/rows.ts';

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  const rules = [makeRule(), makeRuleFor('big/*', { quorum: 2 }), makeRuleFor('db/*', { approvers: ['dba'] })];
  world = await makeWorld(database, makePolicy(rules));
});
afterAll(() => database.drop());

/** Known, with a linked account, and in no group. */
const MEL = { email: 'mel@example.com', name: 'Mel', slack: [`${TEAM}/U0MEL`] };

const ask = (changes = {}) => submit(world.deps, world.caller, makeSubmission(changes));
const decisionsOf = (id: string) =>
  database.asSuperuser<{ person_id: string }>('select person_id from placet.decisions where request_id = $1', [id]);

describe('who counts', () => {
  test.each([
    ['the owner of the agent cannot approve (INV-2)', 'olga', {}, 'is_requester'],
    ['a person of the record who is not in the group cannot approve', 'mel', {}, 'not_in_group'],
    ['somebody whom no record knows cannot approve', 'zoe', {}, 'not_linked'],
    ['a guest whom the policy does not name cannot approve', 'ann', { is_guest: true }, 'guest'],
    ['a Slack Connect outsider cannot approve, whatever the e-mail says', 'ann', { team_id: 'T0OTHER' }, 'outsider'],
    ['a stranger cannot approve', 'ann', { is_stranger: true }, 'outsider'],
    ['a bot cannot approve', 'ann', { is_bot: true }, 'bot'],
    ['a deactivated account cannot approve', 'ann', { is_deactivated: true }, 'deactivated'],
    [
      'an account with an unconfirmed e-mail is nobody',
      'ann',
      { user_id: 'U0X', is_email_confirmed: false },
      'not_linked',
    ],
    ['an account without an e-mail is nobody', 'ann', { user_id: 'U0Y', email: null }, 'not_linked'],
  ])('%s', async (_title, name, profile, refusal) => {
    const policy = makePolicy((await currentRules()) ?? []);
    await apply(world.service, { ...policy, people: [...policy.people, MEL] });
    const request = await ask();
    const answer = await decide(world.deps, makeClick(request, name, { profile: makeProfile(name, profile) }));
    expect(answer).toMatchObject({ kind: 'refused', refusal });
    expect(await stateOf(database, request.id)).toBe('pending');
    expect(await decisionsOf(request.id)).toEqual([]);
    expect(await eventsOf(database, request.id, 'decision.refused')).toMatchObject([{ facts: { refusal } }]);
  });

  test('neither the human in on_behalf_of, though a member, nor the owner can approve (INV-2)', async () => {
    const request = await ask({ on_behalf_of: 'ann@example.com' });
    for (const name of ['ann', 'olga']) {
      expect(await decide(world.deps, makeClick(request, name))).toMatchObject({
        kind: 'refused',
        refusal: 'is_requester',
      });
    }
  });

  test('a second Slack account with the same e-mail does not make a second person (INV-1)', async () => {
    const request = await ask({ resource: 'big/1' });
    expect(await decide(world.deps, makeClick(request, 'ben'))).toMatchObject({ kind: 'counted' });
    const twin = makeProfile('ben', { user_id: 'U0BEN2' });
    expect(await decide(world.deps, makeClick(request, 'ben', { profile: twin }))).toMatchObject({
      refusal: 'address_taken',
    });
    expect(await stateOf(database, request.id)).toBe('pending');
  });

  test('an account that shows the e-mail of a person whom the policy file gives another account gains nothing', async () => {
    const document = makePolicy((await currentRules()) ?? []);
    const listed = { email: 'cat@example.com', name: 'Cat', slack: [`${TEAM}/U0CAT`] };
    await apply(world.service, { ...document, people: [...document.people, listed] });
    const request = await ask({ resource: 'order/4' });
    const other = makeProfile('cat', { user_id: 'U0CAT2' });
    expect(await decide(world.deps, makeClick(request, 'cat', { profile: other }))).toMatchObject({
      refusal: 'address_taken',
    });
    expect(await decide(world.deps, makeClick(request, 'cat'))).toMatchObject({ kind: 'counted' });
    await apply(world.service, document);
  });

  test('membership of a Slack user group is what Slack says at the click, not before', async () => {
    const request = await ask({ resource: 'db/1' });
    const listing = (user_ids: string[]) => ({ answers: [userGroupAnswer('S0DBA', user_ids)] });
    expect(await decide(world.deps, makeClick(request, 'ann', listing([])))).toMatchObject({ refusal: 'not_in_group' });
    expect(await decide(world.deps, makeClick(request, 'ann', listing(['U0ANN'])))).toMatchObject({ kind: 'counted' });
    expect(await stateOf(database, request.id)).toBe('approved');
  });
});

test('what Slack said of a user group is worth nothing once the policy names another one, though during the click', async () => {
  const document = makePolicy((await currentRules()) ?? []);
  const request = await ask({ resource: 'db/4' });
  const answers = [userGroupAnswer('S0DBA', ['U0CAT'])];
  const dba = { members: [], slack_user_group: 'S0OTHER', channel: 'C0DBA' };
  await apply(world.service, { ...document, approver_groups: { ...document.approver_groups, dba } });
  expect(await decide(world.deps, makeClick(request, 'cat', { answers }))).toMatchObject({
    refusal: 'not_in_group',
  });
  await apply(world.service, document);
  expect(await decide(world.deps, makeClick(request, 'cat', { answers }))).toMatchObject({ kind: 'counted' });
});

test('a click with a second account outside the Slack user group does not undo what the first one earned', async () => {
  const document = makePolicy((await currentRules()) ?? []);
  const slack = [`${TEAM}/U0CAT`, `${TEAM}/U0CAT2`];
  const people = [...document.people, { email: 'cat@example.com', name: 'Cat', slack }];
  await apply(world.service, { ...document, people });
  const answers = [userGroupAnswer('S0DBA', ['U0CAT'])];
  const first = await ask({ resource: 'db/2' });
  await decide(world.deps, makeClick(first, 'cat', { answers }));
  const second = await ask({ resource: 'db/3' });
  const other = makeProfile('cat', { user_id: 'U0CAT2' });
  expect(await decide(world.deps, makeClick(second, 'cat', { answers, profile: other }))).toMatchObject({
    kind: 'counted',
  });
  expect(await stateOf(database, second.id)).toBe('approved');
  await apply(world.service, document);
});

describe('what follows', () => {
  test('two distinct people make a quorum of two; one person twice does not (INV-1)', async () => {
    const request = await ask({ resource: 'big/2' });
    expect(await decide(world.deps, makeClick(request, 'ann'))).toMatchObject({ kind: 'counted' });
    expect(await decide(world.deps, makeClick(request, 'ann'))).toMatchObject({
      kind: 'refused',
      refusal: 'already_counted',
    });
    expect(await stateOf(database, request.id)).toBe('pending');
    expect(await decide(world.deps, makeClick(request, 'ben'))).toMatchObject({ kind: 'counted' });
    expect(await stateOf(database, request.id)).toBe('approved');
    expect(await decisionsOf(request.id)).toHaveLength(2);
  });

  test('a denial needs a reason, ends the request, and a later approval changes nothing (INV-3, INV-4)', async () => {
    const request = await ask();
    const denial = { decision: 'deny' as const };
    expect(await decide(world.deps, makeClick(request, 'ann', denial))).toMatchObject({ refusal: 'reason_missing' });
    const reasoned = makeClick(request, 'ann', { ...denial, reason: 'Not this order.' });
    expect(await decide(world.deps, reasoned)).toMatchObject({ kind: 'counted' });
    expect(await decide(world.deps, makeClick(request, 'ben'))).toMatchObject({ kind: 'refused', refusal: 'closed' });
    expect(await stateOf(database, request.id)).toBe('denied');
    expect(await eventsOf(database, request.id, 'decision.refused')).toHaveLength(2);
  });

  test('a click on a card of other content is refused', async () => {
    const request = await ask();
    const click = makeClick(request, 'ann', { shown_digest: `sha256:${'0'.repeat(64)}` });
    expect(await decide(world.deps, click)).toMatchObject({ kind: 'refused', refusal: 'content_changed' });
  });

  test('content too long for the card cannot be approved without having opened all of it (G12)', async () => {
    const request = await ask({ parameters: { script: 'x'.repeat(3_000) } });
    expect(await decide(world.deps, makeClick(request, 'ann'))).toMatchObject({ refusal: 'review_first' });
    expect(await decide(world.deps, makeClick(request, 'ann', { shown: 'whole' }))).toMatchObject({
      refusal: 'review_first',
    });
    expect(await stateOf(database, request.id)).toBe('pending');
  });

  test('each change of state stands beside its audit event; without the event there is no change (INV-7)', async () => {
    const request = await ask();
    await database.asSuperuser('revoke insert on placet.audit_events from placet_app');
    await expect(decide(world.deps, makeClick(request, 'ann'))).rejects.toThrow();
    await expect(cancel(world.service, world.caller, request.id)).rejects.toThrow();
    await database.asSuperuser('grant insert on placet.audit_events to placet_app');
    expect(await stateOf(database, request.id)).toBe('pending');
    await decide(world.deps, makeClick(request, 'ann'));
    expect(await eventsOf(database, request.id, 'approval_request.approved')).toHaveLength(1);
  });

  test('a new policy version does not change what a pending request requires', async () => {
    const request = await ask({ resource: 'big/3' });
    const rules = await currentRules();
    const looser = rules.map((rule) => (rule.name === 'big' ? { ...rule, quorum: 1 } : rule));
    await apply(world.service, makePolicy(looser));
    await decide(world.deps, makeClick(request, 'ann'));
    expect(await stateOf(database, request.id)).toBe('pending');
    await apply(world.service, makePolicy(rules));
  });
});

describe('races', () => {
  test('approve, deny and cancel at the same moment leave one terminal state (INV-4)', async () => {
    for (let round = 0; round < 8; round += 1) {
      const request = await ask();
      const attempts = await Promise.allSettled([
        decide(world.deps, makeClick(request, 'ann')),
        decide(world.deps, makeClick(request, 'ben', { decision: 'deny', reason: 'No, thank you.' })),
        cancel(world.service, world.caller, request.id),
      ]);
      const won = attempts.filter(
        (attempt) => attempt.status === 'fulfilled' && !('kind' in attempt.value && attempt.value.kind === 'refused'),
      );
      expect(won).toHaveLength(1);
      const ends = await database.asSuperuser(
        `select type from placet.audit_events where request_id = $1 and type ~ '^approval_request\\.(approved|denied|cancelled)$'`,
        [request.id],
      );
      expect(ends).toHaveLength(1);
    }
  });

  test('thirty clicks of three people at once count three times, and approve once', async () => {
    const request = await ask({ resource: 'big/4' });
    const names = Array.from({ length: 30 }, (_, index) => ['ann', 'ben', 'cat'][index % 3] ?? 'ann');
    const answers = await Promise.all(names.map((name) => decide(world.deps, makeClick(request, name))));
    expect(answers.filter((answer) => answer.kind === 'counted')).toHaveLength(2);
    expect(await stateOf(database, request.id)).toBe('approved');
    expect(await eventsOf(database, request.id, 'grant.created')).toHaveLength(1);
  });
});

async function currentRules() {
  const policy = await database.transact(TENANT, (tx) => policies.readNewest(tx));
  return policy?.document.rules ?? [];
}
