// Holds a row while a test's other transactions come to wait for it, so that a race has one outcome and no timing.
import pg from 'pg';
import type { TestDatabase } from './database.ts';
import { until } from './processes.ts';

/** Holds what `hold` locks, starts `work`, runs `beforeCommit` once that waits for a lock, and commits; what `work` gave. */
export async function whileLocked<T>(
  database: TestDatabase,
  steps: { readonly hold: string; readonly beforeCommit?: string; readonly values?: readonly unknown[] },
  work: () => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: database.owner_url });
  await client.connect();
  try {
    const values = [...(steps.values ?? [])];
    await client.query('begin');
    await client.query(steps.hold, values);
    const working = work();
    await Promise.race([working.catch(() => undefined), until(() => isSomeoneWaiting(database))]);
    if (steps.beforeCommit !== undefined) await client.query(steps.beforeCommit, values);
    await client.query('commit');
    return await working;
  } finally {
    await client.end();
  }
}

async function isSomeoneWaiting(database: TestDatabase): Promise<boolean> {
  const rows = await database.asSuperuser(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length > 0;
}
