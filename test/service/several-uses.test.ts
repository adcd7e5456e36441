// A grant of several uses: one live lease at a time, each of one use with one result, never more often than its grant says,
// nor after the end of its window. And a claim whose answer was lost, which comes again.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { decide } from '../../src/service/approver/decide.ts';
import {
  apply,
  CREDENTIAL,
  makeClick,
  makePolicy,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
const several = makeRuleFor('batch/*', { credential: { ...CREDENTIAL, uses: 3, window_seconds: 600 } });
const policy = makePolicy([several, makeRuleFor('order/*')]);
const succeeded = { status: 'succeeded', detail: null, result_digest: null } as const;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, policy);
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function approved(): Promise<RequestView> {
  const request = await api.submit(world.caller, makeSubmission({ resource: 'batch/1' }));
  await decide(world.deps, makeClick(request, 'ann'));
  return request;
}
const claimOf = (request: RequestView, idempotency_key: string | null = null) =>
  api.claim(world.caller, request.id, { idempotency_key });
type Claimed = Awaited<ReturnType<typeof claimOf>>;
const useOf = ({ digest }: RequestView, { token, lease }: Claimed) => api.use({ lease_id: lease.id, token, digest });
const grantOf = async ({ id }: RequestView) => (await api.readRequest(world.caller, id)).outcome?.grant;
const twice = async () =>
  (await database.asSuperuser<{ n: number }>('select count(*)::int as n from placet.executed_twice'))[0]?.n;

test('a key that was answered once is never answered with another lease, however late its call comes again', async () => {
  const request = await approved();
  for (const key of ['first', 'second']) await useOf(request, await claimOf(request, key));
  for (const key of ['first', 'second'])
    await expect(claimOf(request, key)).rejects.toMatchObject({ code: 'already_claimed' });
  expect(await leasesOf(database, request.id)).toHaveLength(2);
  await expect(claimOf(request, 'third')).resolves.toMatchObject({ lease: { id: expect.any(String) } });
});

test('an agent tells of the use that it names, whichever was claimed since, and the log knows which it was', async () => {
  const request = await approved();
  const first = await claimOf(request);
  await useOf(request, first);
  const second = await claimOf(request);
  await useOf(request, second);
  const tell = (lease_id: string, status: 'succeeded' | 'failed') =>
    api.report({ caller: world.caller }, request.id, { ...succeeded, status, lease_id });
  const all = await Promise.all([tell(first.lease.id, 'failed'), tell(second.lease.id, 'succeeded')]);
  expect(all.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  await expect(tell(first.lease.id, 'succeeded')).rejects.toMatchObject({ code: 'result_already_reported' });
  const facts = (await eventsOf(database, request.id, 'result.reported')).map((event) => event.facts);
  expect(facts).toEqual(
    expect.arrayContaining([
      { status: 'failed', use: 1 },
      { status: 'succeeded', use: 2 },
    ]),
  );
  const other = await submitApproved(api, world);
  await expect(
    api.report({ caller: world.caller }, other.id, { ...succeeded, lease_id: first.lease.id }),
  ).rejects.toMatchObject({ code: 'not_found' });
  const by_tool = api.report({ token: first.token }, request.id, { ...succeeded, lease_id: second.lease.id });
  await expect(by_tool).rejects.toMatchObject({ code: 'credential_invalid' });
});

test('three uses are three claims, each used once with a result of its own, and there is no fourth (INV-6, INV-10)', async () => {
  const request = await approved();
  const leases: string[] = [];
  for (const use of [1, 2, 3]) {
    const claimed = await claimOf(request, `claim-${use}`);
    leases.push(claimed.lease.id);
    expect(decodeJwt(claimed.token)).toMatchObject({ jti: claimed.lease.id, max_uses: 1 });
    await useOf(request, claimed);
    await expect(useOf(request, claimed)).rejects.toMatchObject({ code: 'already_used' });
    await api.report({ token: claimed.token }, request.id, { ...succeeded, detail: `run ${use}` });
    expect(await grantOf(request)).toMatchObject({ uses_max: 3, redemptions: use, uses: use });
  }
  expect(new Set(leases).size).toBe(3);
  await expect(claimOf(request, 'claim-4')).rejects.toMatchObject({ code: 'already_claimed' });
  const results = await database.asSuperuser(
    'select use, detail from placet.results where request_id = $1 order by use',
    [request.id],
  );
  expect(results).toEqual([1, 2, 3].map((use) => ({ use, detail: `run ${use}` })));
  expect(await twice()).toBe(0);
});

test('while a credential of the grant is live there is no second one; when its time is over, the next use may be claimed', async () => {
  const request = await approved();
  const first = await claimOf(request, 'one');
  await expect(claimOf(request, 'two')).rejects.toMatchObject({ code: 'already_claimed' });
  await expect(claimOf(request)).rejects.toMatchObject({ code: 'already_claimed' });
  const back = "issued_at = issued_at - interval '1 hour', expires_at = expires_at - interval '1 hour'";
  await database.asSuperuser(`update placet.leases set ${back} where id = $1`, [first.lease.id]);
  const second = await claimOf(request, 'two');
  expect(await leasesOf(database, request.id)).toEqual(
    expect.arrayContaining([{ state: 'expired' }, { state: 'active' }]),
  );
  expect(await eventsOf(database, request.id, 'lease.expired')).toHaveLength(1);
  await useOf(request, second);
  // The first was a redemption, though nobody used it: it counts as one.
  expect(await grantOf(request)).toMatchObject({ redemptions: 2, uses: 1 });
});

test('200 claims and uses at once never leave more than one live lease, nor more uses than the grant allows (INV-6, INV-10)', async () => {
  const request = await approved();
  const run = async (place: number) => useOf(request, await claimOf(request, `race-${place}`));
  const runs = await Promise.allSettled(Array.from({ length: 200 }, (_, place) => run(place)));
  const done = runs.filter(({ status }) => status === 'fulfilled').length;
  const left = 3 - done;
  for (let more = 0; more < left; more += 1) await run(1_000 + more);
  await expect(run(2_000)).rejects.toMatchObject({ code: 'already_claimed' });
  expect(await leasesOf(database, request.id)).toEqual(Array.from({ length: 3 }, () => ({ state: 'used' })));
  expect(await grantOf(request)).toMatchObject({ redemptions: 3, uses: 3 });
  expect(await twice()).toBe(0);
});

test('the end of the window is the end of all that was opened in it, and nothing is claimed after it (INV-5)', async () => {
  const request = await approved();
  const soon = `date_trunc('second', now()) + interval '40 s'`;
  await database.asSuperuser(
    `update placet.grants set claim_expires_at = ${soon}, ends_at = ${soon} where request_id = $1`,
    [request.id],
  );
  const { ends_at } = (await grantOf(request)) ?? {};
  const { token, lease } = await claimOf(request);
  expect(lease.expires_at).toEqual(ends_at);
  expect(decodeJwt(token).exp).toBe((ends_at?.getTime() ?? 0) / 1_000);
  const over = `update placet.grants set claim_expires_at = now(), ends_at = now() where request_id = $1`;
  const other = await approved();
  await database.asSuperuser(over, [other.id]);
  await expect(claimOf(other)).rejects.toMatchObject({ code: 'claim_expired' });
});

test('what was settled with the request stays: a policy with fewer uses takes none back, one with more gives none', async () => {
  const request = await approved();
  await apply(world.service, makePolicy([makeRuleFor('batch/*'), makeRuleFor('order/*')]));
  expect(await grantOf(request)).toMatchObject({ uses_max: 3 });
  await useOf(request, await claimOf(request, 'one'));
  await expect(claimOf(request, 'two')).resolves.toMatchObject({ lease: { id: expect.any(String) } });
  const single = await approved();
  await apply(world.service, policy);
  await useOf(single, await claimOf(single, 'one'));
  await expect(claimOf(single, 'two')).rejects.toMatchObject({ code: 'already_claimed' });
});

test('a use is judged again like a claim: a rule that denies by now ends what is left of it', async () => {
  const request = await approved();
  await useOf(request, await claimOf(request, 'one'));
  const never = makeRuleFor('batch/*', { name: 'never', effect: 'deny', approvers: [], credential: null });
  await apply(world.service, makePolicy([never, several]));
  await expect(claimOf(request, 'two')).rejects.toMatchObject({ code: 'denied_by_policy' });
  await apply(world.service, policy);
});

test('what is begun without a credential is one run, however many uses its rule grants (INV-10)', async () => {
  const request = await approved();
  const { id, digest } = request;
  await api.start(world.caller, { id, digest, idempotency_key: 'run' });
  await expect(claimOf(request)).rejects.toMatchObject({ code: 'already_started' });
  const claimed = await approved();
  await useOf(claimed, await claimOf(claimed, 'one'));
  const starting = api.start(world.caller, { id: claimed.id, digest, idempotency_key: 'run' });
  await expect(starting).rejects.toMatchObject({ code: 'already_claimed' });
});

describe('a claim whose answer was lost', () => {
  test('has the same lease again under its key: id, times and claims, signed anew; each time is an event, none a redemption', async () => {
    const request = await submitApproved(api, world);
    const first = await claimOf(request, 'lost');
    const again = await claimOf(request, 'lost');
    expect(again.lease).toEqual(first.lease);
    expect(decodeJwt(again.token)).toEqual(decodeJwt(first.token));
    expect(await leasesOf(database, request.id)).toHaveLength(1);
    expect(await grantOf(request)).toMatchObject({ redemptions: 1 });
    expect(await eventsOf(database, request.id, 'credential.repeated')).toHaveLength(1);
    await expect(useOf(request, again)).resolves.toMatchObject({ state: 'used' });
    await expect(useOf(request, first)).rejects.toMatchObject({ code: 'already_used' });
  });

  test.each<[string, (request: RequestView, claimed: Claimed) => Promise<unknown>, string]>([
    ['once it is used', useOf, 'already_claimed'],
    [
      'after a minute',
      (request) =>
        database.asSuperuser(
          `alter table placet.leases disable trigger guard_lease_state;
           update placet.leases set issued_at = issued_at - interval '1 minute' where request_id = '${request.id}';
           alter table placet.leases enable always trigger guard_lease_state`,
        ),
      'already_claimed',
    ],
    [
      'once it is revoked',
      ({ id: request_id }) => api.revokeLease({ tenant_id: TENANT, of: { request_id }, by: world.caller }),
      'approval_revoked',
    ],
    [
      'after its result',
      ({ id }) => api.report({ caller: world.caller }, id, { ...succeeded, status: 'failed' }),
      'result_already_reported',
    ],
  ])('has nothing more %s', async (_title, happens, code) => {
    const request = await submitApproved(api, world);
    const claimed = await claimOf(request, 'lost');
    await happens(request, claimed);
    await expect(claimOf(request, 'lost')).rejects.toMatchObject({ code });
    expect(await leasesOf(database, request.id)).toHaveLength(1);
  });

  test('has nothing under another key or without one, and fifty of them at once have one lease', async () => {
    const request = await submitApproved(api, world);
    const all = await Promise.all(Array.from({ length: 50 }, () => claimOf(request, 'lost')));
    expect(new Set(all.map(({ lease }) => lease.id)).size).toBe(1);
    for (const key of ['other', null])
      await expect(claimOf(request, key)).rejects.toMatchObject({ code: 'already_claimed' });
  });
});
