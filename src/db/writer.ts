// Lends connections of the pool that can write. One that is dead or read-only is thrown away and another one taken, so that
// after a failover no old connection is kept, however steady the traffic.

import type pg from 'pg';
import { PlacetError } from '../domain/errors.ts';
import { endsConnection, faultOf } from './database-faults.ts';

/** A fault that somebody must mend is not gone in two seconds. */
const THEIRS_RETRY_SECONDS = 10;

/** Connections that were lent before. */
const used = new WeakSet<pg.PoolClient>();
/** Connections that failed in a way that may be their own. */
const spent = new WeakSet<pg.PoolClient>();

type Lent<T> = { readonly client: pg.PoolClient; readonly value: T };

/**
 * Takes a connection and does the first thing with it, which may be done again: a used connection that fails at it is
 * replaced, until one succeeds or a new one fails too. Whoever gets it gives it back with `release`.
 */
export async function takeWriter<T>(pool: pg.Pool, first: (client: pg.PoolClient) => Promise<T>): Promise<Lent<T>> {
  for (;;) {
    const client = await pool.connect().catch((error: unknown) => {
      throw unavailable(error);
    });
    // A connection may be lost between two statements, when only this event tells of it; unheard, it would end the process.
    // The next statement fails by itself.
    client.on('error', ignore);
    const isNew = !used.has(client);
    used.add(client);
    try {
      return { client, value: await first(client) };
    } catch (error) {
      release(client);
      if (isNew || !spent.has(client)) throw error;
    }
  }
}

/** Only a connection that may serve again, and that says that it is in no transaction, is kept. */
export function release(client: pg.PoolClient): void {
  client.off('error', ignore);
  client.release(spent.has(client) || client.getTransactionStatus() !== 'I');
}

/** Sends a statement; its error is told as the table of faults has it. */
export async function send<T>(client: pg.PoolClient, query: string | pg.QueryConfig): Promise<T> {
  try {
    return (await client.query(query)) as T;
  } catch (error) {
    if (endsConnection(error)) spent.add(client);
    throw toDatabaseError(error);
  }
}

/** Refuses a connection that is read-only before anything is tried with it: what it reads may be old, too. */
export function requireWriter(client: pg.PoolClient, { is_read_only }: { readonly is_read_only: boolean }): void {
  if (!is_read_only) return;
  spent.add(client);
  const reason = 'this PostgreSQL takes no writes: it is a standby, or its sessions are read-only';
  const remedy = 'let the URL lead to the primary, and look at default_transaction_read_only there';
  throw unavailable(new PlacetError('unavailable', { dependency: 'database', reason, remedy }));
}

function toDatabaseError(error: unknown): unknown {
  switch (faultOf(error)) {
    case 'ours':
      return error;
    case 'theirs':
      return unavailable(error, { retry_after_seconds: THEIRS_RETRY_SECONDS });
    case 'again':
      return unavailable(error);
  }
}

function unavailable(cause: unknown, details = {}): PlacetError {
  return new PlacetError('unavailable', { dependency: 'database', ...details }, cause);
}

function ignore(): void {}
