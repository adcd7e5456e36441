// Hears what Postgres tells: "this request changed", "the outbox has work". One connection, any number of waiters.
// Behind a pooler that lends its connections by transaction nothing is told: then who waits looks often instead.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { leave, reachOf, withConnection } from './connect.ts';
import { type Pooling, poolingOf } from './pooler.ts';

/** After a lost connection: try again after this long, doubled up to the limit. */
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 5_000;
/** A server that does not answer is as good as away. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Silent this long, the connection is probed, so that a server that vanished without a word is noticed. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** So often it is looked whether the server still takes writes: one that does not any more tells nothing, and stays silent. */
const LOOK_EVERY_MS = 10_000;
/** Where nothing is told, each wait ends this soon, so that its row is read again: a decision is late by as much. */
const UNTOLD_MS = 2_000;
/** A pooler may be set otherwise, or taken out of the way. */
const UNTOLD_RETRY_MS = 60_000;
/** A notification comes within milliseconds of its transaction, or not at all. */
const TRIED_MS_MAX = 3_000;

export type WaitEnd = 'changed' | 'timeout';

export type Listener = {
  /** Resolves at the first change of `key` (tenant/request id), on reconnect, on abort, or after the time. */
  readonly wait: (key: string, timeout_ms: number, signal?: AbortSignal) => Promise<WaitEnd>;
  /** Calls back when this tenant's outbox has got a row, and on reconnect. */
  readonly onOutbox: (tenant_id: string, callback: () => void) => void;
  readonly waiting: () => number;
  /** True while notifications arrive. */
  readonly isConnected: () => boolean;
  readonly close: () => Promise<void>;
};

/** Opens the listening connection in the background; while it is away, waiters time out and read the row themselves. */
export function openListener(options: {
  readonly url: string;
  readonly onError: (error: Error) => void;
  /** Hears, once, that a pooler in between passes no notification on. */
  readonly onUntold?: () => void;
  readonly look_every_ms?: number;
}): Listener {
  const { look_every_ms = LOOK_EVERY_MS } = options;
  const reach = reachOf(options.url);
  const waiters = new Map<string, Set<(heard: WaitEnd) => void>>();
  const relays: { readonly tenant_id: string; readonly ring: () => void }[] = [];
  const state = {
    client: null as pg.Client | null,
    isListening: false,
    isUntold: false,
    isClosed: false,
    timer: null as NodeJS.Timeout | null,
    delay_ms: RECONNECT_MS_MIN,
  };

  const wake = (key: string) => {
    for (const resolve of waiters.get(key) ?? []) resolve('changed');
  };
  const wakeAll = () => {
    for (const key of waiters.keys()) wake(key);
    for (const { ring } of relays) ring();
  };
  const connect = async (): Promise<void> => {
    const client = new pg.Client({
      ...reach,
      application_name: 'placet listener',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    });
    client.on('error', options.onError);
    client.on('end', () => {
      if (state.client === client) retry();
    });
    client.on('notification', ({ channel, payload }) => {
      if (channel === 'placet_request') wake(payload ?? '');
      else for (const { tenant_id, ring } of relays) if (tenant_id === payload) ring();
    });
    state.client = client;
    try {
      await client.connect();
      if ((await poolingOf(client, options.url)) === 'transaction') return await giveUp(client);
      state.isUntold = false;
      await requireTelling(client);
      await client.query('listen placet_request; listen placet_outbox');
      state.delay_ms = RECONNECT_MS_MIN;
      state.isListening = state.client === client;
      wakeAll(); // What was said while nobody listened is lost, so everyone looks once.
      lookAgain(client);
    } catch (error) {
      fail(client, error);
    }
  };
  const fail = (client: pg.Client, error: unknown) => {
    options.onError(error instanceof Error ? error : new Error(String(error)));
    leave(client);
    if (state.client === client) retry();
  };
  /** After a failover the connection to the server of before may stay open for ever, since nobody writes by it. */
  const lookAgain = (client: pg.Client) => {
    const look = () =>
      requireTelling(client).then(
        () => lookAgain(client),
        (error: unknown) => fail(client, error),
      );
    const timer = setTimeout(() => state.client === client && void look(), look_every_ms);
    timer.unref();
  };
  /** Listening would be done on a connection of everybody. */
  const giveUp = async (client: pg.Client) => {
    if (!state.isUntold) options.onUntold?.();
    state.isUntold = true;
    state.delay_ms = UNTOLD_RETRY_MS;
    await client.end();
  };
  const retry = () => {
    state.client = null;
    state.isListening = false;
    if (state.isClosed || state.timer !== null) return;
    state.timer = setTimeout(() => {
      state.timer = null;
      void connect();
    }, state.delay_ms);
    state.delay_ms = Math.min(state.delay_ms * 2, RECONNECT_MS_MAX);
  };
  void connect();

  return {
    wait: (key, timeout_ms, signal) =>
      waitFor(waiters, { key, timeout_ms: state.isUntold ? Math.min(timeout_ms, UNTOLD_MS) : timeout_ms, signal }),
    onOutbox: (tenant_id, ring) => void relays.push({ tenant_id, ring }),
    waiting: () => [...waiters.values()].reduce((sum, set) => sum + set.size, 0),
    isConnected: () => state.isListening,
    close: async () => {
      state.isClosed = true;
      if (state.timer !== null) clearTimeout(state.timer);
      wakeAll();
      const { client } = state;
      state.client = null;
      state.isListening = false;
      await client?.end().catch(() => undefined);
    },
  };
}

/** Throws for a server that takes no writes: what is written elsewhere is told elsewhere. */
async function requireTelling(client: pg.Client): Promise<void> {
  const text = "select current_setting('transaction_read_only') = 'on' as is_read_only";
  const limited = { text, query_timeout: CONNECT_TIMEOUT_MS } as pg.QueryConfig;
  const [row] = (await client.query<{ is_read_only: boolean }>(limited)).rows;
  if (row?.is_read_only === true) throw new Error('this PostgreSQL takes no writes, so it tells of none');
}

type Waiting = { readonly key: string; readonly timeout_ms: number; readonly signal: AbortSignal | undefined };

function waitFor(
  waiters: Map<string, Set<(heard: WaitEnd) => void>>,
  { key, timeout_ms, signal }: Waiting,
): Promise<WaitEnd> {
  return new Promise((resolve) => {
    const set = waiters.get(key) ?? new Set();
    const finish = (heard: WaitEnd) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      set.delete(finish);
      if (set.size === 0 && waiters.get(key) === set) waiters.delete(key);
      resolve(heard);
    };
    const onAbort = () => finish('timeout');
    const timer = setTimeout(() => finish('timeout'), timeout_ms);
    waiters.set(key, set.add(finish));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
  });
}

/** Tells something at one address and listens at the other: how that is lent when it is heard there, else why it is not. */
export function tryNotifications(at: {
  readonly url: string;
  readonly listen_url: string;
}): Promise<Pooling | 'silence'> {
  return withConnection(at.listen_url, 'placet notifications', async (listening) => {
    const pooling = await poolingOf(listening, at.listen_url);
    if (pooling === 'transaction') return pooling;
    const word = `doctor/${randomUUID()}`; // Nobody waits for it.
    let resolve: (heard: Pooling | 'silence') => void = () => undefined;
    const end = new Promise<Pooling | 'silence'>((settle) => {
      resolve = settle;
    });
    listening.on('notification', ({ payload }) => {
      if (payload === word) resolve(pooling);
    });
    await listening.query('listen placet_request');
    await withConnection(at.url, 'placet notifications', (telling) =>
      telling.query('select pg_notify($1, $2)', ['placet_request', word]),
    );
    const timer = setTimeout(() => resolve('silence'), TRIED_MS_MAX);
    return end.finally(() => clearTimeout(timer));
  });
}
