// Claim, use and result on real rows: once each, whoever races, whatever changed meanwhile.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { PolicyDocument } from '../../src/domain/policy/policy.ts';
import { claim } from '../../src/service/agent/claim.ts';
import { decide } from '../../src/service/approver/decide.ts';
import {
  apply,
  makeAgent,
  makeClick,
  makePolicy,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { leasesOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let policy: PolicyDocument;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  const free = makeRuleFor('order/free-*', { effect: 'allow', approvers: [] });
  const bare = makeRuleFor('order/bare-*', { quorum: 2, credential: null });
  policy = makePolicy([free, bare, makeRuleFor('order/A*')]);
  world = await makeWorld(database, policy);
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const approved = () => submitApproved(api, world);

test('the first claims of a tenant make one signing key between them, and one audit event (INV-7)', async () => {
  const requests = await Promise.all(Array.from({ length: 8 }, () => approved()));
  await Promise.all(requests.map(({ id }) => api.claim(world.caller, id)));
  const sql = `select (select count(*)::int from placet.signing_keys) as keys,
    (select count(*)::int from placet.audit_events where type = 'signing_key.created') as events`;
  expect(await database.asSuperuser(sql)).toEqual([{ keys: 1, events: 1 }]);
});

test('200 claims at once give one credential and one lease (INV-6)', async () => {
  const request = await approved();
  const claims = await Promise.allSettled(Array.from({ length: 200 }, () => api.claim(world.caller, request.id)));
  expect(claims.filter((claim) => claim.status === 'fulfilled')).toHaveLength(1);
  const codes = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason.code] : []));
  expect(new Set(codes)).toEqual(new Set(['already_claimed']));
  expect(await leasesOf(database, request.id)).toHaveLength(1);
});

test('the credential names exactly what was approved, for the lease, within the grant (INV-5)', async () => {
  const request = await approved();
  const { token, lease } = await api.claim(world.caller, request.id);
  const claims = decodeJwt<{ exp: number; iat: number }>(token);
  expect(claims).toMatchObject({
    aud: 'https://orders.example',
    scope: 'orders:refund',
    jti: lease.id,
    txn: request.id,
    sub: world.caller.id,
    max_uses: 1,
    authorization_details: [{ actions: ['orders.refund'], identifier: 'order/A-1001', digest: request.digest }],
  });
  expect(claims.exp - claims.iat).toBe(300);
  expect(claims.exp * 1_000).toBe(lease.expires_at.getTime());
});

test('another agent cannot claim, and its try does not burn the grant', async () => {
  const request = await approved();
  const other = await makeAgent(world.service);
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
  expect(await leasesOf(database, request.id)).toEqual([]);
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
  await apply(world.service, { ...policy, approver_groups: { dba, payments: smaller } });
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'quorum_lost' });
  expect(await leasesOf(database, request.id)).toEqual([]);
  await apply(world.service, policy);
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

test('a process that dies between the commit and the signature has spent the claim: no second credential is ever signed', async () => {
  const request = await submitApproved(api, world);
  const signed: string[] = [];
  const sign = async ({ lease_id }: { readonly lease_id: string }) => {
    signed.push(lease_id);
    // By then the lease stands for everyone, and no lock is held: another transaction takes it at once.
    const [lease] = await database.asSuperuser<{ state: string }>(
      'select l.state from placet.leases l join placet.approval_requests r on r.id = l.request_id where l.id = $1 for update nowait',
      [lease_id],
    );
    expect(lease).toEqual({ state: 'active' });
    throw new Error('the process died here');
  };
  const signers = { opened: (kid: string) => ({ kid, sign }), open: async () => undefined };
  const askSources = () => Promise.reject(new Error('no user group decides here'));
  const judgeProof = () => Promise.reject(new Error('no proof came'));
  const dying = claim({ ...world.service, signers, askSources, judgeProof }, world.caller, request.id);
  await expect(dying).rejects.toThrow('the process died here');
  await expect(api.claim(world.caller, request.id)).rejects.toMatchObject({ code: 'already_claimed' });
  expect(signed).toHaveLength(1);
  expect(await leasesOf(database, request.id)).toEqual([{ state: 'active' }]);
});
