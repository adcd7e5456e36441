// Turns that are taken together: one statement knows the rule of src/domain/work/queue.ts, and random queues show that both say
// the same.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Tx } from '../../src/db/database.ts';
import * as messages from '../../src/db/messages.ts';
import * as queues from '../../src/db/queues.ts';
import { type QueueKey, queueName, turnOf } from '../../src/domain/work/queue.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { openTogether, settleTogether } from '../../src/service/clock/together.ts';
import { makeSubmission, makeWorld, TEAM, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

const RUNS = 60;
const KEY: QueueKey = { team_id: TEAM, method: 'chat.postMessage', channel: 'C0PAYMENTS' };
const OTHER: QueueKey = { ...KEY, channel: 'C0DBA' };

let database: TestDatabase;
let world: World;
let request: { readonly id: string; readonly digest: string };
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  request = await submit(world.deps, world.caller, makeSubmission());
});
afterAll(() => database.drop());
beforeEach(() => forget());

const inTenant = <T>(work: (tx: Tx) => Promise<T>) => database.transact(TENANT, work);
const queueOf = ({ channel }: QueueKey) =>
  database.asSuperuser<{ held_by: string | null; pace_ms: number }>(
    'select held_by, pace_ms from placet.slack_queues where channel = $1',
    [channel],
  );
const forget = async () => {
  await database.asSuperuser('delete from placet.slack_messages');
  await database.asSuperuser('delete from placet.slack_queues');
};
const cardIn = (destination: string, key: QueueKey) => ({ kind: 'card', destination, queueOf: () => key }) as const;
const openIn = (tx: Tx, wanted: Parameters<typeof openTogether>[2]['wanted']) =>
  openTogether(world.service, tx, { request_id: request.id, known: [], wanted });

/** Seconds from now, never so near that the time of the test itself matters. */
const seconds = fc.constantFrom(-3_600, -20, 30, 3_600);
const queue = fc.record({
  is_there: fc.boolean(),
  not_before: seconds,
  pace_ms: fc.constantFrom(0, 1_050),
  held: fc.option(seconds),
  /** When somebody else who waits is expected. */
  waiting: fc.option(seconds),
});

test('a turn is taken together with others exactly when the rule gives it to a message that comes alone', async () => {
  await fc.assert(
    fc.asyncProperty(queue, async ({ is_there, not_before, pace_ms, held, waiting }) => {
      await forget();
      if (is_there) {
        await database.asSuperuser(
          `insert into placet.slack_queues (tenant_id, team_id, method, channel, not_before, pace_ms, held_by, held_until)
           values ($1, $2, $3, $4, now() + make_interval(secs => $5), $6, $7, now() + make_interval(secs => $8))`,
          [
            TENANT,
            KEY.team_id,
            KEY.method,
            KEY.channel,
            not_before,
            pace_ms,
            held === null ? null : 'other',
            held ?? 0,
          ],
        );
      }
      if (waiting !== null) {
        await inTenant(async (tx) => {
          const other = {
            id: newId('message'),
            request_id: request.id,
            kind: 'outcome',
            destination: 'other',
          } as const;
          await messages.claimMessage(tx, other);
          const until = new Date(Date.now() + waiting * 1_000);
          await queues.joinQueue(tx, other.id, { queue: queueName(KEY), until });
        });
      }
      const { locked, ahead } = await inTenant(async (tx) => ({
        locked: await queues.lockQueue(tx, KEY),
        ahead: (await queues.listWaiting(tx, queueName(KEY))).length,
      }));
      const opened = await inTenant((tx) => openIn(tx, [cardIn('C0PAYMENTS', KEY)]));
      expect(opened.length).toBe(turnOf(locked, ahead, locked.now).kind === 'taken' ? 1 : 0);
      // A row says that a post is about to happen only where one is.
      const rows = await database.asSuperuser<{ id: string }>(
        "select id from placet.slack_messages where kind = 'card'",
      );
      expect(rows.map(({ id }) => id)).toEqual(opened.map(({ row }) => row.id));
    }),
    { numRuns: RUNS },
  );
});

test('a queue is given to one message at a time, and a queue that is not free keeps no other one back', async () => {
  const both = [cardIn('C0PAYMENTS', KEY), cardIn('C0DBA', OTHER)];
  const first = await inTenant((tx) => openIn(tx, [cardIn('C0PAYMENTS', KEY)]));
  expect(first.map(({ key }) => key)).toEqual([KEY]);
  const second = await submit(world.deps, world.caller, makeSubmission());
  const opened = await inTenant((tx) =>
    openTogether(world.service, tx, { request_id: second.id, known: [], wanted: both }),
  );
  expect(opened.map(({ key }) => key)).toEqual([OTHER]);
});

test('a message that another look made meanwhile is not posted twice, and its queue is free again', async () => {
  const [taken] = await inTenant((tx) => openIn(tx, [cardIn('C0PAYMENTS', KEY)]));
  expect(taken).toBeDefined();
  await database.asSuperuser('update placet.slack_queues set held_by = null');
  expect(await inTenant((tx) => openIn(tx, [cardIn('C0PAYMENTS', KEY)]))).toEqual([]);
  expect(await queueOf(KEY)).toEqual([{ held_by: null, pace_ms: 0 }]);
});

test('what became of messages is kept together: places, the event of each post, and turns that are free again', async () => {
  const opened = await inTenant((tx) => openIn(tx, [cardIn('C0PAYMENTS', KEY), cardIn('C0DBA', OTHER)]));
  const [payments, dba] = opened;
  if (payments === undefined || dba === undefined) throw new Error('both queues were free');
  const at = { team_id: TEAM, channel_id: 'C0PAYMENTS', ts: '1.000001', revision: 1, drawn_at: new Date() };
  const settled = [
    { kind: 'posted', ...payments, at },
    { kind: 'uncalled', ...dba },
  ] as const;
  expect(await settleTogether(world.service, { tenant_id: TENANT, request }, settled)).toEqual([]);
  const rows = await database.asSuperuser('select state, ts, tried_at from placet.slack_messages order by ts');
  expect(rows).toEqual([
    { state: 'posted', ts: '1.000001', tried_at: null },
    { state: 'posting', ts: null, tried_at: null },
  ]);
  expect([...(await queueOf(KEY)), ...(await queueOf(OTHER))].map(({ held_by }) => held_by)).toEqual([null, null]);
  const events = await database.asSuperuser(
    "select facts from placet.audit_events where type = 'notify.sent' and request_id = $1",
    [request.id],
  );
  expect(events).toEqual([{ facts: { kind: 'card', channel_id: 'C0PAYMENTS' } }]);
});

test('whoever waits in a queue is told when the turn is given back', async () => {
  const [taken] = await inTenant((tx) => openIn(tx, [cardIn('C0PAYMENTS', KEY)]));
  if (taken === undefined) throw new Error('the queue was free');
  const next = await submit(world.deps, world.caller, makeSubmission());
  const id = newId('message');
  await inTenant(async (tx) => {
    await messages.claimMessage(tx, { id, request_id: next.id, kind: 'card', destination: 'C0PAYMENTS' });
    await queues.joinQueue(tx, id, { queue: queueName(KEY), until: new Date(Date.now() + 60_000) });
  });
  await settleTogether(world.service, { tenant_id: TENANT, request }, [{ kind: 'uncalled', ...taken }]);
  const rows = await database.asSuperuser<{ kind: string }>('select kind from placet.outbox where request_id = $1', [
    next.id,
  ]);
  expect(rows.map(({ kind }) => kind)).toContain('nudge');
});

test('a message that shows a later moment by now gets no turn to go back behind it', async () => {
  const at = { team_id: TEAM, channel_id: 'C0PAYMENTS', ts: '1.000002', drawn_at: new Date() };
  const card = { id: newId('message'), request_id: request.id, kind: 'card', destination: 'C0PAYMENTS' } as const;
  const known = await inTenant(async (tx) => {
    await messages.claimMessage(tx, card);
    await messages.markPosted(tx, card.id, { ...at, revision: 1 });
    return messages.listMessages(tx, request.id);
  });
  const open = () =>
    inTenant((tx) => {
      const wanted = [cardIn('C0PAYMENTS', { ...KEY, method: 'chat.update' })];
      return openTogether(world.service, tx, { request_id: request.id, known, wanted });
    });
  await inTenant((tx) => messages.markDrawn(tx, card.id, { revision: 2, drawn_at: new Date() }));
  expect(await open()).toEqual([]);
  await database.asSuperuser('update placet.slack_messages set revision = 1');
  expect((await open()).map(({ row }) => row.id)).toEqual([card.id]);
});
