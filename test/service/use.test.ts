// Use and result on real rows: a lease is spent once, a result is told once, and nothing runs after it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { generateSigningKey } from '../../src/credentials/keyring.ts';
import { UNVERIFIED } from '../../src/domain/people/principal.ts';
import { makeSecret } from '../../src/domain/secret.ts';
import { type UseDeps, use } from '../../src/service/agent/use.ts';
import { makePolicy, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy());
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const approved = () => submitApproved(api, world);

test('fifty uses at once spend the lease once (INV-6, INV-10)', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const use = () => api.use({ lease_id: lease.id, token, digest: request.digest });
  const uses = await Promise.allSettled(Array.from({ length: 50 }, use));
  expect(uses.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  const codes = uses.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  expect(new Set(codes)).toEqual(new Set(['already_used']));
  const views = await database.asSuperuser(
    'select (select count(*)::int from placet.executed_without_approval) as a, (select count(*)::int from placet.executed_twice) as b',
  );
  expect(views).toEqual([{ a: 0, b: 0 }]);
});

test('a use with another digest is refused and spends nothing', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const digest = `sha256:${'1'.repeat(64)}`;
  await expect(api.use({ lease_id: lease.id, token, digest })).rejects.toMatchObject({ code: 'digest_mismatch' });
  await expect(api.use({ lease_id: lease.id, token, digest: request.digest })).resolves.toMatchObject({
    state: 'used',
  });
});

test('a credential spends its own lease only, and one that ended spends nothing', async () => {
  const one = await approved();
  const other = await approved();
  const first = await api.claim(world.caller, one.id);
  const second = await api.claim(world.caller, other.id);
  const cross = { lease_id: second.lease.id, token: first.token, digest: other.digest };
  await expect(api.use(cross)).rejects.toMatchObject({ code: 'credential_invalid' });
  const stranger = await generateSigningKey({ master_key: makeSecret(Buffer.alloc(32, 7)), tenant_id: 'default' });
  expect(stranger.kid).not.toBe(decodeProtectedHeader(first.token).kid);
  await database.asSuperuser(
    `alter table placet.leases disable trigger guard_lease_state;
     update placet.leases set issued_at = issued_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where id = '${first.lease.id}';
     alter table placet.leases enable always trigger guard_lease_state`,
  );
  const late = { lease_id: first.lease.id, token: first.token, digest: one.digest };
  await expect(api.use(late)).rejects.toMatchObject({ code: 'lease_expired' });
});

test('a credential is verified for this very lease, not only for its request', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const presented: unknown[] = [];
  const verify: UseDeps['verify'] = async ({ of }) => {
    presented.push(of);
    return UNVERIFIED;
  };
  const askSources = () => Promise.reject(new Error('no user group decides here'));
  const deps = { ...world.service, tenant_id: TENANT, askSources, verify };
  await use(deps, { lease_id: lease.id, token, digest: request.digest });
  expect(presented).toEqual([{ lease_id: lease.id }]);
});

test('a result is told once: the same again is the same, another is refused, a success needs a used lease', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const success = { status: 'succeeded' as const, detail: 'refunded', result_digest: null };
  await expect(api.report({ caller: world.caller }, request.id, success)).rejects.toMatchObject({
    code: 'lease_not_used',
  });
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  const first = await api.report({ token }, request.id, success);
  expect(await api.report({ caller: world.caller }, request.id, success)).toEqual(first);
  const other = { ...success, status: 'failed' as const };
  await expect(api.report({ token }, request.id, other)).rejects.toMatchObject({ code: 'result_already_reported' });
});

test('a result of what was never approved is refused, and leaves nothing', async () => {
  const request = await api.submit(world.caller, makeSubmission());
  const failure = { status: 'failed', detail: null, result_digest: null } as const;
  const telling = () => api.report({ caller: world.caller }, request.id, failure);
  await expect(telling()).rejects.toMatchObject({ code: 'not_approved' });
  await api.cancel(world.caller, request.id);
  await expect(telling()).rejects.toMatchObject({ code: 'not_approved' });
  expect(await eventsOf(database, request.id, 'result.reported')).toEqual([]);
});

test('a result can be told for as long as it may, also when the key of its credential was retired meanwhile', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  // A credential lives 15 minutes at most, and an hour later it may still report.
  await database.asSuperuser(`update placet.signing_keys set retired_at = now() - interval '75 minutes'`);
  const success = { status: 'succeeded' as const, detail: null, result_digest: null };
  await expect(api.report({ token }, request.id, success)).resolves.toMatchObject({ status: 'succeeded' });
  // The next claim has a key of its own, and both are published.
  const next = await approved();
  await api.claim(world.caller, next.id);
  expect((await api.listJwks()).keys).toHaveLength(2);
});

test('an approval that was acted on without its credential may tell its success, and then grants none', async () => {
  const request = await approved();
  const success = { status: 'succeeded' as const, detail: 'done by hand', result_digest: null };
  expect(await api.report({ caller: world.caller }, request.id, success)).toMatchObject({ status: 'succeeded' });
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'result_already_reported' });
});

test('after a result nothing runs any more: neither the claim nor the use goes on', async () => {
  const failure = { status: 'failed' as const, detail: 'given up', result_digest: null };
  const unclaimed = await approved();
  await api.report({ caller: world.caller }, unclaimed.id, failure);
  await expect(api.claim(world.caller, unclaimed.id)).rejects.toMatchObject({ code: 'result_already_reported' });
  const claimed = await approved();
  const { token, lease } = await api.claim(world.caller, claimed.id);
  const races = await Promise.allSettled([
    api.report({ caller: world.caller }, claimed.id, failure),
    api.use({ lease_id: lease.id, token, digest: claimed.digest }),
  ]);
  const codes = races.map((race) => (race.status === 'fulfilled' ? 'done' : race.reason.code));
  expect([
    ['done', 'result_already_reported'],
    ['done', 'done'],
  ]).toContainEqual(codes);
  const late = api.use({ lease_id: lease.id, token, digest: claimed.digest });
  await expect(late).rejects.toMatchObject({ code: expect.stringMatching(/^(already_used|result_already_reported)$/) });
});
