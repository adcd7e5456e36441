// A database of the release before, with requests in every state, goes on under this one: what was pending is decided, what was
// approved is claimed, and everyone is who they were.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import { decodeJwt } from 'jose';
import type { AgentPrincipal } from '../../src/domain/people/principal.ts';
import { newId } from '../../src/process/wiring.ts';
import { mergePeople, showPerson } from '../../src/service/admin/people.ts';
import { recordContentView } from '../../src/service/approver/approver.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { reconcile } from '../../src/slack/send/reconcile.ts';
import { userGroupAnswer } from '../support/answers.ts';
import { makeClick, makeProfile, OPERATOR, TEAM } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { createFakeMessenger, type FakeMessenger, UNDELIVERABLE } from '../support/fake-messenger.ts';
import { createUpgradedDatabase } from '../support/release.ts';
import { stateOf } from '../support/rows.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

let database: Awaited<ReturnType<typeof createUpgradedDatabase>>;
let playground: Playground;
let api: TestUseCases;
let caller: AgentPrincipal;
let slack: FakeMessenger;
beforeAll(async () => {
  database = await createUpgradedDatabase('0.1');
  playground = await startPlayground();
  await createPlaygroundClient(playground.url).setUserGroup('S0DBA', ['U0DAN'], { date_delete: 0 });
  api = createTestUseCases(database, TENANT, { slack: playground });
  caller = await api.authenticate(database.agent_key);
  slack = createFakeMessenger();
});
afterAll(async () => {
  await api.close();
  await playground.close();
  await database.drop();
});

const idOf = (name: string): string => database.requests[name] ?? '';
const deps = () => ({ transact: database.transact, newId, allowed_team_ids: [TEAM] });
const click = async (name: string, person: string, changes = {}) => {
  const { digest } = await api.readRequest(caller, idOf(name));
  return decide(deps(), makeClick({ id: idOf(name), digest }, person, changes));
};
const work = (name: string) =>
  reconcile(
    { ...deps(), messenger: slack, undeliverable: UNDELIVERABLE, onRefused: () => undefined },
    { tenant_id: TENANT, request_id: idOf(name) },
    () => undefined,
  );

describe('people are who they were', () => {
  test('with their accounts, however those were linked', async () => {
    const linkOf = async (who: string) => (await showPerson(deps(), { tenant_id: TENANT, who })).accounts;
    expect(await linkOf('ann@example.com')).toMatchObject([
      { account: 'T0ACME/U0ANN', linked_by: 'policy' },
      { account: 'T0ACME/U0ANN2', linked_by: 'policy' },
    ]);
    expect(await linkOf('cat@example.com')).toMatchObject([{ account: 'T0ACME/U0CAT', linked_by: 'email' }]);
  });

  test('with their names, and called by their address where nobody told one', async () => {
    const nameOf = async (who: string) => (await showPerson(deps(), { tenant_id: TENANT, who })).name;
    expect([await nameOf('ann@example.com'), await nameOf('cat@example.com')]).toEqual(['Ann', 'cat@example.com']);
  });
});

describe('what was pending is decided', () => {
  test('by one person, and claimed', async () => {
    expect(await click('pending', 'cat')).toMatchObject({
      kind: 'counted',
      record: { request: { state: 'approved' } },
    });
    expect((await api.claim(caller, idOf('pending'))).token).toMatch(/^ey/);
  });

  test('by the second of two, while the first counts as before and not twice (INV-1)', async () => {
    for (const user_id of ['U0ANN', 'U0ANN2']) {
      const again = await click('half', 'ann', { profile: makeProfile('ann', { user_id }) });
      expect(again).toMatchObject({ kind: 'refused', refusal: 'already_counted' });
    }
    expect(await click('half', 'cat')).toMatchObject({ kind: 'counted' });
    expect(await stateOf(database, idOf('half'))).toBe('approved');
  });

  test('never by the owner of the agent or whom it works for (INV-2), whom its credential then names', async () => {
    for (const name of ['olga', 'carol']) {
      expect(await click('for_carol', name)).toMatchObject({ kind: 'refused', refusal: 'is_requester' });
    }
    expect(await click('for_carol', 'ben')).toMatchObject({ kind: 'counted' });
    const { token } = await api.claim(caller, idOf('for_carol'));
    const { sub } = decodeJwt(token);
    expect(sub).toBe((await showPerson(deps(), { tenant_id: TENANT, who: 'carol@example.com' })).id);
  });

  test('by a member of a Slack user group', async () => {
    const answers = [userGroupAnswer('S0DBA', ['U0DAN'])];
    expect(await click('user_group', 'dan', { answers })).toMatchObject({ kind: 'counted' });
    expect((await api.claim(caller, idOf('user_group'))).token).toMatch(/^ey/);
  });

  test('from the modal, by one who had opened it before', async () => {
    expect(await click('long', 'ann')).toMatchObject({ refusal: 'review_first' });
    expect(await click('long', 'ann', { shown: 'whole' })).toMatchObject({ kind: 'counted' });
  });

  test('by one who opens it now', async () => {
    const request_id = idOf('denied');
    const view = { tenant_id: TENANT, request_id, profile: makeProfile('cat'), answers: [] };
    expect(await recordContentView(deps(), view)).toMatchObject({ kind: 'recorded' });
  });
});

describe('what was approved is claimed', () => {
  test('by a member and by one whom Slack still lists', async () => {
    for (const name of ['approved', 'user_group_approved', 'allowed']) {
      expect([name, (await api.claim(caller, idOf(name))).token]).toEqual([name, expect.stringMatching(/^ey/)]);
    }
  });

  test('and not again', async () => {
    await expect(api.claim(caller, idOf('claimed'))).rejects.toMatchObject({ code: 'already_claimed' });
    await expect(api.claim(caller, idOf('done'))).rejects.toMatchObject({ code: 'already_claimed' });
  });

  test('and reported', async () => {
    const result = { status: 'succeeded', detail: null, result_digest: null } as const;
    expect(await api.report({ caller }, idOf('used'), result)).toMatchObject(result);
  });
});

test('what had ended stays as it ended', async () => {
  const ended = {
    denied: 'denied',
    cancelled: 'cancelled',
    expired: 'expired',
    denied_by_rule: 'denied',
    done: 'approved',
  };
  for (const [name, state] of Object.entries(ended)) {
    expect([name, await stateOf(database, idOf(name))]).toEqual([name, state]);
  }
  expect(await click('denied', 'cat')).toMatchObject({ kind: 'refused', refusal: 'closed' });
});

test('its cards are drawn again where they stand, and owners are told', async () => {
  await work('half');
  expect(slack.calls.map(({ kind, where }) => `${kind} ${where}`)).toEqual(['update C0PAYMENTS', 'dm U0OLGA']);
});

test('two people of then who are one human are joined, and the two views stay empty (INV-10)', async () => {
  expect(
    await mergePeople(deps(), {
      tenant_id: TENANT,
      who: 'dan@example.com',
      into: 'cat@example.com',
      operator: OPERATOR,
    }),
  ).toMatchObject({ kind: 'changed', executed_without_approval: 0 });
  for (const view of ['executed_without_approval', 'executed_twice']) {
    expect([view, await database.asSuperuser(`select * from placet.${view}`)]).toEqual([view, []]);
  }
});
