// The one way to Postgres, when the connection itself goes away.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase } from '../../src/db/database.ts';
import { hasCode } from '../../src/domain/errors.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a connection that is lost within a transaction fails that transaction, not the process, and the next one succeeds', async () => {
  const lost = database.transact(TENANT, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.asSuperuser('select pg_terminate_backend($1)', [rows[0]?.pid]);
    const left = 'select 1 from pg_stat_activity where pid = $1';
    await until(async () => (await database.asSuperuser(left, [rows[0]?.pid])).length === 0);
    // Nothing of ours is under way while the news of the end arrives: only an event can tell of it.
    await database.requireWritable();
    return tx.query('select 1 as one');
  });
  await expect(lost.catch((error: unknown) => hasCode(error, 'unavailable'))).resolves.toBe(true);
  await expect(database.transact(TENANT, (tx) => tx.query('select 1 as one'))).resolves.toMatchObject({ rowCount: 1 });
});

test('whoever waits for a connection gets it in the order of asking: of two hundred at once, nobody is passed over', async () => {
  const one = openDatabase({ url: database.app_url, max: 1, application_name: 'test', onError: () => undefined });
  const served: number[] = [];
  const asking = Array.from({ length: 200 }, (_, place) => one.transact(TENANT, async () => void served.push(place)));
  await Promise.all(asking);
  await one.close();
  expect(served).toEqual(asking.map((_, place) => place));
});
