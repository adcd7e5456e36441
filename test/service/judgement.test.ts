// Judging on real rows: which rule decides, under which version, and what is said and written of it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ask } from '../../src/domain/request/request.ts';
import { readRequest } from '../../src/service/agent/read.ts';
import { submit } from '../../src/service/agent/submit.ts';
import {
  apply,
  makeAgent,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { countOf } from '../support/rows.ts';
import { FREE, NEVER, RULES } from './rules.ts';

let database: TestDatabase;
let world: World;
const policy = makePolicy(RULES);
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policy);
});
afterAll(() => database.drop());

const ask = (changes: Partial<Ask> = {}) => submit(world.deps, world.caller, makeSubmission(changes));
const count = (sql: string, ...values: unknown[]) => countOf(database, sql, ...values);

describe('the judgement', () => {
  test.each([
    ['deny beats require', 'order/2/never', 'denied', 'never'],
    ['deny beats allow', 'order/free/never', 'denied', 'never'],
    ['require beats allow', 'order/free/2', 'pending', 'refunds'],
    ['nothing matches: denied', 'unheard/of', 'denied', null],
  ])('%s', async (_title, resource, state, rule) => {
    const rules = policy.rules.map((each) =>
      each.name === 'free' ? makeRuleFor('order/free/never', { name: 'free', ...FREE }) : each,
    );
    await apply(world.service, resource === 'order/free/2' ? policy : { ...policy, rules });
    const request = await ask({ resource });
    expect(request).toMatchObject({ state, policy: { rule } });
    await apply(world.service, policy);
  });

  test('a process that remembers the last policy sees the next one at once', async () => {
    const deps = { ...world.deps, known_policies: new Map() };
    const input = () => submit(deps, world.caller, makeSubmission());
    expect(await input()).toMatchObject({ policy: { rule: 'refunds' } });
    expect(await input()).toMatchObject({ policy: { rule: 'refunds' } });
    await apply(world.service, makePolicy([makeRule({ name: 'newer', ...NEVER })]));
    expect(await input()).toMatchObject({ state: 'denied', policy: { rule: 'newer' } });
    await apply(world.service, policy);
  });

  test.each([
    [{ amount: 20 }, 'approved', 'small'],
    [{ amount: 600 }, 'pending', 'refunds'],
    [{}, 'pending', 'refunds'],
  ])('a condition judges the parameters %j', async (parameters, state, rule) => {
    const small = makeRuleFor('order/small', { name: 'small', ...FREE, when: 'parameters.amount <= 500' });
    const refunds = makeRuleFor('order/small', { name: 'refunds', when: 'parameters.amount > 500' });
    await apply(world.service, makePolicy([small, refunds]));
    expect(await ask({ resource: 'order/small', parameters })).toMatchObject({ state, policy: { rule } });
    await apply(world.service, policy);
  });

  test('without any policy everything is denied', async () => {
    const empty = await createTestDatabase();
    try {
      const service = { ...world.service, transact: empty.transact };
      const caller = await makeAgent(service);
      const request = await submit({ ...world.deps, ...service }, caller, makeSubmission());
      expect(request).toMatchObject({ state: 'denied', policy: { version: null, number: null, rule: null } });
      expect(request.outcome?.reason).toMatch(/^There is no policy yet/);
    } finally {
      await empty.drop();
    }
  });

  test('a denial by the policy has a reason that names the rule, or says that none matched', async () => {
    const denied = await ask({ resource: 'order/2/never' });
    expect(denied.outcome?.reason).toBe('The rule “never” denies this.');
    expect(await readRequest(world.service, world.caller, denied.id)).toEqual(denied);
    const unheard = 'No rule of the policy matches, and nothing is allowed unless a rule says so.';
    expect((await ask({ resource: 'unheard/of' })).outcome?.reason).toBe(unheard);
  });

  test('a denied or allowed request starts no workflow', async () => {
    for (const resource of ['unheard/of', 'order/9/never']) {
      const { id } = await ask({ resource });
      expect(await count('placet.outbox where request_id = $1', id)).toBe(0);
    }
  });
});
