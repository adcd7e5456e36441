// The row count of a conditional update decides, not what was read before it: whoever changed the row first, nothing
// happens twice and nothing half (INV-4, INV-6). The lock makes this rare, so the losing update is played here.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { store } from '../../src/db/store.ts';
import { claim } from '../../src/service/agent/claim.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { use } from '../../src/service/agent/use.ts';
import { makeClick, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf, stateOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const loses = async () => false;

test('a decision whose request was closed by another leaves nothing behind', async () => {
  const request = await api.submit(world.caller, makeSubmission());
  const requests = { ...store.requests, closeRequest: loses };
  const deps = { ...world.deps, store: { ...store, requests } };
  await expect(decide(deps, makeClick(request, 'ann'))).rejects.toMatchObject({ code: 'not_pending' });
  expect(await stateOf(database, request.id)).toBe('pending');
  expect(await eventsOf(database, request.id, 'decision.recorded')).toEqual([]);
});

test('closing what is over changes no row', async () => {
  const { id } = await submitApproved(api, world);
  expect(await database.transact(TENANT, (tx) => store.requests.closeRequest(tx, id, 'denied'))).toBe(false);
  expect(await stateOf(database, id)).toBe('approved');
});

test('a claim whose grant was redeemed by another is refused, audited, and makes no lease', async () => {
  const request = await submitApproved(api, world);
  const grants = { ...store.grants, redeemGrant: loses };
  const signer = () => Promise.reject(new Error('nothing is to be signed'));
  const deps = { ...world.service, store: { ...store, grants }, signer };
  await expect(claim(deps, world.caller, request.id)).rejects.toMatchObject({ code: 'already_claimed' });
  expect(await leasesOf(database, request.id)).toEqual([]);
  expect(await eventsOf(database, request.id, 'grant.claim_refused')).toEqual([{ facts: { code: 'already_claimed' } }]);
});

test('a use whose lease was spent by another is refused and audited', async () => {
  const request = await submitApproved(api, world);
  const { token, lease } = await api.claim(world.caller, request.id);
  const leases = { ...store.leases, markUsed: loses };
  const deps = { ...world.service, store: { ...store, leases }, tenant_id: TENANT, verify: async () => undefined };
  const using = use(deps, { lease_id: lease.id, token, digest: request.digest });
  await expect(using).rejects.toMatchObject({ code: 'already_used' });
  expect(await eventsOf(database, request.id, 'lease.used')).toEqual([]);
  expect(await eventsOf(database, request.id, 'lease.use_refused')).toEqual([{ facts: { code: 'already_used' } }]);
});
