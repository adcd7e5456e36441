// Claim, use and result on real rows: once each, whoever races, whatever changed meanwhile.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateSigningKey } from '../../src/credentials/keyring.ts';
import { makeSecret } from '../../src/credentials/secret.ts';
import type { PolicyDocument } from '../../src/domain/policy.ts';
import { decide } from '../../src/service/decide.ts';
import {
  apply,
  makeAgent,
  makeClick,
  makePolicy,
  makeRule,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let policy: PolicyDocument;
let api: ReturnType<typeof createTestUseCases>;
beforeAll(async () => {
  database = await createTestDatabase();
  const free = makeRule({
    name: 'free',
    match: { ...makeRule().match, resource: 'order/free-*' },
    effect: 'allow',
    approvers: [],
  });
  const bare = makeRule({
    name: 'bare',
    match: { ...makeRule().match, resource: 'order/bare-*' },
    quorum: 2,
    credential: null,
  });
  policy = makePolicy([free, bare, makeRule({ match: { ...makeRule().match, resource: 'order/A*' } })]);
  world = await makeWorld(database, policy);
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function approved() {
  const request = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(request, 'ann'));
  return request;
}
const leasesOf = (id: string) =>
  database.asSuperuser<{ state: string }>('select state from placet.leases where request_id = $1', [id]);
const jwtOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('200 claims at once give one credential and one lease (INV-6)', async () => {
  const request = await approved();
  const claims = await Promise.allSettled(Array.from({ length: 200 }, () => api.claim(world.caller, request.id)));
  expect(claims.filter((claim) => claim.status === 'fulfilled')).toHaveLength(1);
  const codes = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason.code] : []));
  expect(new Set(codes)).toEqual(new Set(['already_claimed']));
  expect(await leasesOf(request.id)).toHaveLength(1);
});

test('the credential names exactly what was approved, for the lease, within the grant (INV-5)', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const claims = jwtOf(token);
  expect(claims).toMatchObject({
    aud: 'https://orders.example',
    scope: 'orders:refund',
    jti: lease.id,
    txn: request.id,
    sub: world.caller.agent_id,
    max_uses: 1,
    authorization_details: [{ actions: ['orders.refund'], identifier: 'order/A-1001', digest: request.digest }],
  });
  expect(claims.exp - claims.iat).toBe(300);
  expect(claims.exp * 1_000).toBe(lease.expires_at.getTime());
});

test('another agent cannot claim, and its try does not burn the grant', async () => {
  const request = await approved();
  const other = await makeAgent(world.records);
  await expect(api.claim(other, request.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(api.claim(world.caller, request.id)).resolves.toMatchObject({ lease: { id: expect.any(String) } });
});

test.each([
  ['a pending request', async () => api.submit(world.caller, makeSubmission()), 'not_approved'],
  [
    'a denied request',
    async () => {
      const request = await api.submit(world.caller, makeSubmission());
      await decide(world.deps, makeClick(request, 'ann', { decision: 'deny', reason: 'Not now.' }));
      return request;
    },
    'not_approved',
  ],
  [
    'a cancelled request',
    async () => {
      const request = await api.submit(world.caller, makeSubmission());
      return api.cancel(world.caller, request.id);
    },
    'not_approved',
  ],
])('%s gives no credential', async (_title, make, code) => {
  const request = await make();
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code });
  expect(await leasesOf(request.id)).toEqual([]);
});

test('a rule without a credential grants none', async () => {
  const request = await api.submit(world.caller, makeSubmission({ resource: 'order/bare-1' }));
  for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(request, name));
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'no_credential' });
});

test('an approver who left the group before the claim takes the quorum along (INV-1)', async () => {
  const request = await approved();
  const { payments, dba } = policy.approver_groups;
  if (payments === undefined || dba === undefined) throw new Error('the policy has no groups');
  const smaller = { ...payments, members: ['ben@example.com', 'cat@example.com'] };
  await apply(world.records, { ...policy, approver_groups: { dba, payments: smaller } });
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'quorum_lost' });
  expect(await leasesOf(request.id)).toEqual([]);
  await apply(world.records, policy);
});

test('a claim after its window is refused, and the refusal is audited', async () => {
  const request = await approved();
  await database.asSuperuser(
    `update placet.grants set claim_expires_at = now() - interval '1 second' where request_id = $1`,
    [request.id],
  );
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'claim_expired' });
  const events = await database.asSuperuser(
    `select facts from placet.audit_events where request_id = $1 and type = 'grant.claim_refused'`,
    [request.id],
  );
  expect(events).toMatchObject([{ facts: { code: 'claim_expired' } }]);
});

test('an allowed action has its credential without a workflow, and also only once', async () => {
  const request = await api.submit(world.caller, makeSubmission({ resource: 'order/free-1' }));
  expect(request.state).toBe('approved');
  await expect(api.claim(world.caller, request.id)).resolves.toMatchObject({ lease: { id: expect.any(String) } });
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'already_claimed' });
  const queued = await database.asSuperuser('select kind from placet.outbox where request_id = $1', [request.id]);
  expect(queued).toEqual([]);
});

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
  expect(stranger.kid).not.toBe(JSON.parse(Buffer.from(first.token.split('.')[0] ?? '', 'base64url').toString()).kid);
  await database.asSuperuser(
    `alter table placet.leases disable trigger guard_lease_state;
     update placet.leases set issued_at = issued_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where id = '${first.lease.id}';
     alter table placet.leases enable always trigger guard_lease_state`,
  );
  const late = { lease_id: first.lease.id, token: first.token, digest: one.digest };
  await expect(api.use(late)).rejects.toMatchObject({ code: 'lease_expired' });
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

test('neither the credential nor the agent key stands anywhere in the database (INV-8)', async () => {
  const request = await approved();
  const { token } = await api.claim(world.caller, request.id);
  const tables = await database.asSuperuser<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'placet'::regnamespace and relkind = 'r'`,
  );
  expect(tables.length).toBeGreaterThan(15);
  const signature = token.split('.')[2] ?? '';
  expect(signature.length).toBeGreaterThan(80);
  for (const { name } of tables) {
    const found = await database.asSuperuser(
      `select 1 from placet.${name} t where to_jsonb(t)::text like '%' || $1 || '%'`,
      [signature],
    );
    expect(found).toEqual([]);
  }
});
