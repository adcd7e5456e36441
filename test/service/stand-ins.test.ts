// Who decides in the place of others: the delegate of whoever is away, and the groups that stand in for one that cannot be
// reached.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as agents from '../../src/db/agents.ts';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { type DecideInput, decide } from '../../src/service/approver/decide.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import {
  apply,
  makeAgent,
  makeClick,
  makePerson,
  makePolicy,
  makeProfile,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;

const group = (...names: string[]) => ({
  members: names.map((name) => `${name}@example.com`),
  slack_user_group: null,
  channel: 'C0PAYMENTS',
});
const person = (name: string, away?: object) => ({
  ...{ email: `${name}@example.com`, name, slack: [] },
  ...(away === undefined ? {} : { away: { until: '2999-12-24', ...away } }),
});
const POLICY: PolicyDocument = {
  ...makePolicy([
    makeRuleFor('one/*', { approvers: ['payments'] }),
    makeRuleFor('two/*', { approvers: ['payments'], quorum: 2 }),
    makeRuleFor('gone/*', { approvers: ['ghosts'] }),
    makeRuleFor('gone-two/*', { approvers: ['ghosts'], quorum: 2 }),
    makeRuleFor('gone-three/*', { approvers: ['ghosts'], quorum: 3 }),
    makeRuleFor('up/*', {
      approvers: [],
      stages: [{ approvers: ['payments'], quorum: 2, escalate: { after_seconds: 500, to: ['leads'] } }],
    }),
    makeRuleFor('each/*', { approvers: [], stages: [{ approvers: ['payments', 'ghosts'], quorum: 2, each: true }] }),
  ]),
  people: [
    person('ann', { delegate: 'dan@example.com' }),
    person('ben', { delegate: 'dan@example.com' }),
    person('eve', { delegate: 'ann@example.com' }),
    ...['gus', 'gil'].map((name) => person(name, {})),
  ],
  approver_groups: {
    payments: group('ann', 'ben', 'cat', 'olga'),
    ghosts: group('olga', 'gus', 'gil'),
    leads: group('lea', 'lou'),
  },
  fallback: ['leads'],
};

beforeAll(async () => {
  database = await createTestDatabase();
  api = createTestUseCases(database);
  world = await makeWorld(database, POLICY);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const ask = (resource: string) => api.submit(world.caller, makeSubmission({ resource }));
const click = (request: RequestView, name: string, changes: Partial<DecideInput> = {}) =>
  decide(world.deps, makeClick(request, name, changes));
const claimed = (request: RequestView) => api.claim(world.caller, request.id);
const counted = (state: string) => ({ kind: 'counted', record: { request: { state } } });
const refused = (refusal: string) => ({ kind: 'refused', refusal });
/** The policy with other people in it, for one test. */
async function meanwhile<T>(change: Partial<PolicyDocument>, work: () => Promise<T>): Promise<T> {
  await apply(world.service, { ...POLICY, ...change });
  try {
    return await work();
  } finally {
    await apply(world.service, POLICY);
  }
}

describe('the delegate of whoever is away', () => {
  test('decides in that place, named so, and the away person no more (INV-1)', async () => {
    const request = await ask('two/1');
    const answer = await click(request, 'dan');
    expect(answer).toMatchObject(counted('pending'));
    const names = answer.kind === 'counted' ? answer.record.decisions[0]?.stands_in_for?.map(({ name }) => name) : [];
    expect(names?.sort()).toEqual(['ann', 'ben']);
    expect(await click(request, 'ann')).toMatchObject(refused('stood_in_for'));
    expect(await click(request, 'ben')).toMatchObject(refused('stood_in_for'));
    expect(await click(request, 'dan')).toMatchObject(refused('already_counted'));
    expect(await click(request, 'cat')).toMatchObject(counted('approved'));
    await expect(claimed(request)).resolves.toMatchObject({ lease: {} });
  });

  test('comes too late where the away people have decided themselves (INV-1)', async () => {
    const request = await ask('two/2');
    expect(await click(request, 'ann')).toMatchObject(counted('pending'));
    expect(await click(request, 'ben')).toMatchObject(counted('approved'));
    const other = await ask('two/3');
    await click(other, 'ann');
    expect(await click(other, 'dan')).toMatchObject({
      ...counted('approved'),
      record: { decisions: [{}, { stands_in_for: [{ name: 'ben' }] }] },
    });
  });

  test('is no delegate of a delegate, nor in the place of somebody behind the request (INV-2)', async () => {
    const request = await ask('one/1');
    const chained = {
      people: [person('ann', { delegate: 'eve@example.com' }), person('eve', { delegate: 'dan@example.com' })],
    };
    await meanwhile(chained, async () => {
      expect(await click(request, 'dan')).toMatchObject(refused('not_in_group'));
      expect(await click(request, 'eve')).toMatchObject(counted('approved'));
    });
    const own = await ask('one/2');
    await meanwhile({ people: [person('olga', { delegate: 'dan@example.com' })] }, async () => {
      expect(await click(own, 'dan')).toMatchObject(refused('not_in_group'));
    });
    await meanwhile({ people: [person('cat', { delegate: 'olga@example.com' })] }, async () => {
      expect(await click(own, 'olga')).toMatchObject(refused('is_requester'));
    });
  });

  test('gives nothing in the place of one who has made a key of the agent since (INV-2)', async () => {
    const caller = await makeAgent(world.service);
    const request = await api.submit(caller, makeSubmission({ resource: 'two/key' }));
    const ann = await makePerson(world.service, 'ann@example.com');
    await world.service.transact(TENANT, (tx) => agents.addBehind(tx, caller.id, [ann]));
    expect(await click(request, 'dan')).toMatchObject({
      record: { decisions: [{ stands_in_for: [{ name: 'ben' }] }] },
    });
  });

  test('has no right once the absence is over, or the away person is no member', async () => {
    const request = await ask('one/3');
    await meanwhile({ people: [person('ann', { until: '2020-01-01', delegate: 'dan@example.com' })] }, async () => {
      expect(await click(request, 'dan')).toMatchObject(refused('not_in_group'));
    });
    const { ghosts, leads } = POLICY.approver_groups;
    const approver_groups = { payments: group('cat', 'olga'), ghosts, leads } as PolicyDocument['approver_groups'];
    await meanwhile({ approver_groups }, async () => {
      expect(await click(request, 'dan')).toMatchObject(refused('not_in_group'));
    });
  });

  test.each<[string, Partial<PolicyDocument>]>([
    [
      'the away person has left the group',
      { approver_groups: { ...POLICY.approver_groups, payments: group('cat', 'olga') } },
    ],
    ['the policy names another delegate', { people: [person('ann', { delegate: 'cat@example.com' }), person('ben')] }],
  ])('counts no more at the claim and the use once %s (INV-1)', async (title, change) => {
    const [request, used] = [await ask(`one/${title}`), await ask(`one/used: ${title}`)];
    expect(await click(request, 'dan')).toMatchObject(counted('approved'));
    expect(await click(used, 'dan')).toMatchObject(counted('approved'));
    const { token, lease } = await claimed(used);
    const using = () => api.use({ lease_id: lease.id, token, digest: used.digest });
    await meanwhile(change, async () => {
      await expect(claimed(request)).rejects.toMatchObject({ code: 'quorum_lost' });
      await expect(using()).rejects.toMatchObject({ code: 'quorum_lost' });
    });
    await expect(using()).resolves.toMatchObject({ state: 'used' });
  });

  test('sees what waits for whoever is away, until it is decided in that place', async () => {
    const request = await ask('one/4');
    const waits = async (name: string) => {
      const input = { tenant_id: TENANT, profile: makeProfile(name), answers: [], limit: 100 };
      const waiting = await listWaitingFor(world.deps, input);
      return waiting.kind === 'listed' && waiting.items.some((item) => item.request.id === request.id);
    };
    expect([await waits('dan'), await waits('ann'), await waits('lea')]).toEqual([true, true, false]);
    await click(request, 'dan', { decision: 'deny', reason: 'not now' });
    expect([await waits('dan'), await waits('ann')]).toEqual([false, false]);
  });
});

describe('a fallback stands in for a group that cannot be reached', () => {
  test('in the same stage, for the same number of people, and a card says so', async () => {
    const request = await ask('gone-two/1');
    expect(await click(request, 'cat')).toMatchObject(refused('not_in_group'));
    expect(await click(request, 'lea')).toMatchObject({
      ...counted('pending'),
      record: { request: { requirement: { stages: [{ quorum: 2, stand_ins: { for: [{ name: 'ghosts' }] } }] } } },
    });
    expect(await click(request, 'lou')).toMatchObject(counted('approved'));
    await expect(claimed(request)).resolves.toMatchObject({ lease: {} });
    const [row] = await database.asSuperuser<{ count: number }>(
      'select count(*)::integer as count from placet.executed_without_approval where request_id = $1',
      [request.id],
    );
    expect(row?.count).toBe(0);
  });

  test('gives it a person of its own where each group needs one', async () => {
    const request = await ask('each/1');
    expect(await click(request, 'cat')).toMatchObject(counted('pending'));
    expect(await click(request, 'ann')).toMatchObject(counted('pending'));
    expect(await click(request, 'lea')).toMatchObject(counted('approved'));
  });

  test('not where the people could be reached; and where it is not enough, it is said who is missing', async () => {
    const request = await ask('two/4');
    expect(await click(request, 'lea')).toMatchObject(refused('not_in_group'));
    await expect(ask('gone-three/1')).rejects.toMatchObject({
      code: 'quorum_unreachable',
      details: { quorum: 3, missing: [{ group: 'ghosts', eligible: 0 }], fallback: ['leads'] },
    });
    await meanwhile({ fallback: undefined }, async () => {
      await expect(ask('gone/1')).rejects.toMatchObject({
        code: 'quorum_unreachable',
        details: { missing: [{ group: 'ghosts' }] },
      });
    });
  });

  test('a group whose people are all away without a delegate cannot be reached', async () => {
    const { fallback: _fallback, ...rest } = POLICY;
    const away = {
      ...rest,
      people: [person('ann', {}), person('ben', {})],
      approver_groups: { ...POLICY.approver_groups, payments: group('ann', 'ben') },
    };
    await apply(world.service, away);
    await expect(ask('one/5')).rejects.toMatchObject({ code: 'quorum_unreachable' });
    await apply(world.service, POLICY);
  });
});

test('what waits for a group that a new version empties escalates at once; another request does not', async () => {
  const request = await ask('up/1');
  const other = await ask('two/5');
  expect(await click(request, 'lea')).toMatchObject(refused('not_in_group'));
  await meanwhile({ approver_groups: { ...POLICY.approver_groups, payments: group('cat', 'olga') } }, async () => {
    expect(await click(request, 'lea')).toMatchObject(counted('pending'));
    expect(await click(other, 'lea')).toMatchObject(refused('not_in_group'));
    expect(await click(request, 'cat')).toMatchObject(counted('approved'));
  });
});
