// Stages by way of the use cases: asked, decided in order, waited for by whoever's turn it is, claimed, seen by both views.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as contentViews from '../../src/db/content-views.ts';
import type { GroupEntry, Rule } from '../../src/domain/policy/policy.ts';
import type { RuleStage } from '../../src/domain/policy/rule-stages.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { listWaitingFor } from '../../src/service/approver/waiting.ts';
import {
  apply,
  makeClick,
  makePolicy,
  makeProfile,
  makeRule,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policyOf());
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const group = (channel: string, ...names: string[]): GroupEntry => ({
  members: names.map((name) => `${name}@example.com`),
  slack_user_group: null,
  channel,
});

function rule(name: string, stages: readonly RuleStage[], more: Partial<Rule> = {}): Rule {
  const match = { ...makeRule().match, resource: `${name}/*` };
  return makeRule({ name, match, approvers: [], stages, ...more });
}

/** ann, ben and cat are of payments, cat and lea of leads. */
function policyOf(leads: readonly string[] = ['cat', 'lea']) {
  return {
    ...makePolicy([
      rule('ladder', [of('payments'), of('leads')]),
      rule('each', [{ approvers: ['payments', 'leads'], quorum: 1, each: true }]),
      rule('loose', [of('payments'), of('leads')], { distinct_stages: false }),
      rule('thin', [of('payments'), { approvers: ['solo'], quorum: 1 }, { approvers: ['solo'], quorum: 1 }]),
      rule('twice', [of('payments'), of('leads')]),
      { ...rule('twice-dba', [of('dba'), of('leads')]), match: { ...makeRule().match, resource: 'twice/*' } },
    ]),
    approver_groups: {
      payments: group('C0PAYMENTS', 'ann', 'ben', 'cat'),
      leads: group('C0LEADS', ...leads),
      dba: group('C0DBA', 'dan', 'dora'),
      solo: group('C0SOLO', 'sam', 'sue'),
    },
  };
}

function of(...approvers: string[]): RuleStage {
  return { approvers, quorum: 1 };
}

const ask = (name: string, changes = {}) =>
  api.submit(world.caller, makeSubmission({ resource: `${name}/1`, ...changes }));
const violations = () => database.transact(TENANT, (tx) => contentViews.countViolations(tx));
type View = Awaited<ReturnType<typeof ask>>;

async function click(request: View, name: string, changes = {}) {
  const answer = await decide(world.deps, makeClick(request, name, changes));
  return answer.kind === 'counted' ? answer.record.request.state : answer.refusal;
}

async function waitsFor(name: string): Promise<string[]> {
  const input = { tenant_id: TENANT, profile: makeProfile(name), answers: [], limit: 100 };
  const answer = await listWaitingFor(world.deps, input);
  return answer.kind === 'listed' ? answer.items.map(({ request }) => request.id) : [];
}

describe('two stages', () => {
  test('the second one waits for the first, and is waited for by its own people alone (INV-1)', async () => {
    const request = await ask('ladder');
    expect(request.requirement?.stages.map(({ state }) => state)).toEqual(['now', 'then']);
    expect(await click(request, 'lea')).toBe('not_in_group');
    expect([await waitsFor('ann'), await waitsFor('lea')]).toEqual([[request.id], []]);
    expect(await click(request, 'ann')).toBe('pending');
    expect([await waitsFor('ben'), await waitsFor('lea')]).toEqual([[], [request.id]]);
    expect(await click(request, 'ben')).toBe('not_in_group');
    const between = await api.readRequest(world.caller, request.id);
    expect(between.requirement?.stages).toMatchObject([
      { state: 'done', approvals: 1 },
      { state: 'now', approvals: 0 },
    ]);
    expect(await click(request, 'lea')).toBe('approved');
    await api.claim(world.caller, request.id);
    expect(await violations()).toEqual({ executed_without_approval: 0, executed_twice: 0 });
  });

  test('whoever is in both groups counts in one of them, and is not asked again', async () => {
    const request = await ask('ladder');
    expect(await click(request, 'cat')).toBe('pending');
    expect(await waitsFor('cat')).toEqual([]);
    expect(await click(request, 'cat', { shown_stage: 1 })).toBe('already_counted');
    expect(await click(request, 'lea')).toBe('approved');
  });

  test('where they are not distinct one person may approve both, by two clicks on what each showed', async () => {
    const request = await ask('loose');
    expect(await click(request, 'cat')).toBe('pending');
    expect(await waitsFor('cat')).toEqual([request.id]);
    const again = await Promise.all([0, 0, 0].map(() => click(request, 'cat')));
    expect(again).toEqual(['already_counted', 'already_counted', 'already_counted']);
    expect(await click(request, 'cat', { shown_stage: 1 })).toBe('approved');
    await api.claim(world.caller, request.id);
    expect(await violations()).toEqual({ executed_without_approval: 0, executed_twice: 0 });
  });

  test('one denial of either stage ends it', async () => {
    const denial = { decision: 'deny', reason: 'Not this one.' };
    const first = await ask('ladder');
    expect(await click(first, 'ben', denial)).toBe('denied');
    const second = await ask('ladder');
    expect(await click(second, 'ann')).toBe('pending');
    expect(await click(second, 'lea', denial)).toBe('denied');
  });

  test('a second decision of one person, or account, on one request is refused by the database itself (INV-1)', async () => {
    const request = await ask('ladder');
    await click(request, 'cat');
    const again = `insert into placet.decisions (tenant_id, id, request_id, stage, person_id, decision, digest, via, account, decided_at, once_in)
      select tenant_id, overlay(id placing 'zzzz' from 37), request_id, 1, person_id, decision, digest, via, account, decided_at, 1
      from placet.decisions where request_id = '${request.id}'`;
    await expect(database.asSuperuser(again)).rejects.toThrow('decisions_one_person');
    const elses = again.replace('1, person_id', '1, (select id from placet.people where id <> person_id limit 1)');
    await expect(database.asSuperuser(elses)).rejects.toThrow('decisions_one_account');
  });

  test('fifty clicks at once on both stages approve once, with one decision a person', async () => {
    const request = await ask('ladder');
    const names = ['ann', 'ben', 'cat', 'lea', 'cat'];
    await Promise.all(Array.from({ length: 50 }, (_, at) => click(request, names[at % 5] ?? '')));
    // Whoever of leads was too early clicks again.
    await click(request, 'lea');
    const { state, decisions } = await api.readRequest(world.caller, request.id);
    expect(state).toBe('approved');
    expect(decisions.map(({ stage }) => stage)).toEqual([0, 1]);
  });
});

describe('one of every group', () => {
  test('the claim goes by who is in which group then (INV-1)', async () => {
    const request = await ask('each');
    expect(request.requirement?.stages).toMatchObject([{ each: true, quorum: 2 }]);
    expect(await click(request, 'ann')).toBe('pending');
    expect(await click(request, 'ben')).toBe('pending');
    // Two of payments: whoever is in leads is still needed, and cat stands for that one.
    expect(await click(request, 'cat')).toBe('approved');
    await apply(world.service, policyOf(['lea', 'lou']));
    await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'quorum_lost' });
    await apply(world.service, policyOf());
    await api.claim(world.caller, request.id);
    expect(await violations()).toEqual({ executed_without_approval: 0, executed_twice: 0 });
  });
});

describe('before it waits', () => {
  test('stages that people could only fill twice over are refused at once, with the stage', async () => {
    // Sam stands for the agent's human, so sue alone is left for two stages.
    await expect(ask('thin', { on_behalf_of: 'sam@example.com' })).rejects.toMatchObject({
      code: 'quorum_unreachable',
      details: { stage: 2, quorum: 1 },
    });
    expect((await ask('thin')).state).toBe('pending');
  });

  test('rules of which none contains the other are met one after the other', async () => {
    const request = await ask('twice');
    expect(request.policy.rule).toBe('twice + twice-dba');
    expect(request.requirement?.stages.map(({ approvers }) => approvers)).toEqual([
      ['payments'],
      ['leads'],
      ['dba'],
      ['leads'],
    ]);
    const states = [];
    for (const name of ['ann', 'cat', 'dan', 'lea']) states.push(await click(request, name));
    expect(states).toEqual(['pending', 'pending', 'pending', 'approved']);
  });

  test('what a pending request requires stays what it was, whatever is applied (INV-3)', async () => {
    const request = await ask('ladder');
    await apply(world.service, { ...policyOf(), rules: [makeRule({ quorum: 3 })] });
    expect((await api.readRequest(world.caller, request.id)).requirement).toEqual(request.requirement);
    expect([await click(request, 'ann'), await click(request, 'lea')]).toEqual(['pending', 'approved']);
    await apply(world.service, policyOf());
  });
});
