// Does a pooler stand between us and PostgreSQL, and does it lend its connections for one transaction only? Told from what
// the connections say, since no pooler can be asked.

import type pg from 'pg';
import { PlacetError } from '../domain/errors.ts';
import { withConnection } from './connect.ts';

/** `session` keeps what a session holds: locks, listening. `transaction` does not. */
export type Pooling = 'none' | 'session' | 'transaction';

/** A pooler that is busy may give out another connection in between; so often it does not. */
const ROUNDS = 3;

/** True when the connection speaks to PostgreSQL itself: a pooler answers with a key of its own. */
export async function isDirect(client: pg.Client): Promise<boolean> {
  return processIdOf(client) === (await backendOf(client));
}

/** The number that the other side gave itself when it was called; pg keeps it out of its types. */
export function processIdOf(client: pg.ClientBase): number | null {
  return (client as pg.ClientBase & { readonly processID: number | null }).processID;
}

/** How the connections behind `client`, which is open to `url`, are lent: in vain for a pooler that lends by statement. */
export async function poolingOf(client: pg.Client, url: string): Promise<Pooling> {
  if (await isDirect(client)) return 'none';
  return withConnection(url, 'placet pooler', async (other) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await backendOf(client);
      await other.query('begin');
      const theirs = await backendOf(other);
      const after = await backendOf(client);
      await other.query('rollback');
      if (theirs === before || after !== before) return 'transaction';
    }
    return 'session';
  });
}

/** For work that a session must hold together: throws where each statement may get another connection. */
export async function requireSession(client: pg.Client, url: string, variable: string): Promise<void> {
  if ((await poolingOf(client, url)) !== 'transaction') return;
  const reason = 'a pooler lends its connections for one transaction only, so that no lock would be kept';
  const remedy = `let ${variable} lead to PostgreSQL itself`;
  throw new PlacetError('unavailable', { dependency: 'database', reason, remedy });
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}
