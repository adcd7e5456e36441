// The app's role can do nothing that it must not, and a role that can is refused at the start.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assertSafeRole, FORBIDDEN } from '../../src/db/self-test.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('every forbidden verb is refused to the app role (INV-3, INV-7)', async () => {
  expect(FORBIDDEN.length).toBeGreaterThan(40);
  await expect(assertSafeRole(database.app_url)).resolves.toBeUndefined();
});

test('a login that is superuser is refused at the start, and told why', async () => {
  await expect(assertSafeRole(database.owner_url)).rejects.toMatchObject({ code: 'database_unsafe' });
});

test('a single privilege too many is found and named', async () => {
  await database.asSuperuser('grant update (reason) on placet.decisions to placet_app');
  await database.asSuperuser('grant delete on placet.grants to placet_app');
  await expect(assertSafeRole(database.app_url)).rejects.toMatchObject({
    details: { worked: ['delete from placet.grants'] },
  });
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
