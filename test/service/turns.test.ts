// Turns in a queue of Slack: whoever is next is awake in time, and nobody waits for a message that never comes.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as messages from '../../src/db/messages.ts';
import * as queues from '../../src/db/queues.ts';
import type { QueueKey } from '../../src/domain/work/queue.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { giveTurn, takeTurn } from '../../src/service/clock/turns.ts';
import { makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

const KEY: QueueKey = { team_id: 'T0ACME', method: 'chat.postMessage', channel: 'C0PAYMENTS' };
const NAME = 'T0ACME/chat.postMessage/C0PAYMENTS';
const LATE_SECONDS = 120;

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule()]));
});
beforeEach(async () => {
  await database.asSuperuser('delete from placet.slack_messages');
  await database.asSuperuser('delete from placet.slack_queues');
});
afterAll(() => database.drop());

type Waiting = Pick<messages.SlackMessage, 'id' | 'request_id' | 'state' | 'next_attempt_at' | 'tried_at'>;

/** A message of a new request that waits in the queue, and sleeps so long. */
async function wait(sleep_s: number, kind: 'card' | 'reminder' = 'card'): Promise<Waiting> {
  const { id: request_id } = await submit(world.deps, world.caller, makeSubmission());
  await database.asSuperuser('delete from placet.outbox');
  return database.transact(TENANT, async (tx) => {
    const row = await messages.claimMessage(tx, { id: newId('message'), request_id, kind, destination: KEY.channel });
    const until = new Date(tx.now.getTime() + sleep_s * 1_000);
    if (sleep_s > 0) await queues.joinQueue(tx, row.id, { queue: NAME, until });
    return row;
  });
}

const take = (row: Waiting) => database.transact(TENANT, (tx) => takeTurn(tx, row, KEY));
const give = (row: Waiting, retry_after_ms: number | null) =>
  giveTurn(world.deps, TENANT, { row, key: KEY, retry_after_ms, is_without_effect: false });
const nudged = async () =>
  (await database.asSuperuser<{ request_id: string }>('select request_id from placet.outbox')).map(
    (row) => row.request_id,
  );

test.each([
  ['it may go at once', null],
  ['Slack names a second', 1_000],
  ['Slack names half a minute', 30_000],
])('the next one that would sleep longer than it has to is woken, when %s', async (_what, retry_after_ms) => {
  const caller = await wait(0);
  expect(await take(caller)).toEqual({ kind: 'taken' });
  // Where Slack names a wait the one that called waits on: this one expires before it, so it goes first.
  const next = await wait(LATE_SECONDS);
  const sooner = "update placet.approval_requests set expires_at = expires_at - interval '1 minute' where id = $1";
  await database.asSuperuser(sooner, [next.request_id]);
  await give(caller, retry_after_ms);
  expect(await nudged()).toEqual([next.request_id]);
  expect((await database.transact(TENANT, (tx) => queues.listWaiting(tx, NAME)))[0]?.id).toBe(next.id);
});

test('the next one that is awake in time is left alone', async () => {
  const caller = await wait(0);
  await take(caller);
  const next = await wait(5);
  const sooner = "update placet.approval_requests set expires_at = expires_at - interval '1 minute' where id = $1";
  await database.asSuperuser(sooner, [next.request_id]);
  await give(caller, 30_000);
  expect(await nudged()).toEqual([]);
});

test.each(['approved', 'denied', 'expired', 'cancelled'])(
  'nobody waits behind a reminder or a refused card of a request that is %s',
  async (state) => {
    const gone = [await wait(5, 'reminder'), await wait(5)];
    await database.asSuperuser("update placet.slack_messages set state = 'failed' where id = $1", [gone[1]?.id]);
    const ids = gone.map(({ request_id }) => request_id);
    const standing = await wait(5);
    const waiting = async () =>
      (await database.transact(TENANT, (tx) => queues.listWaiting(tx, NAME))).map(({ id }) => id);
    expect((await waiting()).sort()).toEqual([...gone, standing].map(({ id }) => id).sort());
    const end = `update placet.approval_requests set state = $2, closed_at = now() where id = any ($1)`;
    await database.asSuperuser(end, [ids, state]);
    expect(await waiting()).toEqual([standing.id]);
  },
);
