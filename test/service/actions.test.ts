// What a policy says of an action, on real rows: parameters held to their schema, and a presentation that stays.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AgentPrincipal } from '../../src/domain/people/principal.ts';
import type { ActionEntry } from '../../src/domain/policy/actions.ts';
import type { JsonObject } from '../../src/domain/request/request.ts';
import { labelAgent } from '../../src/service/admin/agents.ts';
import { readRequest } from '../../src/service/agent/read.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { recordContentView } from '../../src/service/approver/approver.ts';
import { type DecideInput, decide } from '../../src/service/approver/decide.ts';
import {
  apply,
  makeAgent,
  makeClick,
  makePolicy,
  makeProfile,
  makeRule,
  makeSubmission,
  makeWorld,
  OPERATOR,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
const REFUND: ActionEntry = {
  title: 'Refund {parameters.amount} {parameters.currency} for {resource}',
  risk: 'high',
  parameters: {
    type: 'object',
    required: ['amount', 'currency'],
    properties: { amount: { type: 'number' }, currency: { type: 'string' } },
  },
  show: ['currency'],
};
const policy = {
  ...makePolicy([
    makeRule(),
    makeRule({
      name: 'never',
      match: { ...makeRule().match, resource: 'never/*' },
      effect: 'deny',
      approvers: [],
      credential: null,
    }),
  ]),
  actions: { 'orders.refund': REFUND },
};
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policy);
});
afterAll(() => database.drop());

const rows = async () =>
  (await database.asSuperuser<{ n: number }>('select count(*)::int as n from placet.approval_requests'))[0]?.n;

describe('parameters that are not what the policy says of their action', () => {
  test.each<[parameters: JsonObject, path: string]>([
    [{ amount: 1, currency: 'EUR', note: 'x' }, '/parameters/note'],
    [{ amount: '1', currency: 'EUR' }, '/parameters/amount'],
    [{ currency: 'EUR' }, '/parameters'],
    [{ amount: 1, currency: 'EUR', 'a/b': 1 }, '/parameters/a~1b'],
  ])('%j are refused with the place, and nothing is written', async (parameters, path) => {
    const before = await rows();
    for (const resource of ['order/1', 'never/1', 'no rule at all'])
      await expect(submit(world.deps, world.caller, makeSubmission({ parameters, resource }))).rejects.toMatchObject({
        code: 'parameters_invalid',
        details: { errors: [{ path, message: expect.any(String) }] },
      });
    expect(await rows()).toBe(before);
  });

  test('of another action are taken as they are', async () => {
    const view = await submit(
      world.deps,
      world.caller,
      makeSubmission({ action: 'orders.refunds', parameters: { x: 1 } }),
    );
    expect(view).toMatchObject({ state: 'denied', presentation: null });
  });

  test('under a newer schema are refused when they are new, and a repeat is answered as before', async () => {
    const submission = makeSubmission();
    const first = await submit(world.deps, world.caller, submission);
    await apply(world.service, { ...policy, actions: { 'orders.refund': { parameters: { properties: {} } } } });
    expect(await submit(world.deps, world.caller, submission)).toEqual(first);
    await expect(submit(world.deps, world.caller, makeSubmission())).rejects.toMatchObject({
      code: 'parameters_invalid',
    });
    await apply(world.service, policy);
  });
});

test('an action of the product’s own is refused with its own code, whatever the policy says, and nothing is written', async () => {
  const free = makeRule({ match: { ...makeRule().match, action: '*', resource: '*' }, effect: 'allow', approvers: [] });
  await apply(world.service, makePolicy([free]));
  const before = await rows();
  for (const action of ['placet.policy.apply', 'placet.'])
    await expect(submit(world.deps, world.caller, makeSubmission({ action }))).rejects.toMatchObject({
      code: 'action_reserved',
    });
  expect(await rows()).toBe(before);
  expect(await submit(world.deps, world.caller, makeSubmission({ action: 'placets.x' }))).toMatchObject({
    state: 'approved',
  });
  await apply(world.service, policy);
});

test('a request keeps the presentation of its creation, whatever is applied later', async () => {
  const presentation = { title: 'Refund 120 EUR for order/A-1001', risk: 'high', show: ['currency'] };
  const made = await submit(world.deps, world.caller, makeSubmission());
  expect(made.presentation).toEqual(presentation);
  await apply(world.service, { ...policy, actions: { 'orders.refund': { ...REFUND, title: 'Nothing', risk: 'low' } } });
  expect((await readRequest(world.deps, world.caller, made.id)).presentation).toEqual(presentation);
  await apply(world.service, policy);
});

describe('a rule that asks for a justification', () => {
  const asking = makePolicy([makeRule({ justification: 'required', reason: 'required', confirm: true })]);
  beforeAll(() => apply(world.service, asking));

  test.each([[null], [''], ['  '], ['...'], ['\u200b\u2060']])(
    'refuses %j, and nothing is written',
    async (justification) => {
      const before = await rows();
      await expect(submit(world.deps, world.caller, makeSubmission({ justification }))).rejects.toMatchObject({
        code: 'justification_missing',
        details: { rule: 'refunds' },
      });
      expect(await rows()).toBe(before);
    },
  );

  test('takes words, and nothing that approves comes without reason and second look', async () => {
    const made = await submit(world.deps, world.caller, makeSubmission({ justification: 'It broke.' }));
    expect(made.requirement).toMatchObject({ reason: 'required', confirm: true });
    const click = (changes: Partial<DecideInput>) => decide(world.deps, makeClick(made, 'ann', changes));
    expect(await click({})).toMatchObject({ refusal: 'review_first' });
    // The modal was never opened: whoever says so is not believed.
    expect(await click({ shown: 'confirmed', reason: 'Looks right.' })).toMatchObject({ refusal: 'review_first' });
    const viewer = { tenant_id: TENANT, request_id: made.id, profile: makeProfile('ann'), answers: [] };
    await recordContentView(world.deps, viewer);
    expect(await click({ shown: 'whole', reason: 'Looks right.' })).toMatchObject({ refusal: 'review_first' });
    expect(await click({ shown: 'confirmed' })).toMatchObject({ refusal: 'reason_missing' });
    expect(await click({ shown: 'confirmed', reason: 'Looks right.' })).toMatchObject({ kind: 'counted' });
    const view = await readRequest(world.deps, world.caller, made.id);
    expect(view).toMatchObject({ state: 'approved', decisions: [{ decision: 'approve', reason: 'Looks right.' }] });
  });
});

test('a rule goes by the labels and the owner that an agent has when it asks', async () => {
  const labelled = makeRule({ name: 'labelled', match: { ...makeRule().match, labels: { team: 'payments' } } });
  const owned = makeRule({ name: 'owned', when: 'agent.owner == "nora@example.com" && agent.labels.team == "orders"' });
  await apply(world.service, makePolicy([labelled, owned]));
  const ruleOf = async (caller: AgentPrincipal) => (await submit(world.deps, caller, makeSubmission())).policy.rule;
  const agent = await makeAgent(world.service, 'nora@example.com', { team: 'payments', tier: 'gold' });
  expect(await ruleOf(agent)).toBe('labelled');
  const to = { tenant_id: TENANT, name: agent.name, by: OPERATOR };
  await labelAgent(world.service, { ...to, labels: { team: 'orders' } });
  expect(await ruleOf(agent)).toBe('owned');
  await labelAgent(world.service, { ...to, labels: { team: 'others' } });
  expect(await ruleOf(agent)).toBeNull();
  expect(await ruleOf(world.caller)).toBeNull();
  // A condition that ends in an error asks people, rather than none: this one has no such label.
  expect(await ruleOf(await makeAgent(world.service, 'nora@example.com'))).toBe('owned');
  await apply(world.service, policy);
});
