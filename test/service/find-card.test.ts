// Which message is the live card of a request, also while its post, its first clicks and their answers race.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as messages from '../../src/db/messages.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { findCard } from '../../src/service/approver/approver.ts';
import { makeSubmission, makeWorld, TEAM, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { interposed } from '../support/interposed.ts';

const CHANNEL = 'C0PAYMENTS';

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
});
afterAll(() => database.drop());

let clock = 0;
/** A request whose card is just being posted to `ts`: the row is there, Slack's answer is not. */
async function posting(destinations = [CHANNEL], channel_id = CHANNEL) {
  const { id: request_id } = await submit(world.deps, world.caller, makeSubmission());
  clock += 1;
  const place = { team_id: TEAM, channel_id, ts: `1700000000.${String(clock).padStart(6, '0')}` };
  const rows: { readonly id: string }[] = [];
  for (const destination of destinations) {
    const made = { id: newId('message'), request_id, kind: 'card', destination } as const;
    rows.push(await database.transact(TENANT, (tx) => messages.claimMessage(tx, made)));
  }
  const at = { ...place, revision: 1, drawn_at: new Date() };
  const markPosted = () => database.transact(TENANT, (tx) => messages.markPosted(tx, rows[0]?.id ?? '', at));
  return { click: { ...place, tenant_id: TENANT, request_id }, markPosted };
}

test('a click that is faster than the answer of its post finds the live card', async () => {
  const { click, markPosted } = await posting();
  expect(await findCard(world.service, click)).toMatchObject({ kind: 'live' });
  expect(await markPosted()).toBe(true);
  expect(await findCard(world.service, click)).toMatchObject({ kind: 'live' });
});

test('so does one in a direct message, whose card is kept by its person; of two such posts nobody knows which it is', async () => {
  const one = await posting(['prs_00000000000000000000000001'], 'D0ANN');
  expect(await findCard(world.service, one.click)).toMatchObject({ kind: 'live' });
  expect(await one.markPosted()).toBe(true);
  const two = await posting(['prs_00000000000000000000000001', 'prs_00000000000000000000000002'], 'D0ANN');
  expect(await findCard(world.service, two.click)).toMatchObject({ kind: 'stale' });
});

test('a click finds the live card also when the answer of its post is stored right between its two looks', async () => {
  const { click, markPosted } = await posting();
  const stored: boolean[] = [];
  const transact = interposed(database.transact, /state = 'posted', team_id = \$5/, async (adopt) => {
    stored.push(await markPosted());
    return adopt();
  });
  expect(await findCard({ ...world.service, transact }, click)).toMatchObject({ kind: 'live' });
  expect(stored).toEqual([true]);
});

test('twenty first clicks at once all find the live card', async () => {
  const { click } = await posting();
  const found = await Promise.all(Array.from({ length: 20 }, () => findCard(world.service, click)));
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['live']));
});

test('a click on a second copy is stale, and one on the card of another request is unknown', async () => {
  const [one, other] = [await posting(), await posting()];
  await one.markPosted();
  await other.markPosted();
  expect(await findCard(world.service, { ...one.click, ts: '1600000000.000001' })).toMatchObject({ kind: 'stale' });
  expect(await findCard(world.service, { ...one.click, ts: other.click.ts })).toEqual({ kind: 'unknown' });
  expect(await findCard(world.service, { ...one.click, request_id: newId('request') })).toEqual({ kind: 'unknown' });
});
