// The plans of all statements, as a connection keeps them: made while the tables were empty, and made of full ones. None may
// walk the rows of its tenant to find a few.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { analyzeGrown } from '../../src/db/analyze.ts';
import type { Tx } from '../../src/db/database.ts';
import { TENANT } from '../support/database.ts';
import { type Door, openDoor } from '../threats/door.ts';
import { everyStatement } from '../threats/statements.ts';
import { describeVictim, type Victim } from '../threats/victim.ts';

const COPIES = 2_000;
/** What a list of a hundred may look at, and no more than a tenth of what is there. */
const VISITED_MAX = 200;
/**
 * These are made to walk: over all open requests page by page, over whatever is late, over the whole record, and over what is
 * approved when an operator corrects who is who; over what waits, when those who may decide are others; over what may still be
 * claimed or used, which all copies here may, when somebody looks for what is left; over all that the log has not settled, which
 * is all of it here, and over a tile or a page of it, of 256.
 */
const WALKING =
  /^(sweepQueries|contentViews\.countViolations|people\.countExecutedWithout|requests\.(touchOpenOf|listEscalatable)|requestRecords\.listRevocable|reach|analyze|log\.readHashes|loggedEvents\.list(Waiting|Walked))\b/;

let door: Door;
let victim: Victim;
const clients: pg.Client[] = [];
beforeAll(async () => {
  door = await openDoor();
  const { request, lease_id } = await door.claimed();
  victim = await describeVictim(door.database, request, lease_id);
  // Nobody but the product itself looks at the tables here.
  await door.database.asSuperuser(`do $$ declare name text; begin
    for name in select relname from pg_class where relnamespace = 'placet'::regnamespace and relkind = 'r' loop
      execute format('alter table placet.%I set (autovacuum_enabled = false)', name);
    end loop; end $$`);
});
afterAll(async () => {
  for (const client of clients) await client.end();
  await door.close();
});

/** A connection that keeps the plan of a statement for all its values, as ours do from its sixth run on. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: door.database.app_url });
  clients.push(client);
  await client.connect();
  await client.query('set plan_cache_mode = force_generic_plan');
  return client;
}

async function inTenant<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query(`begin; select set_config('placet.tenant_id', '${TENANT}', true)`);
  try {
    return await work();
  } finally {
    await client.query('rollback');
  }
}

type Prepared = { readonly name: string; readonly of: string; readonly values: readonly unknown[] };

/** Runs every statement once, so that the connection has its plan; nothing of it stays. */
async function prepareAll(client: pg.Client): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const { name: of, run } of everyStatement(victim)) {
    if (WALKING.test(of)) continue;
    await inTenant(client, async () => {
      const query: Tx['query'] = async <R>(text: string, values: readonly unknown[] = []) => {
        const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
        const { rows, rowCount } = await client.query({ name, text, values: [...values] });
        prepared.push({ name, of, values });
        return { rows: rows as R[], rowCount: rowCount ?? 0 };
      };
      const tx: Tx = { query, now: new Date(), tenant_id: TENANT, commitWith: (send) => send() };
      // What is refused here, since it would be there twice, is still planned.
      await run(tx).catch((error: unknown) => {
        if (!(error instanceof pg.DatabaseError)) throw error;
      });
    });
  }
  return prepared;
}

type Node = Readonly<Record<string, unknown>> & { readonly Plans?: readonly Node[] };

/** The most rows that one node of a plan looked at. */
function visitsOf(node: Node): number {
  const count = (name: string) => Number(node[name] ?? 0);
  const each = [
    'Actual Rows',
    'Rows Removed by Filter',
    'Rows Removed by Join Filter',
    'Rows Removed by Index Recheck',
  ];
  const own = each.reduce((sum, name) => sum + count(name), 0) * count('Actual Loops');
  return Math.max(own, ...(node.Plans ?? []).map(visitsOf));
}

/** Of each statement the most rows that a part of its plan looks at. */
async function visitsOfAll(client: pg.Client, prepared: readonly Prepared[]): Promise<Map<string, number>> {
  const visits = new Map<string, number>();
  for (const { name, of, values } of prepared) {
    await inTenant(client, async () => {
      const args = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
      const sql = `explain (analyze, timing off, format json) execute "${name}" ${args}`;
      const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(sql).catch(refused);
      const [plan] = rows[0]?.['QUERY PLAN'] ?? [];
      if (plan !== undefined) visits.set(of, Math.max(visits.get(of) ?? 0, visitsOf(plan.Plan)));
    });
  }
  return visits;
}

function refused(error: unknown): { rows: [] } {
  if (error instanceof pg.DatabaseError && /^23/.test(error.code ?? '')) return { rows: [] };
  throw error;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return `'${value.toISOString()}'`;
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`;
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((each) => JSON.stringify(textOf(each))).join(',')}}`);
  return pg.escapeLiteral(String(value));
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** Each table that grows with requests, and what is another one in each copy. */
const GROWING: readonly (readonly [table: string, changes: string])[] = [
  ['approval_requests', "'id', copy_id(t.id, n), 'idempotency_key', n::text"],
  ['decisions', "'id', copy_id(t.id, n), 'request_id', copy_id(t.request_id, n)"],
  ['grants', "'id', copy_id(t.id, n), 'request_id', copy_id(t.request_id, n)"],
  ['leases', "'id', copy_id(t.id, n), 'request_id', copy_id(t.request_id, n), 'grant_id', copy_id(t.grant_id, n)"],
  ['results', "'request_id', copy_id(t.request_id, n)"],
  ['content_views', "'request_id', copy_id(t.request_id, n)"],
  ['audit_events', "'id', copy_id(t.id, n), 'request_id', copy_id(t.request_id, n), 'position', t.position + n * 100"],
  ['slack_messages', "'id', copy_id(t.id, n), 'request_id', copy_id(t.request_id, n), 'ts', '2.' || n"],
];

/** Copies the victim's request, with all that hangs on it, so many times. */
async function fill(): Promise<void> {
  const client = new pg.Client({ connectionString: door.database.owner_url });
  await client.connect();
  try {
    await client.query(`create function pg_temp.copy_id(id text, n integer) returns text language sql as
      $$ select left(id, -6) || lpad(n::text, 6, '0') $$`);
    // Rows alone: no trigger tells of them.
    await client.query('set session_replication_role = replica');
    for (const [table, changes] of GROWING) {
      const key = table === 'approval_requests' ? 'id' : 'request_id';
      const changed = `jsonb_build_object(${changes.replaceAll('copy_id', 'pg_temp.copy_id')})`;
      await client.query(
        `insert into placet.${table} overriding system value
         select (jsonb_populate_record(null::placet.${table}, to_jsonb(t) || ${changed})).*
         from placet.${table} t, generate_series(1, ${COPIES}) as n where t.${key} = $1`,
        [victim.request_id],
      );
    }
    // Each event has its place in the log.
    await client.query(
      `insert into placet.log_leaves (tenant_id, index, position, leaf, hash, sequenced_at)
       select e.tenant_id, row_number() over (order by e.position) - 1, e.position, '\\x7b7d', sha256(''), now()
       from placet.audit_events e where e.tenant_id = $1`,
      [TENANT],
    );
  } finally {
    // Its end tells the server's statistics how many rows came.
    await client.end();
  }
}

const walkingIn = (visits: ReadonlyMap<string, number>) => [...visits].filter(([, visited]) => visited > VISITED_MAX);

test('no statement walks the rows of its tenant, neither planned on empty tables that have grown nor on full ones', async () => {
  const early = await connect();
  const prepared = await prepareAll(early);
  expect(new Set(prepared.map(({ of }) => of)).size).toBeGreaterThan(70);
  await fill();
  const analyzed = await door.database.transact(TENANT, analyzeGrown);
  expect(analyzed).toEqual(expect.arrayContaining(['approval_requests', 'grants', 'leases', 'slack_messages']));
  expect(walkingIn(await visitsOfAll(early, prepared))).toEqual([]);
  const late = await connect();
  expect(walkingIn(await visitsOfAll(late, await prepareAll(late)))).toEqual([]);
});

test('what has not grown since is not analyzed again', async () => {
  expect(await door.database.transact(TENANT, analyzeGrown)).toEqual([]);
});
