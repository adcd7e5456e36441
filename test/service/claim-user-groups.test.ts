// A member of a Slack user group counts at the claim by what Slack says then, asked afresh; while it says nothing, nothing
// is given.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Fault, type Playground, startPlayground } from '@placet/playground';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { userGroupAnswer } from '../support/answers.ts';
import {
  makeAgent,
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  TEAM,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';
import { until } from '../support/wait.ts';

const METHOD = 'usergroups.users.list';

let database: TestDatabase;
let world: World;
let playground: Playground;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  const rule = makeRuleFor('db/*', { approvers: ['dba'] });
  const two = makeRuleFor('two/*', { approvers: ['dba'], quorum: 2 });
  const policy = makePolicy([rule, two, makeRule()]);
  const people = [{ email: 'cat@example.com', name: 'Cat', slack: [`${TEAM}/U0CAT`, `${TEAM}/U0CATWORK`] }];
  world = await makeWorld(database, { ...policy, people });
  playground = await startPlayground();
  api = createTestUseCases(database, TENANT, { slack: playground });
});
afterAll(async () => {
  await api.close();
  await playground.close();
  await database.drop();
});
const slack = () => createPlaygroundClient(playground.url);
afterEach(async () => {
  await slack().clearFaults();
  await slack().clearCalls();
});

const listed = (...user_ids: string[]) => slack().setUserGroup('S0DBA', user_ids, { date_delete: 0 });
const questions = async () => (await slack().calls({ method: METHOD })).length;

/** Approved while Slack listed these in the user group. */
async function approvedBy(names: readonly string[], resource = 'db/1'): Promise<RequestView> {
  const user_ids = names.map((name) => `U0${name.toUpperCase()}`);
  await listed(...user_ids);
  const request = await api.submit(world.caller, makeSubmission({ resource }));
  for (const name of names) {
    const click = makeClick(request, name, { answers: [userGroupAnswer('S0DBA', user_ids)] });
    expect(await decide(world.deps, click)).toMatchObject({ kind: 'counted' });
  }
  return request;
}

describe('what Slack says at the claim counts', () => {
  test.each<[string, { by: string[]; resource?: string; now: () => Promise<unknown>; code: string | null }]>([
    ['the approver is still listed', { by: ['ann'], now: () => listed('U0BEN', 'U0ANN'), code: null }],
    ['by another account of the same person', { by: ['cat'], now: () => listed('U0CATWORK'), code: null }],
    ['the approver has left the user group (INV-1)', { by: ['ann'], now: () => listed('U0BEN'), code: 'quorum_lost' }],
    ['everybody has left it (INV-1)', { by: ['ann'], now: () => listed(), code: 'quorum_lost' }],
    [
      'one of two has left it (INV-1)',
      { by: ['ann', 'ben'], resource: 'two/1', now: () => listed('U0ANN'), code: 'quorum_lost' },
    ],
    [
      'both are still in it',
      { by: ['ann', 'ben'], resource: 'two/2', now: () => listed('U0ANN', 'U0BEN'), code: null },
    ],
    [
      'the user group is disabled',
      {
        by: ['ann'],
        now: () => slack().setUserGroup('S0DBA', ['U0ANN'], { date_delete: 1 }),
        code: 'quorum_lost',
      },
    ],
    [
      'the user group is gone',
      {
        by: ['ann'],
        now: () => slack().faults({ kind: 'api_error', method: METHOD, error: 'no_such_subteam', count: 1 }),
        code: 'quorum_lost',
      },
    ],
  ])('%s', async (_title, { by, resource, now, code }) => {
    const request = await approvedBy(by, resource);
    await now();
    const before = await questions();
    if (code === null) {
      await expect(api.claim(world.caller, request.id)).resolves.toMatchObject({ lease: { id: expect.any(String) } });
    } else {
      await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code });
      expect(await leasesOf(database, request.id)).toEqual([]);
      expect(await eventsOf(database, request.id, 'grant.claim_refused')).toEqual([{ facts: { code } }]);
    }
    expect((await questions()) - before).toBe(1);
  });
});

describe('while Slack cannot be asked nothing is given, nothing is spent, and the agent may try again', () => {
  test.each<[string, Fault, object]>([
    [
      'a server fault',
      { kind: 'http_error', method: METHOD, status: 502 },
      { reason: expect.stringContaining('http_502') },
    ],
    ['an answer that is lost', { kind: 'lost_answer', method: METHOD }, { dependency: 'slack' }],
    ['a limit', { kind: 'rate_limited', method: METHOD, retry_after: 1 }, { retry_after_seconds: 1 }],
    ['a token that is revoked', { kind: 'api_error', method: METHOD, error: 'token_revoked' }, {}],
    ['a scope that is missing', { kind: 'api_error', method: METHOD, error: 'missing_scope' }, {}],
    ['a plan without user groups', { kind: 'api_error', method: METHOD, error: 'plan_upgrade_required' }, {}],
    ['a permission that was taken', { kind: 'api_error', method: METHOD, error: 'permission_denied' }, {}],
    ['its own fault', { kind: 'api_error', method: METHOD, error: 'fatal_error' }, {}],
  ])('%s', async (_title, fault, details) => {
    const request = await approvedBy(['ann']);
    await listed('U0ANN');
    await slack().faults({ ...fault, count: 1 } as Fault);
    const claiming = api.claim(world.caller, request.id);
    await expect(claiming).rejects.toMatchObject({ code: 'unavailable', details: { dependency: 'slack', ...details } });
    expect(await leasesOf(database, request.id)).toEqual([]);
    expect(await eventsOf(database, request.id, 'grant.claim_refused')).toEqual([]);
    // After a limit nobody asks Slack before its time.
    const claimed = await until(() => api.claim(world.caller, request.id).catch(() => null), {
      what: 'a claim once Slack can be asked',
    });
    expect(claimed).toMatchObject({ lease: { id: expect.any(String) } });
  });

  test('an api without Slack settings says which are missing', async () => {
    const request = await approvedBy(['ann']);
    const blind = createTestUseCases(database);
    const remedy = expect.stringContaining('SLACK_');
    const claiming = blind.claim(world.caller, request.id);
    await expect(claiming).rejects.toMatchObject({ code: 'unavailable', details: { dependency: 'slack', remedy } });
    await blind.close();
  });
});

describe('Slack is asked only where its answer matters', () => {
  test('not for a request without a user group, nor for a claim that is refused anyway', async () => {
    const plain = await submitApproved(api, world);
    const pending = await api.submit(world.caller, makeSubmission({ resource: 'db/1' }));
    const foreign = await approvedBy(['ann']);
    const before = await questions();
    await api.claim(world.caller, plain.id);
    await expect(api.claim(world.caller, pending.id)).rejects.toMatchObject({ code: 'not_approved' });
    await expect(api.claim(await makeAgent(world.service), foreign.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await questions()).toBe(before);
    await listed('U0ANN');
    await api.claim(world.caller, foreign.id);
    await expect(api.claim(world.caller, foreign.id)).rejects.toMatchObject({ code: 'already_claimed' });
    expect((await questions()) - before).toBe(1);
  });

  test('fifty claims at once, each with its question, give one credential (INV-6)', async () => {
    const request = await approvedBy(['ann']);
    await listed('U0ANN');
    const claims = await Promise.allSettled(Array.from({ length: 50 }, () => api.claim(world.caller, request.id)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await leasesOf(database, request.id)).toHaveLength(1);
  });

  test('a policy that names another user group meanwhile is judged by that one', async () => {
    const request = await approvedBy(['ann']);
    await listed('U0ANN');
    await slack().setUserGroup('S0OTHER', ['U0BEN']);
    const sql = "update placet.approver_groups set slack_user_group = 'S0OTHER' where name = 'dba'";
    await database.asSuperuser(sql);
    await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'quorum_lost' });
    await database.asSuperuser(sql.replace('S0OTHER', 'S0DBA'));
  });
});
