// Where a statement must know a rule of the domain, random rows show that both say the same: what is stale, which request is
// open, and for whom a request waits.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import type { Tx } from '../../src/db/database.ts';
import * as groups from '../../src/db/groups.ts';
import * as messages from '../../src/db/messages.ts';
import { CARD } from '../../src/db/record-parts.ts';
import * as requestRecords from '../../src/db/request-records.ts';
import * as sweepQueries from '../../src/db/sweep-queries.ts';
import { canDecide } from '../../src/domain/request/decision.ts';
import type { CardRecord } from '../../src/domain/request/record.ts';
import { dueNow, isOutcomeStale, liveCopies, pendingWorkOf, staleCards } from '../../src/domain/work/pending-work.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { makePerson, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { NAMES, type Shape, shape, store } from './random-rows.ts';

const [REQUESTS, RUNS] = [12, 25];
const TABLES = 'approval_requests outbox decisions grants leases executions revocations results slack_messages'.split(
  ' ',
);
const RUN_MS = 120_000;

let database: TestDatabase;
let world: World;
let client: pg.Client;
let ids: string[];
let people: ReadonlyMap<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database, makePolicy([makeRule({ approvers: ['payments', 'dba'], quorum: 2 })]));
  people = new Map(
    await Promise.all(
      NAMES.map(async (name) => [name, await makePerson(world.service, `${name}@example.com`)] as const),
    ),
  );
  ids = [];
  for (let made = 0; made < REQUESTS; made += 1)
    ids.push((await submit(world.deps, world.caller, makeSubmission())).id);
  client = new pg.Client({ connectionString: database.owner_url });
  await client.connect();
  // Rows alone, in whatever state: what refers to what is not looked at.
  await client.query('set session_replication_role = replica');
  for (const table of TABLES) await client.query(`alter table placet.${table} disable trigger user`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function storeAll(shapes: readonly Shape[]): Promise<void> {
  for (const table of TABLES.slice(1)) await client.query(`delete from placet.${table}`);
  const owner = world.caller.owner_person_id;
  for (const [place, id] of ids.entries()) await store({ client, people, owner }, id, shapes[place] as Shape);
}

type Known = { readonly record: CardRecord; readonly messages: readonly messages.SlackMessage[] };

async function readAll(tx: Tx): Promise<Known[]> {
  const known: Known[] = [];
  for (const id of ids) {
    const record = await requestRecords.readRequestRecord(tx, id, CARD);
    if (record !== null) known.push({ record, messages: await messages.listMessages(tx, id) });
  }
  return known;
}

const idsOf = (known: readonly Known[]) => known.map(({ record }) => record.request.id).sort();

/** The requests that a statement put into the outbox; what it wrote is undone. */
async function enqueuedBy(tx: Tx, statement: () => Promise<unknown>): Promise<string[]> {
  await tx.query('savepoint before');
  await statement();
  const { rows } = await tx.query<{ request_id: string }>('select request_id from placet.outbox order by 1');
  await tx.query('rollback to savepoint before');
  return rows.map(({ request_id }) => request_id);
}

const worlds = fc.array(shape, { minLength: REQUESTS, maxLength: REQUESTS });

test(
  'what the sweep finds stale and which requests it takes for open is what the rules say, over random rows',
  async () => {
    const property = fc.asyncProperty(worlds, async (shapes) => {
      await storeAll(shapes);
      await database.transact(TENANT, async (tx) => {
        const known = await readAll(tx);
        const shift = (s: number) => new Date(tx.now.getTime() + s * 1_000);
        // Nothing here is as old as the end of the sweep's patience, and every decision is fresh.
        const bounds = { before: tx.now, fresh: shift(-3_600), since: shift(-3_600), limit: 1_000 };
        const late = known.filter(({ record, messages: sent }) => {
          if (dueNow(record, tx.now) !== null) return true;
          const cards = staleCards(record, sent, tx.now);
          // A card that is missing while people may still decide is the run's to post.
          const isBehind = cards.some((channel) => sent.some(({ destination }) => destination === channel));
          const hasCopy = liveCopies(record, sent, tx.now).length > 0;
          if (record.request.state === 'pending') return record.decisions.length > 0 && (isBehind || hasCopy);
          return cards.length > 0 || hasCopy || isOutcomeStale(record, sent, tx.now);
        });
        expect(await enqueuedBy(tx, () => sweepQueries.enqueueLate(tx, bounds))).toEqual(idsOf(late));
        const open = known.filter(
          // What Slack refused is late once its time has come; until then only the record's own times count.
          ({ record }) => pendingWorkOf(record, [], tx.now).is_open && dueNow(record, tx.now) !== 'end_lease',
        );
        expect(await enqueuedBy(tx, () => sweepQueries.enqueueOpen(tx, { ids, per_second: 10 }))).toEqual(idsOf(open));
        const overdue = known.filter(({ record }) => dueNow(record, tx.now) !== null);
        expect(await sweepQueries.listOverdue(tx, { before: tx.now, limit: 100 })).toEqual(idsOf(overdue));
      });
    });
    await fc.assert(property, { numRuns: RUNS });
  },
  RUN_MS,
);

test(
  'a request waits for exactly those whose click would count, over random rows (INV-1, INV-2)',
  async () => {
    const property = fc.asyncProperty(
      worlds,
      fc.constantFrom(...NAMES),
      fc.subarray(['S0DBA', 'S0OTHER']),
      async (shapes, name, slack_user_groups) => {
        await storeAll(shapes);
        const person_id = people.get(name) ?? '';
        await database.transact(TENANT, async (tx) => {
          const expected = [];
          const bySource = new Set<string>();
          for (const { record } of await readAll(tx)) {
            const deciding = record.groups.map(({ id }) => id);
            const listed = await groups.listMemberships(tx, deciding, [person_id]);
            const bySlack = record.groups.filter((group) => slack_user_groups.includes(group.slack_user_group ?? ''));
            for (const { id } of bySlack) bySource.add(id);
            const group_ids = [...listed.map(({ group_id }) => group_id), ...bySlack.map(({ id }) => id)];
            const account = `T0ACME/U0${name.toUpperCase()}`;
            const approver = {
              person_id,
              via: 'slack',
              account,
              is_active: true,
              was_behind: false,
              group_ids,
            } as const;
            const { digest: shown_digest } = record.request;
            const shown = { shown_digest, shown: 'whole', shown_stage: 0, reason: null } as const;
            const attempt = { approver, decision: 'approve', ...shown } as const;
            const verdict = canDecide(record.request, record.decisions, attempt, tx.now);
            if (verdict.kind === 'counted') expected.push(record.request.id);
          }
          const filter = { person_id, account: '', group_ids: [...bySource], joined: [], limit: 100 };
          const waiting = await requestRecords.listWaitingFor(tx, filter);
          expect(waiting.map(({ request }) => request.id).sort()).toEqual(expected.sort());
        });
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  },
  RUN_MS,
);
