// Requests with stages as rows alone, in whatever state: their decisions, added groups, leases, and who people turned out to be.

import fc from 'fast-check';
import pg from 'pg';
import type { Tx } from '../../src/db/database.ts';
import { CLICK } from '../../src/db/record-parts.ts';
import * as requestRecords from '../../src/db/request-records.ts';
import type { ClickRecord } from '../../src/domain/request/record.ts';
import type { Stage } from '../../src/domain/request/request.ts';
import { newId } from '../../src/process/wiring.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { makePerson, makePolicy, makeRule, makeSubmission, makeWorld } from '../support/builders.ts';
import { createTestDatabase, TENANT } from '../support/database.ts';

const REQUESTS = 8;
export const NAMES = ['ann', 'ben', 'cat', 'dan'] as const;
const LISTED = ['one', 'two', 'three'] as const;

const groupPlaces = fc.subarray([0, 1, 2], { minLength: 1 });
const shape = fc.record({
  stages: fc.array(
    fc.record({
      groups: groupPlaces,
      quorum: fc.integer({ min: 1, max: 2 }),
      is_each: fc.constantFrom(false, false, true),
      stand_in: fc.constantFrom(null, null, null, 0, 2),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  is_distinct: fc.constantFrom(true, true, false),
  excluded: fc.subarray([...NAMES], { maxLength: 1 }),
  added: fc.constantFrom(null, null, { stage: 0, group: 2 }, { stage: 1, group: 0 }),
  decisions: fc.uniqueArray(
    fc.record({
      stage: fc.constantFrom(0, 0, 1, 2),
      by: fc.constantFrom(...NAMES),
      choice: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'deny'),
      is_other_digest: fc.integer({ min: 0, max: 9 }).map((number) => number === 7),
      groups: fc.option(groupPlaces, { freq: 6 }),
      // In whose place it was made, and the groups that this gave.
      steads: fc.oneof(
        { weight: 7, arbitrary: fc.constant(null) },
        {
          weight: 1,
          arbitrary: fc.array(fc.record({ by: fc.constantFrom(...NAMES), groups: groupPlaces }), { maxLength: 2 }),
        },
      ),
    }),
    { maxLength: 7, selector: ({ stage, by }) => `${stage}${by}` },
  ),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;
export const facts = fc.record({
  merged: fc.option(fc.constantFrom(...NAMES.slice(1)), { freq: 3 }),
  moved: fc.option(fc.constantFrom(...NAMES), { freq: 3 }),
});
type Facts = typeof facts extends fc.Arbitrary<infer F> ? F : never;

const accountOf = (name: string) => `T0ACME/U0${name.toUpperCase()}`;

export const worlds = fc.array(shape, { minLength: REQUESTS, maxLength: REQUESTS });

/** The rows of some requests, which may be stored again and again. */
export async function openStagedRows() {
  const database = await createTestDatabase();
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
  const world = await makeWorld(database, { ...policy, approver_groups });
  const idOf = async (name: string) => [name, await makePerson(world.service, `${name}@example.com`)] as const;
  const people: ReadonlyMap<string, string> = new Map(await Promise.all(NAMES.map(idOf)));
  const ids: string[] = [];
  for (let made = 0; made < REQUESTS; made += 1)
    ids.push((await submit(world.deps, world.caller, makeSubmission())).id);
  const client = new pg.Client({ connectionString: database.owner_url });
  await client.connect();
  const { rows } = await client.query<{ id: string }>('select id from placet.approver_groups order by name');
  const group_ids = rows.map(({ id }) => id);
  await client.query('set session_replication_role = replica');
  // What would refuse these rows is off; what watches them is on.
  await client.query(`do $$ declare each text; begin
    for each in select format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname)
      from pg_trigger t where t.tgname ~ '^(append_only|guard_)' loop
      execute each;
    end loop; end $$`);

  function requirementOf({ stages, is_distinct, added }: Shape) {
    const to = [{ group_id: group_ids[added?.group ?? 0] ?? '', name: 'added' }];
    const named = (places: readonly number[]) =>
      places.map((place) => ({ group_id: group_ids[place] ?? '', name: `group ${place}` }));
    const all: readonly Stage[] = stages.map(({ groups: places, quorum, is_each, stand_in }, index) => ({
      ...(added?.stage === index ? { escalate: { after_seconds: 86_400, to } } : {}),
      approvers: named(places),
      ...(stand_in === null ? {} : { stand_ins: { approvers: named([stand_in]), for: named(places.slice(0, 1)) } }),
      quorum: is_each ? Math.max(quorum, places.length) : quorum,
      ...(is_each ? { each: true as const } : {}),
    }));
    return { stages: all, ...(is_distinct ? {} : { distinct_stages: false as const }) };
  }

  function steadsOf({ steads }: Shape['decisions'][number]): string | null {
    const rows = steads?.map(({ by, groups: places }) => ({
      person_id: people.get(by),
      group_ids: places.map((place) => group_ids[place]),
    }));
    return rows === undefined ? null : JSON.stringify(rows);
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
         (tenant_id, id, request_id, stage, person_id, decision, digest, via, account, decided_at, group_ids, once_in, stands_in_for)
       select tenant_id, $2, id, $3::integer, $4, $5, case when $6 then 'sha256:' || repeat('0', 64) else digest end, 'slack', $7, now() - interval '1 minute', $8,
         case when $9 then -1 else $3::integer end, $10::jsonb
       from placet.approval_requests where id = $1 on conflict do nothing`,
        [
          id,
          newId('decision'),
          made.stage,
          people.get(made.by),
          made.choice,
          made.is_other_digest,
          accountOf(made.by),
        ].concat([made.groups?.map((place) => group_ids[place]) ?? null, at.is_distinct, steadsOf(made)] as never[]),
      );
    }
    if (
      at.added !== null &&
      at.added.stage < at.stages.length &&
      !at.stages[at.added.stage]?.groups.includes(at.added.group)
    ) {
      const sql = `insert into placet.escalations values ($1, $2, $3, $4, 'added', now())`;
      await client.query(sql, [TENANT, id, at.added.stage, group_ids[at.added.group]]);
    }
    if (state === 'pending') return;
    await client.query(
      `with g as (insert into placet.grants (tenant_id, id, request_id, digest, credential, created_at, claim_expires_at, redeemed_at, redemptions)
       select tenant_id, $2, id, digest, '{}', now(), now() + interval '1 hour', now(), 1 from placet.approval_requests where id = $1
       returning tenant_id, id, request_id, digest)
     insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at)
     select tenant_id, $3, id, request_id, digest, 'kid', 'active', now() + interval '1 hour', now() + interval '65 minutes' from g`,
      [id, newId('grant'), newId('lease')],
    );
  }

  async function storeAll(shapes: readonly Shape[], known: Facts, state: 'pending' | 'approved'): Promise<void> {
    for (const table of ['leases', 'grants', 'escalations', 'decisions', 'person_identities'])
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

  const close = async () => {
    await client.end();
    await database.drop();
  };
  return { database, people, group_ids, ids, storeAll, restore, readAll, close };
}
