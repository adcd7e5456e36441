// What is read at each click, look and long poll is found by an index, under row-level security, however long the record is.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as auditEvents from '../../src/db/audit-events.ts';
import * as contentViews from '../../src/db/content-views.ts';
import type { Tx } from '../../src/db/database.ts';
import * as leases from '../../src/db/leases.ts';
import * as messages from '../../src/db/messages.ts';
import { CARD, OPERATOR } from '../../src/db/record-parts.ts';
import * as requestRecords from '../../src/db/request-records.ts';
import * as requests from '../../src/db/requests.ts';
import { newId } from '../../src/process/wiring.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const ID = newId('request');
const NOBODY = newId('person');

const READS: [title: string, read: (tx: Tx) => Promise<unknown>, condition: string][] = [
  ['one request', (tx) => requestRecords.readRequestRecord(tx, ID, OPERATOR), 'id = '],
  ['its lock', (tx) => requests.lockRequest(tx, ID), 'id = '],
  ['its messages', (tx) => messages.listMessages(tx, ID), 'request_id = '],
  ['the message at a place', (tx) => messages.findByPlace(tx, 'C0', '1.0'), 'ts = '],
  [
    'a page of an agent',
    (tx) => requestRecords.listByAgent(tx, { agent_id: newId('agent'), state: null, before: ID, limit: 20 }),
    'agent_id = ',
  ],
  ['a page in one state', (tx) => requestRecords.listAll(tx, { state: 'denied', limit: 20 }), 'state = '],
  [
    'the queue of a person',
    (tx) => requestRecords.listWaitingFor(tx, { person_id: NOBODY, account: '', group_ids: [], joined: [], limit: 20 }),
    'expires_at > ',
  ],
  ['its audit events', (tx) => auditEvents.listEvents(tx, { request_id: ID, type: null, limit: 20 }), 'request_id = '],
  ['a lease', (tx) => leases.readLease(tx, newId('lease')), 'id = '],
  ['who has seen all', (tx) => contentViews.hasContentView(tx, ID, NOBODY, 'd'), 'person_id = '],
];

/** The plans of what `read` asks, as PostgreSQL makes them of tables that it knows nothing of yet. */
async function plansOf(read: (tx: Tx) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  await database.transact(TENANT, async (tx) => {
    // The tables are empty here, where a scan would be cheapest: what is left is what an index can do.
    await tx.query('set local enable_seqscan = off');
    await tx.query('set local enable_bitmapscan = off');
    const explaining: Tx = {
      ...tx,
      query: async <R>(text: string, values?: readonly unknown[]) => {
        const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return tx.query<R>(text, values);
      },
    };
    await read(explaining);
  });
  return plans;
}

test.each(READS)('%s', async (_title, read, condition) => {
  const plans = await plansOf(read);
  expect(plans).toHaveLength(1);
  const conditions = (plans[0] ?? '').split('\n').filter((line) => line.includes('Index Cond:'));
  expect(conditions.filter((line) => line.includes(condition) && line.includes('tenant_id'))).not.toEqual([]);
});

test.each(['decisions', 'grants', 'leases', 'results'])(
  'what belongs to a request in %s, whose others are not walked before they are first analyzed',
  async (table) => {
    const [plan = ''] = await plansOf((tx) => requestRecords.readRequestRecord(tx, ID, CARD));
    const lines = plan.split('\n');
    const scan = lines.findIndex((line) => line.includes(` on ${table} `));
    expect(lines[scan + 1]).toMatch(/Index Cond: .*request_id = /);
  },
);
