// The outbox reaches Temporal whatever fails: several relays at once, one call a request, nothing lost, nothing blocked.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { openListener } from '../../src/db/listen.ts';
import * as outbox from '../../src/db/outbox.ts';
import { drain, type RelayDeps, relay } from '../../src/delivery/relay.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import type { ApprovalInput } from '../../src/domain/work/workflow.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { dies, interposed } from '../support/interposed.ts';
import { until } from '../support/wait.ts';

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
});
afterAll(() => database.drop());
afterEach(() => database.asSuperuser('delete from placet.outbox'));

const ask = async () => (await submit(world.deps, world.caller, makeSubmission())).id;
const enqueue = (id: string, kind: 'start' | 'nudge', seconds = 0) =>
  database.transact(TENANT, (tx) => outbox.enqueue(tx, id, kind, seconds));
const rows = () =>
  database.asSuperuser<{ request_id: string; attempts: number; wait_seconds: number }>(
    'select request_id, attempts, extract(epoch from next_attempt_at - now())::float8 as wait_seconds from placet.outbox order by id',
  );

type Call = { readonly verb: 'start' | 'nudge'; readonly id: string };

function makeDeps(fail: (id: string) => boolean = () => false): RelayDeps & { calls: Call[]; errors: unknown[][] } {
  const calls: Call[] = [];
  const errors: unknown[][] = [];
  const tell =
    (verb: Call['verb']) =>
    async ({ request_id: id }: ApprovalInput) => {
      if (fail(id)) throw new PlacetError('unavailable', { dependency: 'temporal' });
      calls.push({ verb, id });
    };
  const onError = (...error: unknown[]) => void errors.push(error);
  return {
    transact: database.transact,
    tenant_id: TENANT,
    post: async () => null,
    start: tell('start'),
    nudge: tell('nudge'),
    onOutbox: () => undefined,
    onError,
    calls,
    errors,
  };
}

test('what was told is removed, and rows of one request are told by one call', async () => {
  const [first, second] = [await ask(), await ask()];
  await enqueue(first, 'nudge');
  await enqueue(first, 'nudge');
  const deps = makeDeps();
  expect(await drain(deps)).toBe(4);
  expect(deps.calls).toEqual([
    { verb: 'nudge', id: first },
    { verb: 'start', id: second },
  ]);
  expect(await rows()).toEqual([]);
});

test('a run is begun with the moment that its posted card gave, and not nudged for it', async () => {
  const [posted, unposted] = [await ask(), await ask()];
  const inputs: object[] = [];
  const deps = makeDeps();
  const post = async ({ request_id }: ApprovalInput) => (request_id === posted ? 1_234 : null);
  const start = async (input: object) => void inputs.push(input);
  expect(await drain({ ...deps, post, start })).toBe(2);
  expect(inputs).toEqual([
    { tenant_id: TENANT, request_id: posted, wake_at_ms: 1_234 },
    { tenant_id: TENANT, request_id: unposted },
  ]);
});

test('a card that cannot be posted, or not in time, keeps no run: it looks for itself', async () => {
  const [fails, hangs] = [await ask(), await ask()];
  const never = new Promise<number>(() => undefined);
  const deps = makeDeps();
  const post = ({ request_id }: ApprovalInput) => (request_id === hangs ? never : Promise.reject(new Error('no card')));
  expect(await drain({ ...deps, post })).toBe(2);
  expect(deps.calls).toEqual([
    { verb: 'start', id: fails },
    { verb: 'start', id: hangs },
  ]);
  expect(deps.errors).toEqual([[expect.objectContaining({ message: 'no card' }), 1]]);
  expect(await rows()).toEqual([]);
});

test('a request that was decided before its row was relayed is nudged, and no card is posted for it first', async () => {
  const decided = await ask();
  await enqueue(decided, 'nudge');
  const deps = makeDeps();
  const post = async () => {
    throw new Error('nothing is to be posted');
  };
  expect(await drain({ ...deps, post })).toBe(2);
  expect(deps.calls).toEqual([{ verb: 'nudge', id: decided }]);
  expect(deps.errors).toEqual([]);
});

test('small news waits its time, but is told with any other news of its request, by the same call', async () => {
  const [waits, goes] = [await ask(), await ask()];
  await drain(makeDeps());
  for (const id of [waits, goes]) await enqueue(id, 'nudge', 60);
  await enqueue(goes, 'nudge');
  const deps = makeDeps();
  expect(await drain(deps)).toBe(2);
  expect(deps.calls).toEqual([{ verb: 'nudge', id: goes }]);
  expect(await rows()).toMatchObject([{ request_id: waits }]);
  await database.asSuperuser("update placet.outbox set next_attempt_at = now() - interval '1 s'");
  await drain(deps);
  expect(deps.calls.at(-1)).toEqual({ verb: 'nudge', id: waits });
});

test('a row that cannot be told is kept for later, longer each time, and keeps no other from being told', async () => {
  const [bad, good] = [await ask(), await ask()];
  const deps = makeDeps((id) => id === bad);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    await drain(deps);
    const [row] = await rows();
    expect(row).toMatchObject({ request_id: bad, attempts: attempt });
    waits.push(Math.round((row?.wait_seconds ?? 0) * 2) / 2);
    await database.asSuperuser("update placet.outbox set next_attempt_at = now() - interval '1 s'");
  }
  expect(waits).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
  expect(deps.calls).toEqual([{ verb: 'start', id: good }]);
  expect(deps.errors).toHaveLength(9);
});

test('an outage is one line in the log, not one a request', async () => {
  for (let count = 0; count < 5; count += 1) await ask();
  const deps = makeDeps(() => true);
  await drain(deps);
  expect(deps.errors).toEqual([[expect.objectContaining({ code: 'unavailable' }), 5]]);
  expect(await rows()).toHaveLength(5);
});

test('several relays at once tell each request once', async () => {
  const ids = await Promise.all(Array.from({ length: 120 }, ask));
  const relays = Array.from({ length: 4 }, () => makeDeps());
  await Promise.all(
    relays.map(async (deps) => {
      while ((await drain(deps)) > 0);
    }),
  );
  while ((await drain(relays[0] ?? makeDeps())) > 0);
  expect(relays.flatMap(({ calls }) => calls.map(({ id }) => id)).sort()).toEqual(ids.sort());
});

test('rows that one worker holds are passed over by the next, which does not wait for them', async () => {
  await ask();
  const found = await database.transact(TENANT, async (one) => {
    const mine = await outbox.takeBatch(one, 10);
    const theirs = await database.transact(TENANT, async (other) => {
      await other.query("set local lock_timeout = '5s'");
      return outbox.takeBatch(other, 10);
    });
    return [mine.length, theirs.length];
  });
  expect(found).toEqual([1, 0]);
});

test('a relay that dies in the middle gives its rows back at once', async () => {
  const id = await ask();
  const transact = interposed(database.transact, /^delete from placet\.outbox/, dies('died'));
  const dying = { ...makeDeps(), transact };
  await expect(drain(dying)).rejects.toThrow('died');
  expect(await rows()).toMatchObject([{ request_id: id, attempts: 0 }]);
  const deps = makeDeps();
  await drain(deps);
  expect(deps.calls).toEqual([{ verb: 'start', id }]);
});

test('a new row rings for the relays of its tenant alone', async () => {
  const listener = openListener({ url: database.app_url, onError: () => undefined });
  await until(listener.isConnected);
  const rung: string[] = [];
  const hear = new Promise<void>((resolve) => {
    listener.onOutbox('acme', () => rung.push('acme'));
    listener.onOutbox(TENANT, () => resolve(void rung.push(TENANT)));
  });
  await ask();
  await hear;
  expect(rung).toEqual([TENANT]);
  await listener.close();
});

test('a running relay hears of a new row, survives a fault of the database, and ends when it is told to', async () => {
  const listener = openListener({ url: database.app_url, onError: () => undefined });
  const stopping = new AbortController();
  let hear: (id: string) => void = () => undefined;
  const heard = new Promise<string>((resolve) => {
    hear = resolve;
  });
  const deps = makeDeps();
  let faults = 0;
  const transact: RelayDeps['transact'] = async (tenant_id, work) => {
    faults += 1;
    if (faults === 1) throw new PlacetError('unavailable');
    return database.transact(tenant_id, work);
  };
  const onOutbox = (ring: () => void) => listener.onOutbox(TENANT, ring);
  const start = async ({ request_id }: ApprovalInput) => hear(request_id);
  const running = relay({ ...deps, transact, start, onOutbox }, stopping.signal);
  const id = await ask();
  expect(await heard).toBe(id);
  stopping.abort();
  await running;
  expect(deps.errors).toHaveLength(1);
  await listener.close();
});
