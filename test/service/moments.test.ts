// The moment that counts: whoever waited for a lock is judged by the time at which the lock was got, not asked for.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide } from '../../src/service/decide.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { whileLocked } from '../support/locks.ts';
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

const LOCK_REQUEST = 'select id from placet.approval_requests where id = $1 for update';
const ask = () => api.submit(world.caller, makeSubmission());
async function approved() {
  const request = await ask();
  for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(request, name));
  return request;
}

test('an approval that waited for its turn beyond the expiry does not count (INV-4)', async () => {
  const request = await ask();
  const answer = await whileLocked(
    database,
    {
      hold: LOCK_REQUEST,
      beforeCommit: 'update placet.approval_requests set expires_at = clock_timestamp() where id = $1',
      values: [request.id],
    },
    () => decide(world.deps, makeClick(request, 'ann')),
  );
  expect(answer).toMatchObject({ kind: 'refused', why: 'expired' });
});

test('a claim that waited for its turn beyond the claim window is refused', async () => {
  const request = await approved();
  const claiming = whileLocked(
    database,
    {
      hold: LOCK_REQUEST,
      beforeCommit: 'update placet.grants set claim_expires_at = clock_timestamp() where request_id = $1',
      values: [request.id],
    },
    () => api.claim(world.caller, request.id),
  );
  await expect(claiming).rejects.toMatchObject({ code: 'claim_expired' });
});

test('a use that waited for its turn beyond the end of the lease is refused, and says why (INV-5)', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const using = whileLocked(
    database,
    {
      hold: LOCK_REQUEST,
      beforeCommit: 'update placet.leases set expires_at = clock_timestamp() where request_id = $1',
      values: [request.id],
    },
    () => api.use({ lease_id: lease.id, token, digest: request.digest }),
  );
  await expect(using).rejects.toMatchObject({ code: 'lease_expired' });
});

test('a use that meets the end of its lease is told that the lease is over, not that it was used', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const using = whileLocked(
    database,
    {
      hold: LOCK_REQUEST,
      beforeCommit: `update placet.leases set state = 'expired', ended_at = now() where request_id = $1`,
      values: [request.id],
    },
    () => api.use({ lease_id: lease.id, token, digest: request.digest }),
  );
  await expect(using).rejects.toMatchObject({ code: 'lease_expired' });
});
