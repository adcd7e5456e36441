// The pool and the one way to reach Postgres: a transaction inside one tenant. Knows no table.

import { createHash } from 'node:crypto';
import pg from 'pg';
import { PlacetError } from '../domain/errors.ts';
import { reachOf } from './connect.ts';
import { processIdOf } from './pooler.ts';
import { release, requireWriter, send, takeWriter } from './writer.ts';

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
  /**
   * Sends the last statements of a transaction and its commit with them, in one round trip: for changes that are decided in
   * the statement itself, because nothing can be taken back after it. What `send` does not send at once is refused.
   */
  readonly commitWith: <T>(send: () => Promise<T>) => Promise<T>;
};

declare const LOCKED: unique symbol;

/**
 * A transaction in which the lock was asked for in the same round trip: what is sent goes behind it, and its moment is the
 * statement's own.
 */
export type LockingTx = Pick<Tx, 'query' | 'tenant_id'> & { readonly [LOCKED]: true };

/** A transaction that holds the lock of its request. Only `lockRequest` makes one: what changes a request asks for it. */
export type LockedTx = Tx & { readonly [LOCKED]: true };

export type Transact = <T>(tenant_id: string, work: (tx: Tx) => Promise<T>) => Promise<T>;

export type AgentByKey = {
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly environment: string;
  readonly owner_person_id: string;
  readonly behind_people: readonly string[];
  readonly key_id: string;
};

export type Database = {
  readonly transact: Transact;
  /** The agent of this tenant whose key has the hash; one of another tenant is as unknown as any. */
  readonly findAgentByKey: (tenant_id: string, hash: Uint8Array) => Promise<AgentByKey | null>;
  /** Throws unless this login can write its record now: a standby answers reads too. */
  readonly requireWritable: () => Promise<void>;
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
    ...reachOf(options.url),
    max: options.max,
    application_name: options.application_name,
    // No setting of the session goes with it: a pooler refuses those that it does not know, and shares the session.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Statements that are sent together are run in their order and cost one round trip.
    pipeline: true,
  });
  pool.on('error', options.onError);
  return {
    transact: (tenant_id, work) => transact(pool, tenant_id, work),
    findAgentByKey: (tenant_id, hash) => findAgentByKey(pool, tenant_id, hash),
    requireWritable: () => requireWritable(pool),
    close: () => pool.end(),
  };
}

async function transact<T>(pool: pg.Pool, tenant_id: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { client, value: begun } = await takeWriter(pool, (taken) => begin(taken, tenant_id));
  const state: State = { isOpen: true, isCommitted: false };
  try {
    const value = await runWork(client, { ...begun, tenant_id, state }, work);
    if (!state.isCommitted) await commit(client);
    return value;
  } catch (error) {
    // It waits its turn behind every statement that was sent, so nothing of this transaction is under way after it.
    if (!state.isCommitted) await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    release(client);
  }
}

type Begun = { readonly now: Date; readonly is_direct: boolean };
/** Once it was sent to be committed it is over, whichever way that goes. */
type State = { isOpen: boolean; isCommitted: boolean };

/** Runs the work with a transaction that ends with it, however it ends. */
async function runWork<T>(
  client: pg.PoolClient,
  { now, is_direct, tenant_id, state }: Begun & { readonly tenant_id: string; readonly state: State },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const query: Tx['query'] = (text, values) => {
    if (!state.isOpen) return Promise.reject(tooLate());
    return send(client, values === undefined ? text : statement({ text, values: [...values] }, is_direct));
  };
  const commitWith: Tx['commitWith'] = async (sendLast) => {
    if (!state.isOpen) throw tooLate();
    const sent = sendLast();
    Object.assign(state, { isOpen: false, isCommitted: true });
    const [value, committed] = await Promise.allSettled([sent, commit(client)]);
    // Where a statement failed, nothing was committed, and why is its error.
    if (value.status === 'rejected') throw value.reason;
    if (committed.status === 'rejected') throw committed.reason;
    return value.value;
  };
  try {
    return await work({ query, now, tenant_id, commitWith });
  } finally {
    state.isOpen = false;
  }
}

function tooLate(): PlacetError {
  return new PlacetError('internal', {}, new Error('a statement was sent after the end of its transaction'));
}

/** Begins, sets the tenant and the limits, and reads the time in one round trip; the tenant is quoted, never put in raw. */
async function begin(client: pg.PoolClient, tenant_id: string): Promise<Begun> {
  const sql = `begin; select set_config('placet.tenant_id', ${client.escapeLiteral(tenant_id)}, true),
    set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true),
    set_config('idle_in_transaction_session_timeout', '${STATEMENT_TIMEOUT_MS}', true),
    now() as now, pg_backend_pid() as pid, current_setting('transaction_read_only') = 'on' as is_read_only`;
  type Row = { readonly now: Date; readonly pid: number; readonly is_read_only: boolean };
  const [, second] = await send<[unknown, pg.QueryResult<Row>]>(client, sql);
  const row = second.rows[0];
  if (row === undefined) throw new PlacetError('internal', {}, new Error('begin gave no time'));
  requireWriter(client, row);
  const is_direct = processIdOf(client) === row.pid;
  direct.set(client, is_direct);
  return { now: row.now, is_direct };
}

/** Commits. Where a statement failed and nobody looked, Postgres rolls back and answers so, without an error. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await send<pg.QueryResult>(client, 'commit');
  if (command === 'COMMIT') return;
  throw new PlacetError('internal', {}, new Error('a failed statement was passed over: nothing was committed'));
}

/** One statement outside of a transaction that begins and ends with it. Its limit is kept on this side. */
async function ask<R extends { readonly is_read_only: boolean }>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<R> {
  const { client, value } = await takeWriter(pool, async (taken) => {
    const limited = { text, values: [...values], query_timeout: STATEMENT_TIMEOUT_MS };
    const { rows } = await send<pg.QueryResult<R>>(taken, statement(limited, direct.get(taken) === true));
    const [row] = rows;
    if (row === undefined) throw new PlacetError('internal', {}, new Error('a question had no answer'));
    requireWriter(taken, row);
    return row;
  });
  release(client);
  return value;
}

async function findAgentByKey(pool: pg.Pool, tenant_id: string, hash: Uint8Array): Promise<AgentByKey | null> {
  const sql = `select k.tenant_id, k.agent_id, k.name, k.environment, k.owner_person_id, k.behind_people, k.key_id,
    current_setting('transaction_read_only') = 'on' as is_read_only
    from (select) as one left join placet.find_agent_by_key($1, $2) k on true`;
  type Row = { readonly [K in keyof AgentByKey]: AgentByKey[K] | null } & { readonly is_read_only: boolean };
  const { is_read_only, ...agent } = await ask<Row>(pool, sql, [tenant_id, Buffer.from(hash)]);
  return agent.agent_id === null ? null : (agent as AgentByKey);
}

async function requireWritable(pool: pg.Pool): Promise<void> {
  const sql = `select current_setting('transaction_read_only') = 'on' as is_read_only,
    has_table_privilege('placet.approval_requests', 'insert') as may_insert`;
  const { may_insert } = await ask<{ readonly is_read_only: boolean; readonly may_insert: boolean }>(pool, sql);
  if (!may_insert) throw new PlacetError('unavailable', { dependency: 'database' });
}

/** Connections by whether they speak to PostgreSQL itself; not known before the first transaction. */
const direct = new WeakMap<pg.PoolClient, boolean>();

/** Names of statements by their text: at most as many as src/db holds, since no text is put together at run time. */
const names = new Map<string, string>();
/** Enough of a digest that no two texts share it; PostgreSQL keeps 63 characters of a name. */
const NAME_DIGITS = 32;

/**
 * A statement that each connection parses and plans once: for the larger ones that is most of their cost. Behind a pooler it
 * has no name, because the connection that knows it serves others too. The name is the text's own, so that whoever gets a
 * connection of another process all the same finds under it what it means.
 */
function statement(query: pg.QueryConfig, is_direct: boolean): pg.QueryConfig {
  if (!is_direct) return query;
  const { text } = query;
  const name = names.get(text) ?? `placet_${createHash('sha256').update(text).digest('hex').slice(0, NAME_DIGITS)}`;
  names.set(text, name);
  return { ...query, name };
}
