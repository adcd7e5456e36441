// What is told of each change: its card is drawn anew and the run is nudged, or neither when nothing changed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ quorum: 2 })]));
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** By how much the work raises the request's revision, and which rows it leaves in the outbox, with their wait. */
async function toldBy(id: string, work: () => Promise<unknown>): Promise<[revisions: number, rows: string[]]> {
  const revisionOf = async () => {
    const sql = 'select revision from placet.approval_requests where id = $1';
    return (await database.asSuperuser<{ revision: number }>(sql, [id]))[0]?.revision ?? 0;
  };
  await database.asSuperuser('delete from placet.outbox where request_id = $1', [id]);
  const before = await revisionOf();
  await work();
  const rows = await database.asSuperuser<{ row: string }>(
    `select kind || ' after ' || extract(epoch from next_attempt_at - created_at)::int || ' s' as row
     from placet.outbox where request_id = $1 order by id`,
    [id],
  );
  return [(await revisionOf()) - before, rows.map(({ row }) => row)];
}

test('each step of an approval is told: decisions and the result at once, a claim and a use with what follows', async () => {
  const { id, digest } = await api.submit(world.caller, makeSubmission());
  const click = (name: string) => () => decide(world.deps, makeClick({ id, digest }, name));
  expect(await toldBy(id, click('ann'))).toEqual([1, ['nudge after 0 s']]);
  expect(await toldBy(id, click('ben'))).toEqual([1, ['nudge after 0 s']]);
  let claimed = { token: '', lease: { id: '' } };
  const claim = async () => {
    claimed = await api.claim(world.caller, id);
  };
  expect(await toldBy(id, claim)).toEqual([1, ['nudge after 1 s']]);
  const use = () => api.use({ lease_id: claimed.lease.id, token: claimed.token, digest });
  expect(await toldBy(id, use)).toEqual([1, ['nudge after 1 s']]);
  const result = { status: 'succeeded', detail: null, result_digest: null } as const;
  expect(await toldBy(id, () => api.report({ caller: world.caller }, id, result))).toEqual([1, ['nudge after 0 s']]);
});

test('a denial and a cancel are told at once; a click that does not count tells nothing', async () => {
  const one = await api.submit(world.caller, makeSubmission());
  const denial = { decision: 'deny', reason: 'Not this order.' } as const;
  const deny = () => decide(world.deps, makeClick(one, 'ann', denial));
  expect(await toldBy(one.id, deny)).toEqual([1, ['nudge after 0 s']]);
  expect(await toldBy(one.id, () => decide(world.deps, makeClick(one, 'ben')))).toEqual([0, []]);
  const other = await api.submit(world.caller, makeSubmission());
  expect(await toldBy(other.id, () => api.cancel(world.caller, other.id))).toEqual([1, ['nudge after 0 s']]);
});
