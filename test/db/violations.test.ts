// INV-10's two views find what must not be there: each kind of tampering, done by a superuser, is reported, and nothing else.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import * as contentViews from '../../src/db/content-views.ts';
import { decide } from '../../src/service/approver/decide.ts';
import {
  makeClick,
  makePolicy,
  makeRule,
  makeRuleFor,
  makeSubmission,
  makeWorld,
  personOf,
  type World,
} from '../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { switchTriggers } from '../support/triggers.ts';
import { createTestUseCases, type TestUseCases } from '../support/use-cases.ts';

let database: TestDatabase;
let world: World;
let api: TestUseCases;
beforeAll(async () => {
  database = await createTestDatabase();
  const free = makeRuleFor('free/*', { effect: 'allow', approvers: [] });
  world = await makeWorld(database, makePolicy([makeRule({ quorum: 2 }), free]));
  api = createTestUseCases(database);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});
/** Nothing of a test is left for the next: no request, every trigger on, and the record watched. */
afterEach(async () => {
  const tables = ['results', 'executions', 'leases', 'grants', 'escalations', 'decisions', 'approval_requests'];
  const empty = tables.map((table) => `delete from placet.${table}`);
  await database.asSuperuser([switchTriggers('disable', ''), ...empty, switchTriggers('enable always', '')].join(';'));
  await database.asSuperuser('call placet.watch_all()');
});

const violations = () => database.transact(TENANT, (tx) => contentViews.countViolations(tx));
const NEVER_REDEEMED = 'update placet.grants set redeemed_at = null, redemptions = 0, uses = 0';
const NONE = { executed_without_approval: 0, executed_twice: 0 };
/** Another id of the same kind: the last character differs. */
const OTHER_ID = `overlay(id placing case right(id, 1) when '0' then '1' else '0' end from 40)`;
const RESULT = { status: 'succeeded' as const, detail: null, result_digest: null };

/** Everything that may happen to a request, up to and with its result. */
async function run(changes = {}) {
  const request = await api.submit(world.caller, makeSubmission(changes));
  if (request.state === 'pending')
    for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(request, name));
  const { token, lease } = await api.claim(world.caller, request.id);
  await api.use({ lease_id: lease.id, token, digest: request.digest });
  await api.report({ caller: world.caller }, request.id, RESULT);
  return { id: request.id, lease_id: lease.id };
}

/** What somebody who may do anything switches off before they write: all triggers, for good or for a moment, or what refuses. */
const WAYS = [
  { way: 'with every trigger off', named: '', is_back: false, is_watched: false },
  { way: 'with every trigger off for that moment', named: '', is_back: true, is_watched: false },
  { way: 'with those off that refuse it', named: '^(append_only|guard_|RI_)', is_back: false, is_watched: true },
] as const;

const WATCHED = `select watched_by = placet.watchers() as is_watched, (select count(*)::integer from placet.doubts) as doubts
  from placet.tenants`;

/** Statements that only a superuser can run, with every guard off. */
async function tamper(...statements: string[]) {
  await database.asSuperuser([switchTriggers('disable', ''), ...statements].join(';'));
}

test('both are empty after honest work: pending, denied, approved, claimed, used, reported, allowed (INV-10)', async () => {
  await run();
  await run({ resource: 'free/1' });
  const denied = await api.submit(world.caller, makeSubmission());
  await decide(world.deps, makeClick(denied, 'ann', { decision: 'deny', reason: 'Not this one.' }));
  await api.submit(world.caller, makeSubmission());
  const failed = await api.submit(world.caller, makeSubmission());
  for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(failed, name));
  await api.report({ caller: world.caller }, failed.id, { ...RESULT, status: 'failed' });
  const started = await api.submit(world.caller, makeSubmission());
  for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(started, name));
  await api.start(world.caller, { id: started.id, idempotency_key: 'run', digest: started.digest });
  await api.report({ caller: world.caller }, started.id, RESULT);
  expect(await violations()).toEqual(NONE);
  // None of it was ever in doubt, so that the views have nothing to judge.
  expect(await database.asSuperuser('select request_id from placet.doubts')).toEqual([]);
});

describe('executed without approval is reported when (INV-1, INV-10)', () => {
  const OTHER = `'sha256:${'0'.repeat(64)}'`;
  const byOwner = `person_id = ${personOf('olga@example.com')}`;
  test.each([
    ['a decision is deleted', `delete from placet.decisions where account = 'T0ACME/U0BEN'`],
    [
      'a decision is turned into a denial',
      `update placet.decisions set decision = 'deny' where account = 'T0ACME/U0BEN'`,
    ],
    [
      'a decision was for another content',
      `update placet.decisions set digest = ${OTHER} where account = 'T0ACME/U0BEN'`,
    ],
    [
      'an approval is that of the owner (INV-2)',
      `update placet.decisions set ${byOwner} where account = 'T0ACME/U0BEN'`,
    ],
    ['the digest of the request is changed', `update placet.approval_requests set digest = ${OTHER}`],
    ['the digest of the lease is changed', `update placet.leases set digest = ${OTHER}`],
    ['the digest of the grant is changed', `update placet.grants set digest = ${OTHER}`],
    ['the request is made a denied one', `update placet.approval_requests set state = 'denied'`],
    [
      'the quorum is raised',
      `update placet.approval_requests set requirement = jsonb_set(requirement, '{stages,0,quorum}', '3')`,
    ],
    ['the requirement has no stage', `update placet.approval_requests set requirement = '{"stages": []}'`],
    ['the grant was not redeemed', NEVER_REDEEMED],
    [
      'somebody denied as well',
      `insert into placet.decisions select tenant_id, ${OTHER_ID}, request_id, stage,
         ${personOf('olga@example.com')}, 'deny', 'No.', digest, decided_at, via, 'T0ACME/U0CAT'
       from placet.decisions where account = 'T0ACME/U0BEN'`,
    ],
  ])('%s, whatever was switched off for it', async (_title, statement) => {
    const { id, lease_id } = await run();
    expect(await violations()).toEqual(NONE);
    const client = new pg.Client({ connectionString: database.owner_url });
    await client.connect();
    const rowsOf = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
    for (const { way, named, is_back, is_watched } of WAYS) {
      await client.query('begin');
      await client.query(switchTriggers('disable', named));
      await client.query(statement);
      if (is_back) await client.query(switchTriggers('enable always', named));
      const [watched] = await rowsOf(WATCHED);
      const found = await rowsOf('select request_id, lease_id from placet.executed_without_approval');
      expect({ way, watched, found }).toEqual({
        way,
        watched: expect.objectContaining({ is_watched }),
        found: expect.arrayContaining([{ request_id: id, lease_id }]),
      });
      await client.query('rollback');
    }
    await client.end();
  });

  test.each(['pending', 'denied', 'expired', 'cancelled'])(
    'a result stands for a request that is %s',
    async (state) => {
      const request = await api.submit(world.caller, makeSubmission());
      await tamper(
        `update placet.approval_requests set state = '${state}', closed_at = ${state === 'pending' ? 'null' : 'now()'}`,
        `insert into placet.results values ('${TENANT}', '${request.id}', 'failed', null, null, now())`,
      );
      const rows = await database.asSuperuser('select request_id, lease_id from placet.executed_without_approval');
      expect(rows).toEqual([{ request_id: request.id, lease_id: null }]);
      expect(await violations()).toEqual({ ...NONE, executed_without_approval: 1 });
    },
  );
});

test('what was begun without a credential is seen by both, before its result is told (INV-10)', async () => {
  const request = await api.submit(world.caller, makeSubmission());
  for (const name of ['ann', 'ben']) await decide(world.deps, makeClick(request, name));
  await api.start(world.caller, { id: request.id, idempotency_key: 'run', digest: request.digest });
  expect(await violations()).toEqual(NONE);
  const seen = { ...NONE, executed_without_approval: 1 };
  await tamper(NEVER_REDEEMED);
  expect(await violations()).toEqual(seen);
  const redeemed = 'update placet.grants set redeemed_at = now(), redemptions = 1';
  await tamper(redeemed, 'alter table placet.executions disable trigger all');
  expect(await violations()).toEqual(NONE);
  await tamper(`update placet.executions set digest = 'sha256:other'`);
  expect(await violations()).toEqual(seen);
  await tamper(`update placet.executions set digest = '${request.digest}'`);
  await tamper(`delete from placet.decisions where account = 'T0ACME/U0BEN'`);
  expect(await violations()).toEqual(seen);
  const { id } = await run();
  await tamper(
    'alter table placet.executions disable trigger all',
    `insert into placet.executions (tenant_id, request_id, idempotency_key, digest, started_at)
     select tenant_id, id, 'again', digest, now() from placet.approval_requests where id = '${id}'`,
  );
  expect(await violations()).toMatchObject({ executed_twice: 1 });
});

test('executed twice is reported when a second lease of the request was used (INV-6, INV-10)', async () => {
  const { id } = await run();
  await tamper(
    `insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at, used_at, ended_at, use)
     select tenant_id, ${OTHER_ID}, grant_id, request_id, digest, kid, state, issued_at, expires_at, used_at, ended_at, 2
     from placet.leases`,
  );
  const uses = await database.asSuperuser('select request_id, uses::int from placet.executed_twice');
  expect(uses).toEqual([{ request_id: id, uses: 2 }]);
  await tamper('update placet.grants set uses_max = 2');
  expect((await violations()).executed_twice).toBe(0);
});

test('where the record was not watched, the view judges one by one only what is not plainly approved, and finds that by no look-up for each lease', async () => {
  await run();
  const plan = await database.transact(TENANT, async (tx) => {
    // Of a few rows a walk through them is the cheapest way, whatever it would be of many.
    for (const way of ['nestloop', 'indexscan', 'bitmapscan', 'indexonlyscan', 'memoize']) {
      await tx.query(`set local enable_${way} = off`);
    }
    const { rows } = await tx.query<{ 'QUERY PLAN': string }>(
      'explain (analyze, costs off, timing off, summary off, buffers off) select * from placet.executed_without_approval_in_all',
    );
    return rows.map((row) => row['QUERY PLAN']);
  });
  expect(plan.some((line) => line.includes('SubPlan') || line.includes('never executed'))).toBe(true);
  // What looks at people and accounts as they are now was not run at all: the request is plainly approved.
  const scans = plan.filter(
    (line) => / on (approval_requests|decisions) \w*/.test(line) && !line.includes('never executed'),
  );
  expect(scans.length).toBeLessThanOrEqual(4);
  expect(scans.every((line) => line.includes('loops=1)'))).toBe(true);
  expect((await database.asSuperuser('select request_id from placet.plainly_approved')).length).toBe(1);
});

test('the views look at what is in doubt, and at no other row, however long the record is (INV-10)', async () => {
  for (let made = 0; made < 3; made += 1) await run();
  const plan = await database.transact(TENANT, async (tx) => {
    const lines: string[] = [];
    for (const view of ['executed_without_approval', 'executed_twice']) {
      const explain = 'explain (analyze, costs off, timing off, summary off, buffers off)';
      const { rows } = await tx.query<{ 'QUERY PLAN': string }>(`${explain} select * from placet.${view}`);
      lines.push(...rows.map((row) => row['QUERY PLAN']));
    }
    return lines;
  });
  const read = plan.filter((line) => / on \w+/.test(line) && line.includes('actual') && !line.includes('SELECT'));
  const tables = read.map((line) => / on ([a-z_]+?)(?:_pkey)?\b/.exec(line)?.[1]);
  expect(new Set(tables)).toEqual(new Set(['doubts', 'tenants']));
});

test('an operator who finds that the record was not watched has it read once, and from then on it is (INV-10)', async () => {
  await run();
  await tamper(NEVER_REDEEMED);
  await database.asSuperuser(switchTriggers('enable always', ''));
  expect(await database.asSuperuser(WATCHED)).toEqual([{ is_watched: false, doubts: 0 }]);
  await database.asSuperuser('call placet.watch_all()');
  expect(await database.asSuperuser(WATCHED)).toEqual([{ is_watched: true, doubts: 1 }]);
  expect(await violations()).toEqual({ ...NONE, executed_without_approval: 1 });
});
