// One connection of its own for one piece of work: migrations, the self-test, the doctor's looks. Serving goes by the pool.

import pg from 'pg';

/** A server that does not answer is as good as away. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens a connection, does the work and closes it, however the work ends. */
export async function withConnection<T>(
  url: string,
  application_name: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // Lost between two statements, only this event tells of it, and unheard it would end the process. The next one fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
