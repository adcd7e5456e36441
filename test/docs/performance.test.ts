// Holds docs/performance.md to what operations and a whole approval ask of the database and of Temporal: whoever adds a
// statement, a transaction or an event changes its line there.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createActivities } from '../../activities/index.ts';
import type { Counts } from '../../bench/support/counts.ts';
import {
  approveOne,
  countApproval,
  countOperations,
  type Operating,
  type Telling,
} from '../../bench/support/operations.ts';
import { endOf, isWaiting } from '../../bench/support/workflows.ts';
import * as agents from '../../src/db/agents.ts';
import { drain } from '../../src/delivery/relay.ts';
import { openTemporal } from '../../src/delivery/temporal.ts';
import type { ApprovalInput } from '../../src/domain/work/workflow.ts';
import { AGENT_KEY_RANDOM_BYTES, agentKeyHint, hashAgentKey, makeAgentKey } from '../../src/identity/agent-key.ts';
import { newId } from '../../src/process/wiring.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { postFirst } from '../../src/slack/send/reconcile.ts';
import { makeClick, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { createFakeMessenger, UNDELIVERABLE } from '../support/fake-messenger.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { openTestTemporal, quietRuntime } from '../support/temporal.ts';
import { createTestUseCases } from '../support/use-cases.ts';
import { readTree } from '../tidy/tree.ts';

const page = readTree().find(({ path }) => path === 'docs/performance.md')?.text ?? '';
const [, section = ''] = page.split('\n## What each asks of the database\n');
const runtime = quietRuntime();
/** Nothing but our own statements writes WAL: no vacuum, and no page as a whole after a checkpoint. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'autovacuum=off'];
const APPROVALS = 5;
/** What is written for itself now and then: the list of running transactions, the split of a page. */
const WAL_SHARE = 0.1;

let server: OwnServer;
let operating: Operating;
let telling: Telling;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startOwnServer(SETTINGS);
  stops.push(server.remove);
  const { database } = server;
  const free = { ...makeRule().match, action: 'orders.look-up' };
  const world = await makeWorld(
    database,
    makePolicy([makeRule(), makeRule({ name: 'free', match: free, effect: 'allow', approvers: [] })]),
  );
  const api = createTestUseCases(database);
  stops.push(api.close);
  const messenger = createFakeMessenger();
  const service = { transact: database.transact, newId };
  const activities = createActivities({
    ...{ ...service, messenger, undeliverable: UNDELIVERABLE, onError: () => undefined, onRefused: () => undefined },
  });
  operating = {
    api,
    bearer: await keyOf(world),
    allowed: () => makeSubmission({ action: 'orders.look-up' }).ask,
    required: () => makeSubmission({ parameters: { place: randomBytes(4).toString('hex') } }).ask,
    approve: (request) => decide(world.deps, makeClick(request, 'ann')),
    reconcile: (request_id) => activities.reconcile({ tenant_id: TENANT, request_id }),
  };
  const temporal = await openTestTemporal(database);
  stops.push(temporal.close);
  await temporal.startWorker(messenger);
  const { task_queue, address } = temporal;
  const { start, nudge, close } = openTemporal({ address, namespace: 'default', task_queue });
  stops.push(close);
  const onError = (error: unknown) => {
    throw error;
  };
  const delivering = { ...service, messenger, undeliverable: UNDELIVERABLE, onRefused: () => undefined };
  const post = (input: ApprovalInput) => postFirst(delivering, input, onError);
  const relaying = { ...service, tenant_id: TENANT, post, start, nudge, onOutbox: () => undefined, onError };
  telling = {
    drain: () => drain(relaying),
    cardPosted: (id) => isWaiting(temporal.handle(id)),
    ended: (id) => endOf(temporal.handle(id)),
  };
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await runtime.close();
});

async function keyOf({ service, caller }: World): Promise<string> {
  const key = makeAgentKey(randomBytes(AGENT_KEY_RANDOM_BYTES)).unwrap();
  const expires_at = new Date(Date.now() + 3_600_000);
  const row = {
    id: newId('agentKey'),
    agent_id: caller.id,
    secret_hash: hashAgentKey(key),
    hint: agentKeyHint(key),
    expires_at,
  };
  await service.transact(TENANT, (tx) => agents.insertKey(tx, row));
  return key;
}

/** The numbers of the first line of the section that begins with this. */
function lineOf(name: string): number[] {
  const line = section.split('\n').find((each) => each.startsWith(`| ${name} |`)) ?? '';
  return [...line.slice(name.length + 2).matchAll(/\d+(\.\d+)?/g)].map(([number]) => Number(number));
}

const numbersOf = ({ trips, statements, transactions }: Counts) => [trips, statements, transactions];

test('each operation waits for the database, and asks of it, what its line in docs/performance.md says', async () => {
  const counted = await countOperations(operating);
  expect(counted.size).toBeGreaterThan(10);
  const found = [...counted].map(([name, counts]) => [name, ...numbersOf(counts)]);
  expect(found).toEqual(found.map(([name]) => [name, ...lineOf(String(name))]));
});

test('a whole approval costs the transactions, statements and history events that docs/performance.md says', async () => {
  const { events, ...counts } = await countApproval(operating, telling);
  expect({ counts: numbersOf(counts), events }).toEqual({
    counts: lineOf('**a whole approval**'),
    events: lineOf('history events of a whole approval')[0],
  });
});

test('a whole approval writes no more WAL than docs/performance.md says', async () => {
  const client = new pg.Client({ connectionString: server.database.owner_url });
  await client.connect();
  const written = async () => {
    const sql = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes";
    return (await client.query<{ bytes: number }>(sql)).rows[0]?.bytes ?? Number.NaN;
  };
  try {
    await approveOne(operating, telling);
    const before = await written();
    for (let count = 0; count < APPROVALS; count += 1) await approveOne(operating, telling);
    const kB = ((await written()) - before) / APPROVALS / 1_000;
    const [limit = 0] = lineOf('kB of WAL of a whole approval');
    expect(kB).toBeLessThan(limit * (1 + WAL_SHARE));
    expect(kB).toBeGreaterThan(limit * (1 - WAL_SHARE));
  } finally {
    await client.end();
  }
});
