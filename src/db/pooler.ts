// Does a pooler stand between us and PostgreSQL, and does it lend its connections for one transaction only? Told from what
// the connections say, since no pooler can be asked.

import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';
import { withConnection } from './connect.ts';

/** `session` keeps what a session holds: locks, listening. `transaction` does not. */
export type Pooling = 'none' | 'session' | 'transaction';

/** A pooler that is busy may give out another connection in between; so often it does not. */
const ROUNDS = 3;
/** Longer than a pooler takes that has a connection to lend. */
const ANSWER_MS_MAX = 3_000;

/** True when the connection speaks to PostgreSQL itself: a pooler answers with a key of its own. */
export async function isDirect(client: pg.Client): Promise<boolean> {
  return processIdOf(client) === (await backendOf(client));
}

/** The number that the other side gave itself when it was called; pg keeps it out of its types. */
export function processIdOf(client: pg.ClientBase): number | null {
  return (client as pg.ClientBase & { readonly processID: number | null }).processID;
}

/**
 * How the connections behind `client`, which is open to `url`, are lent. Throws for a pooler that lends by statement. One that
 * has none left to lend is taken for the kind that keeps nothing.
 */
export async function poolingOf(client: pg.Client, url: string): Promise<Pooling> {
  if (await isDirect(client)) return 'none';
  try {
    return await withConnection(url, 'placet pooler', (other) => compare(client, other));
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw error;
    return 'transaction';
  }
}

/** In a session the one keeps its connection whatever the other does; else they are seen to share or to change theirs. */
async function compare(client: pg.Client, other: pg.Client): Promise<Pooling> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await backendOf(client);
    await other.query(limited('begin'));
    const isShared = (await backendOf(other)) === before;
    // The other one holds the only connection, perhaps: it gives it back first.
    if (isShared) await other.query('rollback');
    if (isShared || (await backendOf(client)) !== before) return 'transaction';
    await other.query('rollback');
  }
  return 'session';
}

/** For work that a session must hold together: throws where each statement may get another connection. */
export async function requireSession(client: pg.Client, url: string, variable: string): Promise<void> {
  if ((await poolingOf(client, url)) !== 'transaction') return;
  const reason = 'a pooler lends its connections for one transaction only, so that no lock would be kept';
  const remedy = `let ${variable} lead to PostgreSQL itself`;
  throw new PlacetError('unavailable', { dependency: 'database', reason, remedy });
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(limited('select pg_backend_pid() as pid'));
  return rows[0]?.pid ?? 0;
}

function limited(text: string): pg.QueryConfig {
  return { text, query_timeout: ANSWER_MS_MAX } as pg.QueryConfig;
}
