// What was forgotten is found from the record alone, and nothing else is touched.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as sweepQueries from '../../src/db/sweep-queries.ts';
import { type SweepCursor, type SweepDeps, sweep } from '../../src/delivery/sweep.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import { newId } from '../../src/process/wiring.ts';
import type { RequestView } from '../../src/service/agent/request-view.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { advance } from '../../src/service/clock/advance.ts';
import { deliverCards } from '../../src/slack/send/cards.ts';
import { deliverOutcome } from '../../src/slack/send/outcome.ts';
import { type Deliver, deliverNow } from '../../src/slack/send/snapshot.ts';
import {
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { createFakeMessenger, UNDELIVERABLE } from '../support/fake-messenger.ts';
import { inputOf } from '../support/temporal.ts';
import { createTestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: ApiDeps & { close: () => Promise<void> };
beforeAll(async () => {
  database = await createTestDatabase();
  const free = makeRuleFor('free/*', { effect: 'allow', approvers: [] });
  const big = makeRuleFor('big/*', { quorum: 2 });
  world = await makeWorld(database, makePolicy([makeRule(), free, big]));
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
// Each test starts from an outbox that was told, and from no request that is still open.
beforeEach(async () => {
  await database.asSuperuser(
    "update placet.approval_requests set state = 'cancelled', closed_at = now() - interval '2 days' where state = 'pending'",
  );
  await clearOutbox();
});

const clearOutbox = () => database.asSuperuser('delete from placet.outbox');
const ask = async (changes = {}): Promise<RequestView> => {
  const request = await submit(world.deps, world.caller, makeSubmission(changes));
  await clearOutbox();
  return request;
};
const approve = async (request: RequestView, name = 'ann') => {
  expect((await decide(world.deps, makeClick(request, name))).kind).toBe('counted');
  await clearOutbox();
};
const say = async (request: RequestView, ...says: Deliver[]) => {
  const deps = {
    transact: database.transact,
    newId,
    messenger: createFakeMessenger(),
    undeliverable: UNDELIVERABLE,
    onRefused: () => undefined,
  };
  for (const each of says) await deliverNow(each)(deps, inputOf(request.id));
};
/** Moves a moment of the request, and of what was said of it, into the past. */
const ago = (request: RequestView, column: string, seconds: number) =>
  database.asSuperuser(
    `update placet.approval_requests set ${column} = now() - make_interval(secs => $2) where id = $1`,
    [request.id, seconds],
  );
const looking: SweepDeps['advance'] = (input) =>
  advance({ transact: database.transact, newId, undeliverable: UNDELIVERABLE }, input);
const pass = async (cursor: SweepCursor = { after: null }, lookAt = looking) =>
  sweep({ ...world.service, tenant_id: TENANT, advance: lookAt }, cursor);
const outbox = async (request: RequestView) =>
  (
    await database.asSuperuser<{ kind: string }>('select kind from placet.outbox where request_id = $1', [request.id])
  ).map(({ kind }) => kind);

describe('late', () => {
  test('a pending request past its expiry is nudged, and only once until that was told', async () => {
    const request = await ask();
    await ago(request, 'expires_at', 31);
    await pass();
    await pass();
    expect(await outbox(request)).toEqual(['nudge']);
  });

  test('a lease past its end is nudged, also of a request that no person was asked for', async () => {
    const request = await ask({ resource: 'free/1' });
    await api.claim(world.caller, request.id);
    await database.asSuperuser(
      "update placet.leases set issued_at = now() - interval '90 s', expires_at = now() - interval '31 s' where request_id = $1",
      [request.id],
    );
    await pass();
    expect(await outbox(request)).toEqual(['nudge']);
  });

  test('an outcome that nobody was told and a card behind its record are nudged at first, later only their run is made sure of', async () => {
    const undelivered = await ask();
    await say(undelivered, deliverCards);
    await approve(undelivered);
    const delivered = await ask();
    await say(delivered, deliverCards);
    await approve(delivered);
    await say(delivered, deliverCards, deliverOutcome);
    for (const request of [undelivered, delivered]) await ago(request, 'closed_at', 31);
    await database.asSuperuser(
      "update placet.grants set claim_expires_at = now() + interval '1 h', redeemed_at = now(), redemptions = 1 where redeemed_at is null",
    );
    await pass();
    expect([await outbox(undelivered), await outbox(delivered)]).toEqual([['nudge'], []]);
    await clearOutbox();
    await ago(undelivered, 'closed_at', 301);
    await pass();
    expect(await outbox(undelivered)).toEqual(['start']);
    await clearOutbox();
    await ago(undelivered, 'closed_at', 25 * 3_600);
    await pass();
    expect(await outbox(undelivered)).toEqual([]);
  });

  test('a first approval that the card does not show is nudged', async () => {
    const request = await ask({ resource: 'big/1' });
    await say(request, deliverCards);
    await approve(request);
    await pass();
    expect(await outbox(request)).toEqual(['start']);
    await clearOutbox();
    // Decisions are never changed, so the clock of the sweep is moved instead.
    await database.transact('default', async (tx) => {
      const now = tx.now.getTime();
      await sweepQueries.enqueueLate(tx, {
        before: new Date(now + 60_000),
        fresh: new Date(now - 300_000),
        since: new Date(now - 86_400_000),
        limit: 10,
      });
    });
    expect(await outbox(request)).toEqual(['nudge']);
  });
});

describe('overdue', () => {
  test('a request past its expiry ends without Temporal, once, and the agent that waits for it hears (INV-4)', async () => {
    const request = await ask();
    const waiting = api.awaitDecision(world.caller, {
      id: request.id,
      wait_seconds: 30,
      signal: AbortSignal.timeout(30_000),
    });
    await ago(request, 'expires_at', 31);
    await pass();
    await pass();
    expect((await waiting).state).toBe('expired');
    const sql = "select outcome from placet.audit_events where request_id = $1 and type = 'approval_request.expired'";
    expect(await database.asSuperuser(sql, [request.id])).toEqual([{ outcome: 'success' }]);
  });

  test('one that cannot be ended keeps no other, and the fault is told', async () => {
    const [bad, good] = [await ask(), await ask()];
    for (const request of [bad, good]) await ago(request, 'expires_at', 31);
    const failing: SweepDeps['advance'] = (input) =>
      input.request_id === bad.id ? Promise.reject(new Error('broken row')) : looking(input);
    await expect(pass({ after: null }, failing)).rejects.toThrow('broken row');
    const states = await Promise.all([bad, good].map(({ id }) => api.readRequest(world.caller, id)));
    expect(states.map(({ state }) => state)).toEqual(['pending', 'expired']);
  });
});

describe('open', () => {
  test('whatever a run still waits for is made sure of one, and nothing else', async () => {
    const failure = { status: 'failed', detail: null, result_digest: null } as const;
    const report = (request: RequestView) => api.report({ caller: world.caller }, request.id, failure);
    const approved = async () => {
      const request = await ask();
      await approve(request);
      return request;
    };
    const claimed = async () => {
      const request = await approved();
      return { request, ...(await api.claim(world.caller, request.id)) };
    };
    const used = async () => {
      const { request, lease, token } = await claimed();
      await api.use({ lease_id: lease.id, token, digest: request.digest });
      return request;
    };
    const all = {
      pending: await ask(),
      claimable: await approved(),
      leased: (await claimed()).request,
      used: await used(),
      'leased, result told': (await claimed()).request,
      'used, result told': await used(),
      'never claimed, result told': await approved(),
      cancelled: await ask(),
    };
    const allowed = await ask({ resource: 'free/2' });
    for (const name of ['leased, result told', 'used, result told', 'never claimed, result told'] as const) {
      await report(all[name]);
    }
    await api.cancel(world.caller, all.cancelled.id);
    await clearOutbox();
    expect(await pass()).toMatchObject({ isWhole: true });
    const started: string[] = [];
    for (const [name, request] of Object.entries(all)) {
      const { is_open } = await advance(
        { transact: database.transact, newId, undeliverable: UNDELIVERABLE },
        inputOf(request.id),
      );
      expect([name, await outbox(request)]).toEqual([name, is_open ? ['start'] : []]);
      if (is_open) started.push(name);
    }
    expect(await outbox(allowed)).toEqual([]);
    expect(started).toEqual(expect.arrayContaining(['pending', 'claimable', 'leased', 'used']));
    expect(started).not.toContain('used, result told');
  });
});
