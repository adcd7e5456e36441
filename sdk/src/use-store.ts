// Where a tool that does not ask the API keeps what was spent: a store that all of its processes share. Each key is taken once.

/** Takes a key once: true for the first who asks, false for all after, until the time is over. May fail; then nothing runs. */
export type UseStore = {
  readonly takeOnce: (key: string, until: Date) => Promise<boolean>;
};

/** A pool of `pg`: a client that is inside a transaction of yours would give the key back when that is rolled back. */
type Queries = {
  readonly query: (text: string, values: unknown[]) => Promise<{ readonly rowCount: number | null }>;
};

/** The table of `createPostgresStore`, for your migrations. */
export const USE_STORE_TABLE =
  'create table if not exists placet_uses (key text primary key, until timestamptz not null)';

/**
 * In PostgreSQL, in the table of USE_STORE_TABLE: the row count of one insert decides. Takes a pool of `pg`. Rows whose `until`
 * is over may be deleted at any time.
 */
export function createPostgresStore(pool: Queries): UseStore {
  const sql = 'insert into placet_uses (key, until) values ($1, $2) on conflict (key) do nothing';
  return { takeOnce: async (key, until) => (await pool.query(sql, [key, until])).rowCount === 1 };
}

type Command = (command: readonly string[]) => Promise<unknown>;

/**
 * In Redis, by one `SET … NX PX`, which forgets by itself. `send` sends one command: `(all) => client.sendCommand(all)` of
 * `redis`, `([name, ...rest]) => client.call(name, ...rest)` of `ioredis`. A Redis that may lose writes, or that evicts keys,
 * allows a second use.
 */
export function createRedisStore({ send }: { readonly send: Command }): UseStore {
  return {
    // For so long, not until then: a Redis whose clock is ahead would forget a key at once.
    takeOnce: async (key, until) => {
      const kept_ms = Math.max(1, until.getTime() - Date.now());
      return (await send(['SET', key, '1', 'NX', 'PX', String(kept_ms)])) === 'OK';
    },
  };
}
