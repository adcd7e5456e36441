// The walk of the sweep over open requests: several pages, several passes, nothing left out.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as sweepQueries from '../../src/db/sweep-queries.ts';
import { type SweepCursor, type SweepDeps, sweep } from '../../src/delivery/sweep.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { advance } from '../../src/service/clock/advance.ts';
import { makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { UNDELIVERABLE } from '../support/fake-messenger.ts';
import { dies, interposed } from '../support/interposed.ts';

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
});
afterAll(() => database.drop());
// Each test starts from an outbox that was told, and from no request that is still open.
beforeEach(async () => {
  await database.asSuperuser(
    "update placet.approval_requests set state = 'cancelled', closed_at = now() - interval '2 days' where state = 'pending'",
  );
  await clearOutbox();
});

const clearOutbox = () => database.asSuperuser('delete from placet.outbox');
/** The ids of that many new requests, oldest first, which the outbox has told of. */
const ask = async (count: number): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await submit(world.deps, world.caller, makeSubmission())).id);
  await clearOutbox();
  return ids;
};
const looking: SweepDeps['advance'] = (input) =>
  advance({ transact: database.transact, newId, undeliverable: UNDELIVERABLE }, input);
const pass = (cursor: SweepCursor, page_max?: number, changes: Partial<SweepDeps> = {}) =>
  sweep({ ...world.service, tenant_id: TENANT, advance: looking, ...changes }, cursor, page_max);
const nudged = async () =>
  (await database.asSuperuser<{ id: string }>('select request_id as id from placet.outbox order by request_id')).map(
    ({ id }) => id,
  );

test('the walk goes on where it stood, page by page and pass by pass, covers all, and then begins anew', async () => {
  const ids = await ask(6);
  const [first = '', ...others] = ids;
  const cursor: SweepCursor = { after: first };
  const covered: string[] = [];
  for (const isWhole of [false, false, true]) {
    expect(await pass(cursor, 2)).toEqual({ count: isWhole ? 1 : 2, isWhole });
    covered.push(...(await nudged()));
    await clearOutbox();
  }
  expect(covered).toEqual(others);
  await pass(cursor);
  expect(await nudged()).toEqual(ids);
});

test('a page that could not be put back is the next one again; one that cannot be ended keeps no page waiting', async () => {
  const [first = '', second = '', third = ''] = await ask(3);
  const cursor: SweepCursor = { after: first };
  const transact = interposed(
    database.transact,
    /^insert into placet\.outbox[\s\S]*'start' as kind, \$2/,
    dies('full'),
  );
  await expect(pass(cursor, 1, { transact })).rejects.toThrow('full');
  expect(cursor).toEqual({ after: first });
  await database.asSuperuser("update placet.approval_requests set expires_at = now() - interval '31 s' where id = $1", [
    first,
  ]);
  const broken = () => Promise.reject(new Error('broken row'));
  await expect(pass(cursor, 1, { advance: broken })).rejects.toThrow('broken row');
  expect(cursor).toEqual({ after: second });
  await pass(cursor, 1);
  expect(cursor).toEqual({ after: third });
});

test('the starts are spread, so that new requests need not wait', async () => {
  const ids = await ask(5);
  await database.transact(TENANT, async (tx) => {
    expect(await sweepQueries.enqueueOpen(tx, { ids, per_second: 2 })).toBe(5);
  });
  const waits = await database.asSuperuser<{ seconds: number }>(
    'select extract(epoch from next_attempt_at - created_at)::float8 as seconds from placet.outbox order by request_id',
  );
  expect(waits.map(({ seconds }) => seconds)).toEqual([0.5, 1, 1.5, 2, 2.5]);
});
