// Holds a row while a test's other transactions come to wait for it, so that a race has one outcome and no timing.
import pg from 'pg';
import type { TestDatabase } from './database.ts';
import { until } from './wait.ts';

/** The row ($1) that each change of a request locks first. */
export const HOLD_REQUEST = 'select from placet.approval_requests where id = $1 for update';

/** Holds what `hold` locks, starts `work`, runs `beforeCommit` once that waits for a lock, and commits; what `work` gave. */
export async function whileLocked<T>(
  database: TestDatabase,
  steps: { readonly hold: string; readonly beforeCommit?: string; readonly values?: readonly unknown[] },
  work: () => Promise<T>,
): Promise<T> {
  const { values = [] } = steps;
  const client = await holdLock(database, steps.hold, values);
  try {
    const working = work();
    await Promise.race([working.catch(() => undefined), until(() => isSomeoneWaiting(database))]);
    if (steps.beforeCommit !== undefined) await client.query(steps.beforeCommit, [...values]);
    await client.query('commit');
    return await working;
  } finally {
    await client.end();
  }
}

/** Holds what the statement locks, in a transaction of the connection that it gives, until that ends. */
export async function holdLock(
  { owner_url }: Pick<TestDatabase, 'owner_url'>,
  hold: string,
  values: readonly unknown[],
): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: owner_url });
  // A server that is stopped meanwhile takes the lock with it.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(hold, [...values]);
  return client;
}

/** Whether a connection of this database waits for a lock: any, or one of the application whose name is like that. */
export async function isSomeoneWaiting(
  database: Pick<TestDatabase, 'asSuperuser'>,
  application = '%',
): Promise<boolean> {
  return (await countWaiting(database, application)) > 0;
}

/** How many of them wait. */
export async function countWaiting(
  { asSuperuser }: Pick<TestDatabase, 'asSuperuser'>,
  application = '%',
): Promise<number> {
  const rows = await asSuperuser(
    `select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and application_name like $1`,
    [application],
  );
  return rows.length;
}
