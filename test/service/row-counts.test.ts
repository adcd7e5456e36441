// The row count of a conditional update decides, not what was read before it: whoever changed the row first, nothing
// happens twice and nothing half (INV-4, INV-6). The lock makes this rare, so the losing update is played here.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as requests from '../../src/db/requests.ts';
import { UNVERIFIED } from '../../src/domain/people/principal.ts';
import { claim } from '../../src/service/agent/claim.ts';
import { use } from '../../src/service/agent/use.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeSubmission, type World } from '../support/builders.ts';
import { TENANT, type TestDatabase } from '../support/database.ts';
import { interposed, loses } from '../support/interposed.ts';
import { eventsOf, leasesOf, stateOf } from '../support/rows.ts';
import { underLock } from '../support/under-lock.ts';
import { openTestApi, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database, world, api, close } = await openTestApi());
});
afterAll(() => close());

test('a decision whose request was closed by another leaves nothing behind', async () => {
  const request = await api.submit(world.caller, makeSubmission());
  const deps = { ...world.deps, transact: interposed(database.transact, /set state = \$2, closed_at/, loses) };
  await expect(decide(deps, makeClick(request, 'ann'))).rejects.toMatchObject({ code: 'not_pending' });
  expect(await stateOf(database, request.id)).toBe('pending');
  expect(await eventsOf(database, request.id, 'decision.recorded')).toEqual([]);
});

test('closing what is over changes no row', async () => {
  const { id } = await submitApproved(api, world);
  expect(await underLock(database, id, (tx) => requests.closeRequest(tx, id, 'denied'))).toBe(false);
  expect(await stateOf(database, id)).toBe('approved');
});

test('a claim whose grant was redeemed by another is refused, audited, and makes no lease', async () => {
  // The first claim makes the key.
  await api.claim(world.caller, (await submitApproved(api, world)).id);
  const request = await submitApproved(api, world);
  const sign = () => Promise.reject(new Error('nothing is to be signed'));
  const signers = { opened: (kid: string) => ({ kid, sign }), open: async () => undefined };
  const transact = interposed(database.transact, /set redeemed_at/, loses);
  const askSources = () => Promise.reject(new Error('no user group decides here'));
  const judgeProof = () => Promise.reject(new Error('no proof came'));
  const deps = { ...world.service, transact, signers, askSources, judgeProof };
  await expect(claim(deps, world.caller, request.id)).rejects.toMatchObject({ code: 'already_claimed' });
  expect(await leasesOf(database, request.id)).toEqual([]);
  expect(await eventsOf(database, request.id, 'grant.claim_refused')).toEqual([{ facts: { code: 'already_claimed' } }]);
});

test('a use whose lease was spent by another is refused and audited', async () => {
  const request = await submitApproved(api, world);
  const { token, lease } = await api.claim(world.caller, request.id);
  const transact = interposed(database.transact, /set state = 'used'/, loses);
  const askSources = () => Promise.reject(new Error('no user group decides here'));
  const deps = { ...world.service, transact, tenant_id: TENANT, askSources, verify: async () => UNVERIFIED };
  const using = use(deps, { lease_id: lease.id, token, digest: request.digest });
  await expect(using).rejects.toMatchObject({ code: 'already_used' });
  expect(await eventsOf(database, request.id, 'lease.used')).toEqual([]);
  expect(await eventsOf(database, request.id, 'lease.use_refused')).toEqual([{ facts: { code: 'already_used' } }]);
});
