// Requests that are asked for at the same moment: written in one go under load, and each of them as if it had come alone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PlacetError } from '../../src/domain/errors.ts';
import type { AgentPrincipal } from '../../src/domain/people/principal.ts';
import type { Ask } from '../../src/domain/request/request.ts';
import type { AgentSubmission } from '../../src/service/agent/judgement.ts';
import { type Attempt, type SubmitDeps, submit } from '../../src/service/agent/submit.ts';
import { goTogether } from '../../src/service/together.ts';
import { CREDENTIAL, makePolicy, makeRuleFor, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
const free = { effect: 'allow' as const, approvers: [] };
const never = { effect: 'deny' as const, approvers: [], credential: null };
beforeAll(async () => {
  database = await createTestDatabase();
  const rules = [
    makeRuleFor('order/free/*', { name: 'free', ...free }),
    makeRuleFor('order/waits/*', { name: 'waits' }),
    makeRuleFor('order/never/*', { name: 'never', ...never }),
  ];
  world = await makeWorld(database, makePolicy(rules));
});
afterAll(() => database.drop());

const PLACES = ['free', 'waits', 'never'];
const ask = (at: number): Partial<Ask> => ({ resource: `order/${PLACES[at % 3]}/${at}` });
const rows = (sql: string, ids: readonly string[]) => database.asSuperuser<{ n: number }>(sql, [ids]);

/** One run at a time, so that what comes while the first is under way goes together; counts the transactions. */
function gathering(): { readonly deps: SubmitDeps; readonly transactions: () => number } {
  let transactions = 0;
  const transact: SubmitDeps['transact'] = (tenant_id, work) => {
    transactions += 1;
    return world.deps.transact(tenant_id, work);
  };
  const together = goTogether<AgentSubmission, Attempt>({ runs_max: 1, inputs_max: 100 });
  return { deps: { ...world.deps, transact, together }, transactions: () => transactions };
}

test('sixty at once take two transactions, and each has its own answer, events, grant and start', async () => {
  const { deps, transactions } = gathering();
  const submissions = Array.from({ length: 60 }, (_, at) => makeSubmission(ask(at)));
  const answers = await Promise.all(submissions.map((each) => submit(deps, world.caller, each)));
  expect(transactions()).toBe(2);
  const ids = answers.map(({ id }) => id);
  expect(new Set(ids).size).toBe(60);
  answers.forEach((answer, at) => {
    expect(answer).toMatchObject({ resource: ask(at).resource, state: ['approved', 'pending', 'denied'][at % 3] });
  });
  // Alone, each would answer the very same.
  for (const [at, each] of submissions.entries()) {
    expect(await submit(world.deps, world.caller, each)).toEqual(answers[at]);
  }
  const [wrong] = await rows(
    `select count(*)::int as n from placet.approval_requests r where r.id = any ($1) and not (
      (select count(*) from placet.audit_events e where e.request_id = r.id and e.digest = r.digest)
        = case r.effect when 'allow' then 3 when 'deny' then 2 else 1 end
      and (select count(*) from placet.grants g where g.request_id = r.id and g.digest = r.digest)
        = case r.effect when 'allow' then 1 else 0 end
      and (select count(*) from placet.outbox o where o.request_id = r.id and o.kind = 'start')
        = case r.effect when 'require' then 1 else 0 end)`,
    ids,
  );
  expect(wrong?.n).toBe(0);
});

test('the same key many times within one go is one request, another body under it a conflict', async () => {
  const { deps } = gathering();
  const same = makeSubmission(ask(1));
  const other = { ...makeSubmission(ask(4)), idempotency_key: same.idempotency_key };
  const all = [makeSubmission(ask(0)), same, same, other, same];
  const [, ...answers] = await Promise.allSettled(all.map((each) => submit(deps, world.caller, each)));
  const ids = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value.id] : []));
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  expect(answers[2]).toMatchObject({ status: 'rejected', reason: { code: 'idempotency_conflict' } });
});

test('who is refused is refused alone: the others of the same go stand', async () => {
  const { deps, transactions } = gathering();
  const all = [
    ask(0),
    ask(1),
    { ...ask(1), credential: { ...CREDENTIAL, audience: 'https://elsewhere.example' } },
    ask(2),
  ].map(makeSubmission);
  const answers = await Promise.allSettled(all.map((each) => submit(deps, world.caller, each)));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(answers[2]).toMatchObject({ reason: { code: 'credential_exceeds_policy' } });
  expect(transactions()).toBe(2);
});

test('what the database refuses of one fails for that one only', async () => {
  const { deps } = gathering();
  const nobody: AgentPrincipal = { ...world.caller, id: 'agt_00000000000000000000000000' };
  const callers = [world.caller, world.caller, nobody, world.caller];
  const answers = await Promise.allSettled(callers.map((caller, at) => submit(deps, caller, makeSubmission(ask(at)))));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('nobody waits for company, and whoever is turned away with the others by an outage is not tried again', async () => {
  const ended: (() => void)[] = [];
  const runs: (readonly string[])[] = [];
  const together = goTogether<string, string>({ runs_max: 2, inputs_max: 3 });
  const run = async (inputs: readonly string[]) => {
    runs.push(inputs);
    await new Promise<void>((resolve) => ended.push(resolve));
    return inputs.map((input) => input.toUpperCase());
  };
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((input) => together('key', input, run));
  const other = together('another key', 'z', run);
  expect(runs).toEqual([['a'], ['b'], ['z']]);
  ended[0]?.();
  expect(await all[0]).toBe('A');
  await Promise.resolve();
  expect(runs.slice(3)).toEqual([['c', 'd', 'e']]);
  for (const end of ended.slice(1)) end();
  expect(await Promise.all([all[1], ...all.slice(2, 5), other])).toEqual(['B', 'C', 'D', 'E', 'Z']);
  ended[4]?.();
  expect(await all[5]).toBe('F');
});

test.each([
  ['unavailable', 2],
  ['internal', 5],
] as const)('a go that fails as %s makes %i runs for one and three behind it', async (code, count) => {
  const together = goTogether<number, number>({ runs_max: 1, inputs_max: 10 });
  let runs = 0;
  const run = async (inputs: readonly number[]): Promise<readonly number[]> => {
    runs += 1;
    await Promise.resolve();
    if (inputs.length > 1) throw new PlacetError(code);
    return inputs;
  };
  const all = await Promise.allSettled([1, 2, 3, 4].map((input) => together('key', input, run)));
  expect(runs).toBe(count);
  expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(code === 'unavailable' ? 3 : 0);
});
