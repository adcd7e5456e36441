// No row crosses a tenant (INV-9), and no row of the record changes once it is written (INV-3, INV-7), whoever tries but a
// superuser.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LockedTx } from '../../src/db/database.ts';
import * as requests from '../../src/db/requests.ts';
import * as tenants from '../../src/db/tenants.ts';
import { readRequest } from '../../src/service/agent/read.ts';
import { submit } from '../../src/service/agent/submit.ts';
import { decide } from '../../src/service/approver/decide.ts';
import { makeClick, makeSubmission, makeWorld, type World } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let world: World;
let request_id: string;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await makeWorld(database);
  const request = await submit(world.deps, world.caller, makeSubmission());
  await decide(world.deps, makeClick(request, 'ann'));
  request_id = request.id;
  await database.transact('other', (tx) => tenants.ensureTenant(tx));
});
afterAll(() => database.drop());

const tablesWithTenant = () =>
  database.asSuperuser<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' order by 1`,
  );

test('another tenant sees no row of any table, and without a tenant there is none at all (INV-9)', async () => {
  const tables = await tablesWithTenant();
  expect(tables.length).toBeGreaterThanOrEqual(17);
  const filled: string[] = [];
  for (const { name } of tables) {
    const own = await database.asSuperuser<{ n: number }>(
      `select count(*)::int as n from placet.${name} where tenant_id = 'default'`,
    );
    const seen = await database.transact('other', (tx) =>
      tx.query<{ n: number }>(`select count(*)::int as n from placet.${name}`),
    );
    expect({ name, seen: seen.rows[0]?.n }).toEqual({ name, seen: 0 });
    if ((own[0]?.n ?? 0) > 0) filled.push(name);
  }
  expect(filled).toEqual(
    expect.arrayContaining(['approval_requests', 'audit_events', 'decisions', 'grants', 'people']),
  );
});

test('another tenant cannot write into this one (INV-9)', async () => {
  const forged = database.transact('other', (tx) =>
    tx.query(`insert into placet.people (tenant_id, id, name) values ('default', 'prs_' || repeat('0', 36), 'Eve')`),
  );
  await expect(forged).rejects.toThrow(/row-level security/);
  const moved = await database.transact('other', (tx) =>
    requests.closeRequest(tx as LockedTx, request_id, 'cancelled'),
  );
  expect(moved).toBe(false);
});

test('an agent of another tenant gets not_found for an id that exists (INV-9)', async () => {
  const stranger = { ...world.caller, tenant_id: 'other' };
  await expect(readRequest(world.service, stranger, request_id)).rejects.toMatchObject({ code: 'not_found' });
});

test('a setting of one transaction does not leak into the next on the same connection (INV-9)', async () => {
  await database.transact('default', (tx) => tx.query('select 1 as one'));
  const rows = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      database.transact(index % 2 === 0 ? 'default' : 'other', async (tx) => {
        const { rows } = await tx.query<{ n: number }>('select count(*)::int as n from placet.decisions');
        return [index % 2, rows[0]?.n];
      }),
    ),
  );
  expect(new Set(rows.map(([tenant, n]) => `${tenant}:${n}`))).toEqual(new Set(['0:1', '1:0']));
});

test.each(['decisions', 'audit_events', 'policy_versions'])(
  'rows of %s stay as they were written, for the owner and in replica mode too (INV-3)',
  async (table) => {
    for (const mode of ['origin', 'replica']) {
      for (const verb of [
        `update placet.${table} set tenant_id = tenant_id`,
        `delete from placet.${table}`,
        `truncate placet.${table} cascade`,
      ]) {
        const tried = database.asSuperuser(`set session_replication_role = ${mode}; ${verb}`);
        await expect(tried).rejects.toThrow(/never changed or removed/);
      }
    }
    await database.asSuperuser('reset session_replication_role');
  },
);

test('a closed request never opens again, not even by SQL (INV-4)', async () => {
  const reopened = database.asSuperuser(
    `update placet.approval_requests set state = 'pending', closed_at = null where id = $1`,
    [request_id],
  );
  await expect(reopened).rejects.toThrow(/for good/);
});

test.each([
  ['the revision of a request never goes back', 'approval_requests', 'revision = revision - 1', /never goes back/],
  ['a grant is redeemed once: the time of it stays', 'grants', 'redeemed_at = null', /redeemed for good/],
  ['a grant is redeemed once: not again later', 'grants', 'redeemed_at = now()', /redeemed for good/],
])('%s, also for SQL by hand (INV-4, INV-6)', async (_title, table, change, message) => {
  await database.transact('default', (tx) =>
    tx.query('update placet.grants set redeemed_at = now(), redemptions = 1 where redeemed_at is null'),
  );
  const changed = database.transact('default', (tx) => tx.query(`update placet.${table} set ${change}`));
  await expect(changed).rejects.toThrow(message);
});

test('no lease is used after its end, also by SQL (INV-5)', async () => {
  const used = database.asSuperuser(
    `insert into placet.signing_keys (tenant_id, kid, public_jwk, private_sealed) values ('default', repeat('k', 43), '{}', '');
     insert into placet.leases (tenant_id, id, grant_id, request_id, digest, kid, state, issued_at, expires_at, used_at, ended_at)
     select tenant_id, 'lse_' || right(id, 36), id, request_id, digest, repeat('k', 43), 'used', now(), now() + interval '1 minute',
       now() + interval '1 minute', now() from placet.grants`,
  );
  await expect(used).rejects.toThrow(/leases_used_in_time/);
});
