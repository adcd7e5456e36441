// Start on real rows: an approval that is acted on without a credential begins once, and never beside a claim.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as contentViews from '../../src/db/content-views.ts';
import { readCard } from '../../src/service/approver/approver.ts';
import {
  makeAgent,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  setActive,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { eventsOf, leasesOf } from '../support/rows.ts';
import { createTestUseCases, submitApproved, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  const { match } = makeRule();
  const free = makeRuleFor('free/*', { effect: 'allow', approvers: [] });
  world = await makeWorld(database, makePolicy([free, makeRule({ match: { ...match, resource: 'order/*' } })]));
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const approved = () => submitApproved(api, world);
const digestOf = async (id: string) => (await api.readRequest(world.caller, id)).digest;
const start = async (id: string, key: string = randomUUID()) =>
  api.start(world.caller, { id, idempotency_key: key, digest: await digestOf(id) });
const grantOf = async (id: string) =>
  (
    await database.asSuperuser<{ is_redeemed: boolean }>(
      'select redeemed_at is not null as is_redeemed from placet.grants where request_id = $1',
      [id],
    )
  )[0];
const refused = (code: string) => expect.objectContaining({ code });
const succeeded = { status: 'succeeded', detail: null, result_digest: null } as const;

test('fifty starts at once begin it once, and a repeat of that one is answered as it was (INV-10)', async () => {
  const { id } = await approved();
  const keys = Array.from({ length: 50 }, () => randomUUID());
  const starts = await Promise.allSettled(keys.map((key) => start(id, key)));
  const begun = starts.flatMap((one, at) =>
    one.status === 'fulfilled' ? [{ key: keys[at] ?? '', ...one.value }] : [],
  );
  expect(begun).toHaveLength(1);
  const codes = starts.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
  expect(new Set(codes)).toEqual(new Set(['already_started']));
  const { key, started_at } = begun[0] ?? { key: '', started_at: null };
  expect(await start(id, key)).toEqual({ started_at });
  expect((await api.readRequest(world.caller, id)).outcome).toMatchObject({ execution: { started_at }, lease: null });
  expect(await eventsOf(database, id, 'execution.started')).toHaveLength(1);
  expect(await eventsOf(database, id, 'execution.start_refused')).toHaveLength(49);
});

test('200 starts and claims at once redeem the one grant once: one of them has it (INV-6, INV-10)', async () => {
  for (let round = 0; round < 4; round += 1) {
    const { id, digest } = await approved();
    const all = await Promise.allSettled(
      Array.from({ length: 200 }, (_, at) =>
        (at + round) % 2 === 0
          ? api.claim(world.caller, id)
          : api.start(world.caller, { id, idempotency_key: randomUUID(), digest }),
      ),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    const { outcome } = await api.readRequest(world.caller, id);
    const begun = [outcome?.lease, outcome?.execution].map((one) => one !== null);
    expect(begun.filter(Boolean)).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([begun[0] ? 'already_claimed' : 'already_started']));
    expect(await grantOf(id)).toEqual({ is_redeemed: true });
  }
  expect(await database.transact(TENANT, (tx) => contentViews.countViolations(tx))).toEqual({
    executed_without_approval: 0,
    executed_twice: 0,
  });
});

test('a start for another digest begins nothing and burns nothing, also as a repeat of one that began', async () => {
  const { id, digest } = await approved();
  const other = digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const startFor = (one: string) => api.start(world.caller, { id, idempotency_key: 'run', digest: one });
  await expect(startFor(other)).rejects.toEqual(refused('digest_mismatch'));
  expect(await grantOf(id)).toEqual({ is_redeemed: false });
  expect(await eventsOf(database, id, 'execution.start_refused')).toHaveLength(1);
  const begun = await startFor(digest);
  await expect(startFor(other)).rejects.toEqual(refused('digest_mismatch'));
  expect(await startFor(digest)).toEqual(begun);
});

test('a repeat of a start is judged as the first one was, and has an end', async () => {
  const lost = await approved();
  const begun = await start(lost.id, 'run');
  await setActive(world, database, { address: 'ann@example.com', is_active: false });
  await expect(start(lost.id, 'run')).rejects.toEqual(refused('quorum_lost'));
  await setActive(world, database, { address: 'ann@example.com', is_active: true });
  expect(await start(lost.id, 'run')).toEqual(begun);
  await api.report({ caller: world.caller }, lost.id, succeeded);
  await expect(start(lost.id, 'run')).rejects.toEqual(refused('result_already_reported'));
  expect(await eventsOf(database, lost.id, 'execution.started')).toHaveLength(1);
});

test('an approval of the policy alone is begun, too; its result is told after', async () => {
  const { id } = await api.submit(world.caller, makeSubmission({ resource: 'free/1' }));
  await start(id);
  expect(await api.report({ caller: world.caller }, id, succeeded)).toMatchObject({ status: 'succeeded' });
});

describe('is refused, and begins nothing,', () => {
  const begun = async (id: string) => (await readCard(world.service, TENANT, id)).execution?.started_at ?? null;

  test('while people decide', async () => {
    const { id } = await api.submit(world.caller, makeSubmission());
    await expect(start(id)).rejects.toEqual(refused('not_approved'));
    expect(await begun(id)).toBeNull();
  });

  test('for what the policy denies', async () => {
    const { id } = await api.submit(world.caller, makeSubmission({ resource: 'nothing/1' }));
    await expect(start(id)).rejects.toEqual(refused('not_approved'));
  });

  test('after a claim, and a claim after it', async () => {
    const [claimed, other] = [await approved(), await approved()];
    await api.claim(world.caller, claimed.id);
    await expect(start(claimed.id)).rejects.toEqual(refused('already_claimed'));
    await start(other.id);
    await expect(api.claim(world.caller, other.id)).rejects.toEqual(refused('already_started'));
    expect([await begun(claimed.id), await leasesOf(database, other.id)]).toEqual([null, []]);
  });

  test('by another agent, which learns nothing', async () => {
    const { id } = await approved();
    const stranger = await makeAgent(world.service, 'olga@example.com');
    await expect(api.start(stranger, { id, idempotency_key: 'one', digest: await digestOf(id) })).rejects.toEqual(
      refused('not_found'),
    );
    expect(await begun(id)).toBeNull();
  });

  test('five minutes after the approval', async () => {
    const { id } = await approved();
    await database.asSuperuser(
      `update placet.grants set claim_expires_at = claim_expires_at - interval '5 minutes' where request_id = $1`,
      [id],
    );
    await expect(start(id)).rejects.toEqual(refused('claim_expired'));
    expect(await begun(id)).toBeNull();
  });

  test('when who approved it has left since (INV-1)', async () => {
    const { id } = await approved();
    await setActive(world, database, { address: 'ann@example.com', is_active: false });
    await expect(start(id)).rejects.toEqual(refused('quorum_lost'));
    await setActive(world, database, { address: 'ann@example.com', is_active: true });
    expect(await begun(id)).toBeNull();
  });
});

test('the database itself refuses one beside a lease, a lease beside one, one without its grant and one that nobody approved (INV-10)', async () => {
  const [claimed, started, unredeemed] = [await approved(), await approved(), await approved()];
  const pending = await api.submit(world.caller, makeSubmission());
  const { lease } = await api.claim(world.caller, claimed.id);
  await start(started.id);
  const insert = (id: string, digest = 'digest') =>
    database.asSuperuser(
      `insert into placet.executions (tenant_id, request_id, idempotency_key, digest, started_at)
       select tenant_id, id, 'k', ${digest}, now() from placet.approval_requests where id = $1`,
      [id],
    );
  await expect(insert(claimed.id)).rejects.toThrow('is claimed');
  await expect(insert(pending.id)).rejects.toThrow('is not approved');
  await expect(insert(started.id)).rejects.toThrow('duplicate key');
  await expect(insert(unredeemed.id)).rejects.toThrow('is not redeemed');
  await expect(insert(unredeemed.id, `'sha256:other'`)).rejects.toThrow('is for another digest');
  const copied = `insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at)
    select l.tenant_id, replace(l.id, 'lse_0', 'lse_z'), g.id, g.request_id, l.digest, l.kid, 'active', l.issued_at, l.expires_at
    from placet.leases l, placet.grants g where l.id = $1 and g.request_id = $2`;
  await expect(database.asSuperuser(copied, [lease.id, started.id])).rejects.toThrow('begun without a credential');
});

describe('a request knows in how many others its agent asks for the same now', () => {
  const sameOf = async (id: string) => (await readCard(world.service, TENANT, id)).same_pending;

  test('equal actions under other keys count, each of the others; nothing else does', async () => {
    const agent = await makeAgent(world.service);
    const ask = (changes = {}) => api.submit(agent, makeSubmission({ resource: 'order/S-1', ...changes }));
    const first = await ask();
    expect(await sameOf(first.id)).toBe(0);
    const [second, third] = [await ask(), await ask({ justification: 'another reason' })];
    await ask({ parameters: { amount: 121, currency: 'EUR' } });
    await ask({ resource: 'order/S-2' });
    await api.submit(await makeAgent(world.service), makeSubmission({ resource: 'order/S-1' }));
    expect(await Promise.all([first, second, third].map(({ id }) => sameOf(id)))).toEqual([2, 2, 2]);
    await api.cancel(agent, second.id);
    expect(await Promise.all([first, second, third].map(({ id }) => sameOf(id)))).toEqual([1, 0, 1]);
    await database.asSuperuser(
      `update placet.approval_requests set expires_at = now() - interval '1 second' where id = $1`,
      [third.id],
    );
    expect(await sameOf(first.id)).toBe(0);
  });

  test('the same key is the same request, and counts for none', async () => {
    const submission = makeSubmission({ resource: 'order/S-9' });
    const agent = await makeAgent(world.service);
    const repeats = await Promise.all(Array.from({ length: 5 }, () => api.submit(agent, submission)));
    expect(new Set(repeats.map(({ id }) => id)).size).toBe(1);
    expect(await sameOf(repeats[0]?.id ?? '')).toBe(0);
  });

  test('past a hundred nobody counts', async () => {
    const agent = await makeAgent(world.service);
    const asks = Array.from({ length: 103 }, () => api.submit(agent, makeSubmission({ resource: 'order/S-3' })));
    const [first] = await Promise.all(asks);
    expect(await sameOf(first?.id ?? '')).toBe(100);
  });
});
