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
import { dueNow, isOutcomeStale, pendingWorkOf, staleCards } from '../../src/domain/work/pending-work.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { makePerson, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

const [REQUESTS, RUNS] = [12, 25];
const TABLES = 'approval_requests outbox decisions grants leases executions results slack_messages'.split(' ');
const RUN_MS = 120_000;
const CHANNELS = ['C0PAYMENTS', 'C0DBA'] as const;
const NAMES = ['ann', 'ben', 'cat', 'dan'] as const;

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

/** Seconds from now; never so near that the time of the test itself matters. */
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((tens) => tens * 10 + 5);

const message = fc.record({
  kind: fc.constantFrom('card', 'outcome'),
  channel: fc.constantFrom(...CHANNELS),
  state: fc.constantFrom('posting', 'posted', 'posted', 'failed'),
  revision: fc.integer({ min: 1, max: 3 }),
  drawn_s: seconds(-60, -1),
  again_s: fc.option(seconds(-20, 20)),
});

const shape = fc.record({
  state: fc.constantFrom('pending', 'approved', 'approved', 'approved', 'denied', 'expired', 'cancelled'),
  closed_s: seconds(-60, -10),
  expires_s: seconds(-30, 60),
  claim_s: fc.option(seconds(-50, 30)),
  lease: fc.option(
    fc.record({ state: fc.constantFrom('active', 'used', 'expired', 'revoked'), ends_s: seconds(-40, 30) }),
  ),
  has_started: fc.boolean(),
  has_result: fc.boolean(),
  messages: fc.uniqueArray(message, {
    maxLength: 4,
    selector: ({ kind, channel }) => kind + (kind === 'card' ? channel : ''),
  }),
  decided: fc.option(fc.record({ by: fc.constantFrom(...NAMES), at_s: seconds(-25, -10) })),
  excluded: fc.subarray([...NAMES], { maxLength: 2 }),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

async function store(id: string, at: Shape): Promise<void> {
  const isApproved = at.state === 'approved';
  const lease = isApproved && at.claim_s !== null ? at.lease : null;
  await client.query(
    `update placet.approval_requests set state = $2, revision = 2, created_at = now() - interval '1 hour',
       closed_at = case when $2 = 'pending' then null else now() + make_interval(secs => $3) end,
       expires_at = now() + make_interval(secs => $4), excluded_people = $5 where id = $1`,
    [id, at.state, at.closed_s, at.expires_s, at.excluded.map((name) => people.get(name))],
  );
  if (at.decided !== null) {
    await client.query(
      `insert into placet.decisions (tenant_id, id, request_id, stage, person_id, decision, digest, via, account, decided_at)
       select tenant_id, $2, id, 0, $3, 'approve', digest, 'slack', $4, now() + make_interval(secs => $5)
       from placet.approval_requests where id = $1`,
      [id, newId('decision'), people.get(at.decided.by), `T0ACME/U0${at.decided.by.toUpperCase()}`, at.decided.at_s],
    );
  }
  if (isApproved && at.claim_s !== null) {
    await client.query(
      `insert into placet.grants (tenant_id, id, request_id, digest, credential, created_at, claim_expires_at, redeemed_at)
       select tenant_id, $2, id, digest, '{}', now(), now() + make_interval(secs => $3), $4
       from placet.approval_requests where id = $1`,
      [id, newId('grant'), at.claim_s, lease === null ? null : new Date()],
    );
  }
  if (lease !== null) {
    await client.query(
      `insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at, used_at, ended_at)
       select tenant_id, $2, 'grt' || id, id, digest, 'kid', $3, e - interval '5 min', e,
         case when $3 = 'used' then e - interval '4 min' end, case when $3 <> 'active' then e end
       from placet.approval_requests, lateral (select now() + make_interval(secs => $4) as e) as t where id = $1`,
      [id, newId('lease'), lease.state, lease.ends_s],
    );
  }
  // An approval is one run: begun without a credential, or by the claim of one.
  if (isApproved && at.has_started && lease === null) {
    await client.query(
      `insert into placet.executions (tenant_id, request_id, idempotency_key, digest, started_at)
       select tenant_id, id, 'run', digest, now() from placet.approval_requests where id = $1`,
      [id],
    );
  }
  if (isApproved && at.has_result) {
    await client.query(
      `insert into placet.results (tenant_id, request_id, status, reported_at) values ($1, $2, 'succeeded', now())`,
      [TENANT, id],
    );
  }
  const owner = world.caller.owner_person_id;
  // Nobody is told how it ended before it has.
  for (const each of at.messages.filter(({ kind }) => kind === 'card' || at.state !== 'pending')) {
    await client.query(
      `insert into placet.slack_messages (tenant_id, id, request_id, kind, destination, state, ts, revision, updated_at, next_attempt_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), now() + make_interval(secs => $10))`,
      [TENANT, newId('message'), id, each.kind, each.kind === 'card' ? each.channel : owner, each.state]
        .concat([each.state === 'posted' ? `${Math.random()}` : null] as string[])
        .concat([each.revision, each.drawn_s, each.again_s] as never[]),
    );
  }
}

async function storeAll(shapes: readonly Shape[]): Promise<void> {
  for (const table of TABLES.slice(1)) await client.query(`delete from placet.${table}`);
  for (const [place, id] of ids.entries()) await store(id, shapes[place] as Shape);
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
          if (record.request.state === 'pending') return record.decisions.length > 0 && isBehind;
          return cards.length > 0 || isOutcomeStale(record, sent, tx.now);
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
          for (const { record } of await readAll(tx)) {
            const deciding = record.groups.map(({ id }) => id);
            const listed = await groups.listMemberships(tx, deciding, [person_id]);
            const bySlack = record.groups.filter((group) => slack_user_groups.includes(group.slack_user_group ?? ''));
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
            const shown = { shown_digest: record.request.digest, shown: 'whole', reason: null } as const;
            const attempt = { approver, decision: 'approve', ...shown } as const;
            const verdict = canDecide(record.request, record.decisions, attempt, tx.now);
            if (verdict.kind === 'counted') expected.push(record.request.id);
          }
          const filter = { person_id, slack_user_groups, limit: 100 };
          const waiting = await requestRecords.listWaitingFor(tx, filter);
          expect(waiting.map(({ request }) => request.id).sort()).toEqual(expected.sort());
        });
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  },
  RUN_MS,
);
