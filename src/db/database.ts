// The pool and the one way to reach Postgres: a transaction inside one tenant. Knows no table.

import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';

/** A statement that runs longer than this is a fault, not work: all of ours are indexed and small. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** Waiting for a free connection longer than this means that the database is down or drowned. */
const CONNECT_TIMEOUT_MS = 8_000;

export type QueryResult<R> = { readonly rows: R[]; readonly rowCount: number };

/**
 * An open transaction; `now` is its one time, taken from Postgres so that replicas agree: its begin, or when its lock was
 * got. Once it has ended `query` refuses: the connection may be in another transaction by then, of another tenant.
 */
export type Tx = {
  readonly query: <R>(text: string, values?: readonly unknown[]) => Promise<QueryResult<R>>;
  readonly now: Date;
  readonly tenant_id: string;
};

declare const LOCKED: unique symbol;

/** A transaction that holds the lock of its request. Only `lockRequest` makes one: what changes a request asks for it. */
export type LockedTx = Tx & { readonly [LOCKED]: true };

export type Transact = <T>(tenant_id: string, work: (tx: Tx) => Promise<T>) => Promise<T>;

export type AgentByKey = {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly environment: string;
  readonly owner_person_id: string;
  readonly key_id: string;
};

export type Database = {
  readonly transact: Transact;
  /** The agent of this tenant whose key has the hash; one of another tenant is as unknown as any. */
  readonly findAgentByKey: (tenant_id: string, hash: Uint8Array) => Promise<AgentByKey | null>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens a pool. `onError` hears of idle connections that died; they are replaced by themselves. */
export function openDatabase(options: {
  readonly url: string;
  readonly max: number;
  readonly application_name: string;
  readonly onError: (error: Error) => void;
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    application_name: options.application_name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    // Statements that are sent together are run in their order and cost one round trip.
    pipeline: true,
  });
  pool.on('error', options.onError);
  return {
    transact: (tenant_id, work) => transact(pool, tenant_id, work),
    findAgentByKey: async (tenant_id, hash) => {
      const sql =
        'select tenant_id, agent_id, name, environment, owner_person_id, key_id from placet.find_agent_by_key($1, $2)';
      return (await ask<AgentByKey>(pool, sql, [tenant_id, Buffer.from(hash)])).rows[0] ?? null;
    },
    ping: async () => void (await ask(pool, 'select 1 as one')),
    close: () => pool.end(),
  };
}

async function transact<T>(pool: pg.Pool, tenant_id: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  // A connection may be lost between two statements, when only this event tells of it; unheard, it would end the process.
  // The next statement fails by itself.
  client.on('error', ignore);
  try {
    const value = await runWork(client, tenant_id, work);
    await commit(client);
    return value;
  } catch (error) {
    // It waits its turn behind every statement that was sent, so nothing of this transaction is under way after it.
    await client.query('rollback').catch(ignore);
    throw error;
  } finally {
    client.off('error', ignore);
    // Only a connection that says that it is in no transaction is used again.
    client.release(client.getTransactionStatus() !== 'I');
  }
}

function ignore(): void {}

/** Runs the work with a transaction that ends with it, however it ends. */
async function runWork<T>(client: pg.PoolClient, tenant_id: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  let isOpen = true;
  const now = await begin(client, tenant_id);
  const query: Tx['query'] = (text, values) => (isOpen ? runQuery(client, text, values) : Promise.reject(tooLate()));
  try {
    return await work({ query, now, tenant_id });
  } finally {
    isOpen = false;
  }
}

function tooLate(): PlacetError {
  return new PlacetError('internal', {}, new Error('a statement was sent after the end of its transaction'));
}

/** Begins, sets the tenant and reads the time in one round trip; the tenant is quoted, never concatenated raw. */
async function begin(client: pg.PoolClient, tenant_id: string): Promise<Date> {
  const sql = `begin; select set_config('placet.tenant_id', ${client.escapeLiteral(tenant_id)}, true), now() as now`;
  const results: unknown = await runQuery(client, sql);
  const [, second] = results as [unknown, { rows: { now: Date }[] }];
  const now = second.rows[0]?.now;
  if (now === undefined) throw new PlacetError('internal', {}, new Error('begin gave no time'));
  return now;
}

/** Commits. Where a statement failed and nobody looked, Postgres rolls back and answers so, without an error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const answer: unknown = await runQuery(client, 'commit');
  if ((answer as pg.QueryResult).command === 'COMMIT') return;
  throw new PlacetError('internal', {}, new Error('a failed statement was passed over: nothing was committed'));
}

async function runQuery<R>(client: pg.PoolClient, text: string, values?: readonly unknown[]): Promise<QueryResult<R>> {
  try {
    const result = values === undefined ? await client.query(text) : await client.query(prepared(text, values));
    return result as unknown as QueryResult<R>;
  } catch (error) {
    throw isTransport(error) ? unavailable(error) : error;
  }
}

async function ask<R>(pool: pg.Pool, text: string, values: readonly unknown[] = []): Promise<QueryResult<R>> {
  try {
    return (await pool.query(prepared(text, values))) as unknown as QueryResult<R>;
  } catch (error) {
    throw isTransport(error) ? unavailable(error) : error;
  }
}

/** Names of statements by their text: at most as many as src/db holds, since no text is put together at run time. */
const names = new Map<string, string>();

/** A statement that each connection parses and plans once: for the larger ones that is most of their cost. */
function prepared(text: string, values: readonly unknown[]): { name: string; text: string; values: unknown[] } {
  const name = names.get(text) ?? `placet_${names.size}`;
  names.set(text, name);
  return { name, text, values: [...values] };
}

function unavailable(cause: unknown): PlacetError {
  return new PlacetError('unavailable', { dependency: 'database' }, cause);
}

/** True when Postgres could not be reached, went away or is too busy; an answer such as a constraint is not. */
function isTransport(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return /^(08|53|57|25P03|40001|40P01|55P03)/.test(error.code ?? '');
}
