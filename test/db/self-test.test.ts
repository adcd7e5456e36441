// The app's role can do nothing that it must not, and a role that can is refused at the start.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assertSafeRole } from '../../src/db/self-test.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('every forbidden verb is refused to the app role (INV-3, INV-7)', async () => {
  await expect(assertSafeRole(database.app_url)).resolves.toBeUndefined();
});

test('a login that is superuser is refused at the start, and told why', async () => {
  await expect(assertSafeRole(database.owner_url)).rejects.toMatchObject({ code: 'database_unsafe' });
});

test.each([
  ['update (reason)', 'decisions', 'update placet.decisions set reason = default where false'],
  ['update (owner_person_id)', 'agents', 'update placet.agents set owner_person_id = default where false'],
  ['update (position)', 'audit_events', 'update placet.audit_events set position = default where false'],
  ['update (private_sealed)', 'signing_keys', 'update placet.signing_keys set private_sealed = default where false'],
  ['delete', 'grants', 'delete from placet.grants where false'],
  ['truncate', 'leases', 'truncate placet.leases'],
])('a single privilege too many is found and named: %s on %s', async (verb, table, worked) => {
  await database.asSuperuser(`grant ${verb} on placet.${table} to placet_app`);
  await expect(assertSafeRole(database.app_url)).rejects.toMatchObject({ details: { worked: [worked] } });
  await database.asSuperuser(`revoke ${verb} on placet.${table} from placet_app`);
});

test('a table that a later migration adds is looked at too', async () => {
  await database.asSuperuser(
    `create table placet.later (tenant_id text); grant update, delete on placet.later to placet_app`,
  );
  await expect(assertSafeRole(database.app_url)).rejects.toMatchObject({
    details: {
      worked: ['update placet.later set tenant_id = default where false', 'delete from placet.later where false'],
    },
  });
  await database.asSuperuser('drop table placet.later');
});

test('every table of the schema forces row-level security with a tenant policy (INV-9)', async () => {
  const tables = await database.asSuperuser<{ relname: string; ok: boolean }>(
    `select c.relname, c.relrowsecurity and c.relforcerowsecurity
       and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'one_tenant') as ok
     from pg_class c where c.relnamespace = 'placet'::regnamespace and c.relkind = 'r' order by 1`,
  );
  expect(tables.length).toBeGreaterThanOrEqual(18);
  expect(tables.filter((table) => !table.ok)).toEqual([]);
});

test('the owner of the tables is no login, and is no superuser', async () => {
  const owners = await database.asSuperuser<{ owner: string; rolcanlogin: boolean; rolsuper: boolean }>(
    `select distinct r.rolname as owner, r.rolcanlogin, r.rolsuper from pg_class c join pg_roles r on r.oid = c.relowner
     where c.relnamespace = 'placet'::regnamespace`,
  );
  expect(owners).toEqual([{ owner: 'placet_owner', rolcanlogin: false, rolsuper: false }]);
});
