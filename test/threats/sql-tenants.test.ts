// No statement and no SQL function reaches another tenant's rows (INV-9): each is tried with that tenant's ids, honestly
// from the own tenant, and by code that lies about its tenant while the transaction is another's.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Tx } from '../../src/db/database.ts';
import * as groups from '../../src/db/groups.ts';
import * as identities from '../../src/db/identities.ts';
import * as leases from '../../src/db/leases.ts';
import * as messages from '../../src/db/messages.ts';
import * as people from '../../src/db/people.ts';
import { CARD } from '../../src/db/record-parts.ts';
import * as requestRecords from '../../src/db/request-records.ts';
import * as signingKeys from '../../src/db/signing-keys.ts';
import * as tenants from '../../src/db/tenants.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick } from '../support/builders.ts';
import { TENANT } from '../support/database.ts';
import { type Door, openDoor } from './door.ts';
import { everyStatement } from './statements.ts';
import { describeVictim, type Victim } from './victim.ts';

const OTHER = 'other';

let door: Door;
let victim: Victim;
beforeAll(async () => {
  door = await openDoor();
  await door.database.transact(OTHER, (tx) => tenants.ensureTenant(tx));
  const { request, lease_id } = await door.claimed();
  await decide(door.world.deps, makeClick(await door.ask(), 'ben'));
  await door.ask();
  victim = await describeVictim(door.database, request, lease_id);
});
afterAll(() => door.close());

const asVictim = <T>(work: (tx: Tx) => Promise<T>) => door.database.transact(TENANT, work);

/** One digest over every row that the victim has in any table. */
async function snapshot(): Promise<unknown> {
  const tables = await door.database.asSuperuser<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' order by 1`,
  );
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*)::int as rows, md5(string_agg(t::text, ',' order by t::text)) as digest
       from placet.${name} t where tenant_id = '${TENANT}'`,
  );
  return door.database.asSuperuser(parts.join(' union all '));
}

const IDS: readonly (keyof Victim)[] = [
  ...(['request_id', 'grant_id', 'lease_id', 'kid', 'agent_id', 'person_id', 'group_id', 'message_id'] as const),
  'policy_id',
];

type Outcome = { readonly answer: string; readonly refusal: string | null };

/** Runs one statement in the other tenant and commits; what the database refuses is part of the outcome. */
async function attempt(isLying: boolean, statement: (tx: Tx) => Promise<unknown>): Promise<Outcome> {
  try {
    const answer = await door.database.transact(OTHER, (tx) => statement(isLying ? { ...tx, tenant_id: TENANT } : tx));
    return { answer: JSON.stringify(answer) ?? '', refusal: null };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { answer: '', refusal: error.code ?? '' };
  }
}

/** Foreign keys and uniqueness are per tenant; 42501 is row-level security; 23001 a trigger that sees no such row. */
const REFUSALS = ['23001', '23503', '23505', '42501'];

test.each([
  ['honestly', false],
  ['by code that lies about its tenant', true],
])('no statement of src/db shows or changes a row of another tenant, tried %s', async (_how, isLying) => {
  const all = everyStatement(victim);
  expect(all.length).toBeGreaterThanOrEqual(70);
  for (const { name, run } of all) {
    const before = await snapshot();
    const { answer, refusal } = await attempt(isLying, run);
    for (const id of IDS) expect([name, answer]).toEqual([name, expect.not.stringContaining(String(victim[id]))]);
    if (refusal !== null) expect([name, REFUSALS]).toEqual([name, expect.arrayContaining([refusal])]);
    expect([name, await snapshot()]).toEqual([name, before]);
  }
});

test('the same statements do reach these rows from their own tenant, so the ids are the right ones', async () => {
  const { request_id, lease_id, message_id, group_id, person_id, agent_id, place, kid } = victim;
  const seen = await asVictim(async (tx) => ({
    record: (await requestRecords.readRequestRecord(tx, request_id, CARD))?.request.id,
    lease: (await leases.readLease(tx, lease_id))?.id,
    message: (await messages.findByPlace(tx, place.channel_id, place.ts))?.id,
    groups: (await groups.findGroupsByName(tx, [victim.group_name])).map(({ id }) => id),
    people: (await people.listPeople(tx, [person_id])).map(({ id }) => id),
    requests: (await requestRecords.listByAgent(tx, { agent_id, state: null, before: null, limit: 9 })).length,
    kids: (await signingKeys.listPublicKeys(tx)).map((key) => key.kid),
    account: (await identities.listLastLinks(tx, [victim.subject]))[0]?.person_id,
  }));
  expect(seen).toMatchObject({
    ...{ record: request_id, lease: lease_id, message: message_id, groups: [group_id], people: [person_id] },
    ...{ requests: 3, account: person_id, kids: expect.arrayContaining([kid]) },
  });
});

test('no SQL function gives anything of another tenant away, but an agent to whoever has its key and its tenant', async () => {
  const functions = await door.database.asSuperuser<{ name: string; kind: string; is_definer: boolean; owner: string }>(
    `select proname as name, prokind as kind, prosecdef as is_definer, pg_get_userbyid(proowner) as owner from pg_proc
     where pronamespace = 'placet'::regnamespace and has_function_privilege('placet_app', oid, 'execute')
       and prorettype <> 'trigger'::regtype order by 1`,
  );
  // Definer's rights are those of a role that row-level security binds, never those of the login that migrated.
  const owner = 'placet_owner';
  // A new function needs a line here, and a test of what it gives away.
  expect(functions).toEqual([
    { name: 'analyze_grown', kind: 'f', is_definer: true, owner },
    { name: 'current_tenant', kind: 'f', is_definer: false, owner },
    { name: 'find_agent_by_key', kind: 'f', is_definer: true, owner },
    { name: 'judge_doubts', kind: 'f', is_definer: true, owner },
    { name: 'source_of', kind: 'f', is_definer: false, owner },
    { name: 'stages_at', kind: 'f', is_definer: false, owner },
    { name: 'watchers', kind: 'f', is_definer: false, owner },
  ]);
  const asOther = (sql: string) => door.database.transact(OTHER, async (tx) => (await tx.query(sql)).rows);
  expect(await asOther('select placet.current_tenant() as tenant')).toEqual([{ tenant: OTHER }]);
  const [request] = await door.database.asSuperuser<{ id: string }>('select id from placet.approval_requests limit 1');
  for (const tenant of [TENANT, OTHER])
    expect(await asOther(`select * from placet.stages_at('${tenant}', '${request?.id}', 'infinity')`)).toEqual([]);
  // What is in doubt is looked at for the tenant of the transaction, and without one there is nothing to look at.
  await door.database.asSuperuser(
    `insert into placet.doubts (tenant_id, request_id) values ('${TENANT}', '${request?.id}')`,
  );
  expect(await asOther(`select placet.judge_doubts('', 10) as last`)).toEqual([{ last: null }]);
  expect(await door.database.asSuperuser('delete from placet.doubts returning request_id')).toHaveLength(1);
  // Of the triggers every tenant has the same.
  expect(await asOther('select placet.watchers() as seal')).toEqual([
    { seal: expect.stringMatching(/^[0-9a-f]{32}$/) },
  ]);
  // It answers names of tables, of which every tenant has the same.
  expect(await asOther('select placet.analyze_grown() as analyzed')).toEqual([{ analyzed: expect.any(Array) }]);
  // Whoever has the key and knows its tenant may know whose it is; a hash that is near, empty or NULL finds nobody.
  const [key] = await door.database.asSuperuser<{ hash: Buffer }>('select secret_hash as hash from placet.agent_keys');
  const hex = key?.hash.toString('hex') ?? '';
  const find = (tenant: string, hash: string) => asOther(`select * from placet.find_agent_by_key(${tenant}, ${hash})`);
  expect(await find(`'${TENANT}'`, `'\\x${hex}'`)).toHaveLength(1);
  for (const tenant of [`'${OTHER}'`, `''`, 'null', `'%'`]) expect(await find(tenant, `'\\x${hex}'`)).toEqual([]);
  for (const hash of [`'\\x${hex.slice(0, -2)}00'`, `'\\x'`, 'null', `'\\x${'00'.repeat(32)}'`]) {
    expect(await find(`'${TENANT}'`, hash)).toEqual([]);
  }
});

test('every view looks with the rights of whoever asks, so row-level security holds there too (INV-9)', async () => {
  const views = await door.database.asSuperuser<{ name: string; kind: string; is_invoker: boolean }>(
    `select relname as name, relkind as kind, 'security_invoker=true' = any (coalesce(reloptions, '{}')) as is_invoker
     from pg_class where relnamespace = 'placet'::regnamespace and relkind not in ('r', 'i', 'S', 't', 'c') order by 1`,
  );
  expect(views.length).toBeGreaterThanOrEqual(2);
  // A materialized view or a partitioned table holds rows of all tenants, and row-level security is not for it.
  for (const view of views) expect(view).toEqual({ name: view.name, kind: 'v', is_invoker: true });
});

test('the views of INV-10 and the statistics of the planner show a tenant its own rows only', async () => {
  await door.database.asSuperuser('analyze placet.people');
  const rows = await door.database.transact(OTHER, async (tx) => {
    const { rows: counted } = await tx.query<{ n: number }>(
      `select (select count(*) from placet.executed_without_approval) + (select count(*) from placet.executed_twice) as n`,
    );
    const { rows: stats } = await tx.query(
      `select tablename from pg_stats where schemaname = 'placet' and (most_common_vals is not null or histogram_bounds is not null)`,
    );
    return { counted, stats };
  });
  expect(rows).toEqual({ counted: [{ n: '0' }], stats: [] });
});
