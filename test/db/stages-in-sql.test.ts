// Which stages are full stands in TypeScript and in SQL: random rows show that both say the same, for lists, the claim and the
// views of INV-10.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import type { Tx } from '../../src/db/database.ts';
import * as groups from '../../src/db/groups.ts';
import { CLICK } from '../../src/db/record-parts.ts';
import * as requestRecords from '../../src/db/request-records.ts';
import { canDecide } from '../../src/domain/request/decision.ts';
import type { ClickRecord } from '../../src/domain/request/record.ts';
import type { Stage } from '../../src/domain/request/request.ts';
import { isMet, progressAt } from '../../src/domain/request/stages.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { makePerson, makePolicy, makeRule, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';

const REQUESTS = 8;
const RUNS = 40;
const RUN_MS = 180_000;
const NAMES = ['ann', 'ben', 'cat', 'dan'] as const;
const LISTED = ['one', 'two', 'three'] as const;

let database: TestDatabase;
let world: World;
let client: pg.Client;
let ids: string[];
let people: ReadonlyMap<string, string>;
let group_ids: readonly string[];
beforeAll(async () => {
  database = await createTestDatabase();
  const policy = makePolicy([
    makeRule({ approvers: [], stages: LISTED.map((name) => ({ approvers: [name], quorum: 1 })) }),
  ]);
  const members = (...names: string[]) => names.map((name) => `${name}@example.com`);
  const group = (...names: string[]) => ({ members: members(...names), slack_user_group: null, channel: 'C0PAYMENTS' });
  const approver_groups = {
    one: group('ann', 'ben', 'cat'),
    two: group('ben', 'cat', 'dan'),
    three: group('ann', 'dan'),
  };
  world = await makeWorld(database, { ...policy, approver_groups });
  const idOf = async (name: string) => [name, await makePerson(world.service, `${name}@example.com`)] as const;
  people = new Map(await Promise.all(NAMES.map(idOf)));
  ids = [];
  for (let made = 0; made < REQUESTS; made += 1)
    ids.push((await submit(world.deps, world.caller, makeSubmission())).id);
  client = new pg.Client({ connectionString: database.owner_url });
  await client.connect();
  const { rows } = await client.query<{ id: string }>('select id from placet.approver_groups order by name');
  group_ids = rows.map(({ id }) => id);
  await client.query('set session_replication_role = replica');
  const tables = 'approval_requests decisions grants leases person_identities people'.split(' ');
  for (const table of tables) await client.query(`alter table placet.${table} disable trigger user`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const groupPlaces = fc.subarray([0, 1, 2], { minLength: 1 });
const shape = fc.record({
  stages: fc.array(
    fc.record({
      groups: groupPlaces,
      quorum: fc.integer({ min: 1, max: 2 }),
      is_each: fc.constantFrom(false, false, true),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  is_distinct: fc.constantFrom(true, true, false),
  excluded: fc.subarray([...NAMES], { maxLength: 1 }),
  decisions: fc.uniqueArray(
    fc.record({
      stage: fc.constantFrom(0, 0, 1, 2),
      by: fc.constantFrom(...NAMES),
      choice: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'deny'),
      is_other_digest: fc.integer({ min: 0, max: 9 }).map((number) => number === 7),
      groups: fc.option(groupPlaces, { freq: 6 }),
    }),
    { maxLength: 7, selector: ({ stage, by }) => `${stage}${by}` },
  ),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;
const facts = fc.record({
  merged: fc.option(fc.constantFrom(...NAMES.slice(1)), { freq: 3 }),
  moved: fc.option(fc.constantFrom(...NAMES), { freq: 3 }),
});
type Facts = typeof facts extends fc.Arbitrary<infer F> ? F : never;

const accountOf = (name: string) => `T0ACME/U0${name.toUpperCase()}`;
function requirementOf({ stages, is_distinct }: Shape) {
  const all: readonly Stage[] = stages.map(({ groups: places, quorum, is_each }) => ({
    approvers: places.map((place) => ({ group_id: group_ids[place] ?? '', name: `group ${place}` })),
    quorum: is_each ? Math.max(quorum, places.length) : quorum,
    ...(is_each ? { each: true as const } : {}),
  }));
  return { stages: all, ...(is_distinct ? {} : { distinct_stages: false as const }) };
}

/** Rows alone, in whatever state: an approved request with its lease, so that both views look at it. */
async function store(id: string, at: Shape, state: 'pending' | 'approved'): Promise<void> {
  await client.query(
    `update placet.approval_requests set state = $2, requirement = $3, excluded_people = $4, created_at = now() - interval '1 hour',
       closed_at = case when $2 = 'pending' then null else now() end, expires_at = now() + interval '1 hour' where id = $1`,
    [id, state, JSON.stringify(requirementOf(at)), at.excluded.map((name) => people.get(name))],
  );
  for (const made of at.decisions.filter(({ stage }) => stage < at.stages.length)) {
    await client.query(
      `insert into placet.decisions
         (tenant_id, id, request_id, stage, person_id, decision, digest, via, account, decided_at, group_ids, once_in)
       select tenant_id, $2, id, $3::integer, $4, $5, case when $6 then 'sha256:' || repeat('0', 64) else digest end, 'slack', $7, now() - interval '1 minute', $8,
         case when $9 then -1 else $3::integer end
       from placet.approval_requests where id = $1 on conflict do nothing`,
      [
        id,
        newId('decision'),
        made.stage,
        people.get(made.by),
        made.choice,
        made.is_other_digest,
        accountOf(made.by),
      ].concat([made.groups?.map((place) => group_ids[place]) ?? null, at.is_distinct] as never[]),
    );
  }
  if (state === 'pending') return;
  await client.query(
    `with g as (insert into placet.grants (tenant_id, id, request_id, digest, credential, created_at, claim_expires_at, redeemed_at)
       select tenant_id, $2, id, digest, '{}', now(), now() + interval '1 hour', now() from placet.approval_requests where id = $1
       returning tenant_id, id, request_id, digest)
     insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at)
     select tenant_id, $3, id, request_id, digest, 'kid', 'active', now() + interval '1 hour', now() + interval '65 minutes' from g`,
    [id, newId('grant'), newId('lease')],
  );
}

async function storeAll(shapes: readonly Shape[], known: Facts, state: 'pending' | 'approved'): Promise<void> {
  for (const table of ['leases', 'grants', 'decisions', 'person_identities'])
    await client.query(`delete from placet.${table}`);
  await client.query('update placet.people set merged_into = null');
  if (known.merged !== null) {
    const pair = [people.get(known.merged), people.get('ann')];
    await client.query('update placet.people set merged_into = $2 where id = $1', pair);
    await client.query('update placet.person_emails set person_id = $2 where person_id = $1', pair);
  }
  for (const name of NAMES) {
    const link = `insert into placet.person_identities (tenant_id, provider, subject, person_id, linked_by, from_at, until_at)
      values ($1, 'slack', $2, $3, 'policy', now() + make_interval(days => $4), $5)`;
    const isMoved = known.moved === name;
    await client.query(link, [TENANT, accountOf(name), people.get(name), -1, isMoved ? new Date() : null]);
    if (isMoved) await client.query(link, [TENANT, accountOf(name), world.caller.owner_person_id, 0, null]);
  }
  for (const [place, id] of ids.entries()) await store(id, shapes[place] as Shape, state);
}

async function restore(): Promise<void> {
  await client.query('update placet.people set merged_into = null');
  const sql = 'update placet.person_emails set person_id = $1 where address = $2';
  for (const name of NAMES) await client.query(sql, [people.get(name), `${name}@example.com`]);
}

async function readAll(tx: Tx): Promise<ClickRecord[]> {
  const records: ClickRecord[] = [];
  for (const id of ids) {
    const record = await requestRecords.readRequestRecord(tx, id, CLICK);
    if (record !== null) records.push(record);
  }
  return records;
}

const worlds = fc.array(shape, { minLength: REQUESTS, maxLength: REQUESTS });

test(
  'which stages are full, and what was executed without approval, is what the rule says, over random rows (INV-1, INV-2, INV-10)',
  async () => {
    let met = 0;
    const property = fc.asyncProperty(worlds, facts, async (shapes, known) => {
      await storeAll(shapes, known, 'approved');
      await database.transact(TENANT, async (tx) => {
        const idsIn = async (view: string) =>
          (await tx.query<{ id: string }>(`select request_id as id from placet.${view} order by 1`)).rows.map(
            ({ id }) => id,
          );
        const [bad, plain] = [await idsIn('executed_without_approval'), await idsIn('plainly_approved')];
        const records = await readAll(tx);
        const hasApproval = ({ request, decisions }: ClickRecord) =>
          isMet(request, decisions) && !decisions.some(({ decision }) => decision === 'deny');
        for (const { request, decisions } of records) {
          const { rows } = await tx.query<{ is_full: boolean }>(
            `select is_full from placet.stages_at($1, $2, 'infinity') order by stage`,
            [TENANT, request.id],
          );
          const full = request.requirement?.stages.map(
            (_stage, index) => progressAt(request, decisions, index).is_full,
          );
          expect(rows.map(({ is_full }) => is_full)).toEqual(full);
        }
        const approved = records.filter(hasApproval).map(({ request }) => request.id);
        met += approved.length;
        expect(bad).toEqual([...ids].filter((id) => !approved.includes(id)).sort());
        expect(plain.filter((id) => !approved.includes(id))).toEqual([]);
      });
      await restore();
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(met).toBeGreaterThan(RUNS / 2);
  },
  RUN_MS,
);

test(
  'a request waits for exactly those whose click would count in the stage that is open, over random rows (INV-1, INV-2)',
  async () => {
    let waiting = 0;
    const property = fc.asyncProperty(worlds, facts, fc.constantFrom(...NAMES), async (shapes, known, name) => {
      await storeAll(shapes, { ...known, moved: null }, 'pending');
      const person_id = (known.merged === name ? people.get('ann') : people.get(name)) ?? '';
      await database.transact(TENANT, async (tx) => {
        const expected: string[] = [];
        const isPossible = ({ request, decisions }: ClickRecord) =>
          !isMet(request, decisions) && !decisions.some(({ decision }) => decision === 'deny');
        const records = (await readAll(tx)).filter(isPossible);
        for (const { request, decisions } of records) {
          const listed = await groups.listMemberships(tx, group_ids, [person_id]);
          const mine = listed.map(({ group_id }) => group_id);
          const facts_now = { person_id, via: 'slack', is_active: true, was_behind: false, group_ids: mine } as const;
          const approver = { ...facts_now, account: 'T0ACME/U0NEW' };
          const shown = { shown_digest: request.digest, shown: 'whole', reason: null } as const;
          const stages = [0, 1, 2].map(
            (shown_stage) => ({ approver, decision: 'approve', ...shown, shown_stage }) as const,
          );
          if (stages.some((attempt) => canDecide(request, decisions, attempt, tx.now).kind === 'counted'))
            expected.push(request.id);
        }
        const found = await requestRecords.listWaitingFor(tx, { person_id, slack_user_groups: [], limit: 100 });
        const ours = found
          .map(({ request }) => request.id)
          .filter((id) => records.some(({ request }) => request.id === id));
        waiting += ours.length;
        expect(ours.sort()).toEqual(expected.sort());
      });
      await restore();
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(waiting).toBeGreaterThan(RUNS / 2);
  },
  RUN_MS,
);
