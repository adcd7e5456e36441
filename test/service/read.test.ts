// Reading on real rows: the long poll wakes at the change and misses none, and a list does not shift under its reader.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openListener } from '../../src/db/listen.ts';
import * as requests from '../../src/db/requests.ts';
import { cancel } from '../../src/service/agent/cancel.ts';
import { type AwaitDeps, awaitDecision, listRequests, readAnyones, readRequest } from '../../src/service/agent/read.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { shareReads } from '../../src/service/share.ts';
import { makeAgent, makeClick, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { underLock } from '../support/under-lock.ts';
import { until } from '../support/wait.ts';

let database: TestDatabase;
let world: World;
let listener: ReturnType<typeof openListener>;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  listener = openListener({ url: database.app_url, onError: () => undefined });
});
afterAll(async () => {
  await listener.close();
  await database.drop();
});

const readShared = shareReads(
  (input: { readonly tenant_id: string; readonly id: string }) => readAnyones(world.service, input),
  ({ tenant_id, id }) => `${tenant_id}/${id}`,
);
/** Longer than any test may take: an answer before it came from the change, not from the clock. */
const WAIT_SECONDS = 600;
const never = () => new AbortController().signal;
const ask = () => submit(world.deps, world.caller, makeSubmission());
const awaiting = (id: string, changes: Partial<AwaitDeps> = {}, signal = never()) =>
  awaitDecision({ wait: listener.wait, readShared, ...changes }, world.caller, {
    id,
    wait_seconds: WAIT_SECONDS,
    signal,
  });
/** A wait that hears its notification and nothing else: no recheck helps a wake-up that was lost. */
const onlyHears: AwaitDeps['wait'] = (key, _timeout_ms, signal) => listener.wait(key, WAIT_SECONDS * 1_000, signal);

describe('the long poll', () => {
  test('answers at the decision, with who decided', async () => {
    const request = await ask();
    const waiting = awaiting(request.id, { wait: onlyHears });
    await until(() => listener.waiting() === 1);
    await decide(world.deps, makeClick(request, 'ann'));
    expect(await waiting).toMatchObject({ state: 'approved', decisions: [{ person: { email: 'ann@example.com' } }] });
    await until(() => listener.waiting() === 0);
  });

  test('goes on over a change that leaves it pending', async () => {
    const request = await ask();
    const waiting = awaiting(request.id, { wait: onlyHears });
    await until(() => listener.waiting() === 1);
    await underLock(database, request.id, (tx) => requests.touchRequest(tx, request.id));
    await database.asSuperuser(`select pg_notify('placet_request', $1)`, [`${world.caller.tenant_id}/${request.id}`]);
    await cancel(world.service, world.caller, request.id);
    expect(await waiting).toMatchObject({ state: 'cancelled' });
  });

  test('does not miss a change between its reading and its waiting', async () => {
    const request = await ask();
    let reads = 0;
    const read: AwaitDeps['readShared'] = async (input) => {
      const record = await readAnyones(world.service, input);
      reads += 1;
      // The row was read as pending; before the reader hears of it, the request is over.
      if (reads === 1) {
        const heard = listener.wait(`${input.tenant_id}/${request.id}`, WAIT_SECONDS * 1_000);
        await cancel(world.service, world.caller, request.id);
        await heard;
      }
      return record;
    };
    expect(await awaiting(request.id, { readShared: read, wait: onlyHears })).toMatchObject({ state: 'cancelled' });
    expect(reads).toBe(2);
  });

  test('answers at once what is over already, and leaves nothing waiting', async () => {
    const request = await ask();
    await cancel(world.service, world.caller, request.id);
    expect(await awaiting(request.id)).toMatchObject({ state: 'cancelled' });
    expect(listener.waiting()).toBe(0);
  });

  test('answers the state as it is when its time is over or its caller has gone', async () => {
    const request = await ask();
    const input = { id: request.id, wait_seconds: 0, signal: never() };
    expect(await awaitDecision({ wait: listener.wait, readShared }, world.caller, input)).toMatchObject({
      state: 'pending',
    });
    const gone = new AbortController();
    const waiting = awaiting(request.id, {}, gone.signal);
    await until(() => listener.waiting() === 1);
    gone.abort();
    expect(await waiting).toMatchObject({ state: 'pending' });
    expect(listener.waiting()).toBe(0);
  });

  test("on another agent's request is not_found, and leaves nothing waiting", async () => {
    const request = await ask();
    const other = await makeAgent(world.service);
    const input = { id: request.id, wait_seconds: WAIT_SECONDS, signal: never() };
    const waiting = awaitDecision({ wait: listener.wait, readShared }, other, input);
    await expect(waiting).rejects.toMatchObject({ code: 'not_found' });
    expect(listener.waiting()).toBe(0);
  });

  test('a thousand at once wait on one connection, and each hears of its own request only', async () => {
    const requests = await Promise.all(Array.from({ length: 10 }, ask));
    const waits = requests.map(({ id }) =>
      Array.from({ length: 100 }, () => listener.wait(`${world.caller.tenant_id}/${id}`, WAIT_SECONDS * 1_000)),
    );
    const others = Array.from({ length: 100 }, () => new AbortController());
    const unheard = others.map(({ signal }) =>
      listener.wait(`${world.caller.tenant_id}/apr_none`, WAIT_SECONDS * 1_000, signal),
    );
    expect(listener.waiting()).toBe(1_100);
    await Promise.all(requests.map(({ id }) => cancel(world.service, world.caller, id)));
    expect(new Set(await Promise.all(waits.flat()))).toEqual(new Set(['changed']));
    expect(listener.waiting()).toBe(100);
    for (const other of others) other.abort();
    expect(new Set(await Promise.all(unheard))).toEqual(new Set(['timeout']));
  });

  test('a thousand agents that await decisions at once all get them', async () => {
    const requests = await Promise.all(Array.from({ length: 5 }, ask));
    const answers = requests.flatMap(({ id }) => Array.from({ length: 200 }, () => awaiting(id)));
    await until(() => listener.waiting() === 1_000);
    for (const request of requests) await decide(world.deps, makeClick(request, 'ann'));
    const states = (await Promise.all(answers)).map(({ state }) => state);
    expect(states).toHaveLength(1_000);
    expect(new Set(states)).toEqual(new Set(['approved']));
  });
});

describe('the listener', () => {
  const backends = () =>
    database.asSuperuser<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'placet listener'`,
    );

  test('comes back after its connection was ended, wakes who waited, and hears again', async () => {
    const request = await ask();
    const waiting = awaiting(request.id, { wait: onlyHears });
    await until(() => listener.waiting() === 1);
    const [before] = await backends();
    // What happens while nobody listens is told to nobody: only the wake-up at the return brings it.
    await database.asSuperuser('select pg_terminate_backend($1)', [before?.pid]);
    await cancel(world.service, world.caller, request.id);
    expect(await waiting).toMatchObject({ state: 'cancelled' });
    await until(async () => (await backends()).some(({ pid }) => pid !== before?.pid) && listener.isConnected());
    const next = await ask();
    const again = awaiting(next.id, { wait: onlyHears });
    await until(() => listener.waiting() === 1);
    await decide(world.deps, makeClick(next, 'ann'));
    expect(await again).toMatchObject({ state: 'approved' });
  });

  test('is connected only once it listens', async () => {
    const faults: Error[] = [];
    const nowhere = openListener({ url: 'postgres://nobody@127.0.0.1:1/none', onError: (error) => faults.push(error) });
    await until(() => faults.length > 0);
    expect(nowhere.isConnected()).toBe(false);
    await nowhere.close();
    const fresh = openListener({ url: database.app_url, onError: () => undefined });
    expect(fresh.isConnected()).toBe(false);
    await until(() => fresh.isConnected());
    await fresh.close();
  });
});

describe('the list of own requests', () => {
  test('read page by page while requests are added shows each older one once, newest first', async () => {
    const caller = await makeAgent(world.service);
    const add = () => submit(world.deps, caller, makeSubmission());
    const made: string[] = [];
    for (let place = 0; place < 7; place += 1) made.push((await add()).id);
    const seen: string[] = [];
    for (let cursor: string | null = null, pages = 0; pages === 0 || cursor !== null; pages += 1) {
      const page = await listRequests(world.service, caller, { state: null, limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
      await add();
    }
    expect(seen).toEqual(made.reverse());
  });

  test('ends without a cursor when the last page is exactly full', async () => {
    const caller = await makeAgent(world.service);
    for (let place = 0; place < 2; place += 1) await submit(world.deps, caller, makeSubmission());
    const page = await listRequests(world.service, caller, { state: null, limit: 2, cursor: null });
    expect(page.items).toHaveLength(2);
    expect(page.next_cursor).toBeNull();
  });

  test('shows one state when asked, and nothing of other agents (INV-9)', async () => {
    const caller = await makeAgent(world.service);
    const kept = await submit(world.deps, caller, makeSubmission());
    const gone = await submit(world.deps, caller, makeSubmission());
    await cancel(world.service, caller, gone.id);
    const list = async (state: 'pending' | 'cancelled' | null) =>
      (await listRequests(world.service, caller, { state, limit: 100, cursor: null })).items.map(({ id }) => id);
    expect(await list('pending')).toEqual([kept.id]);
    expect(await list('cancelled')).toEqual([gone.id]);
    expect(await list(null)).toHaveLength(2);
  });

  test('takes a cursor of its own form only', async () => {
    const input = { state: null, limit: 2, cursor: "' or 1=1--" };
    await expect(async () => listRequests(world.service, world.caller, input)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

test.each([[`apr_${'0'.repeat(36)}`], ['nonsense'], ["apr_'; drop table x"], ['']])(
  'a request that is not there, such as "%s", is not_found',
  async (id) => {
    await expect(readRequest(world.service, world.caller, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(cancel(world.service, world.caller, id)).rejects.toMatchObject({ code: 'not_found' });
  },
);
