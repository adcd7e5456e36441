// Socket Mode that stays connected. Each connection is a fresh client of Slack's library, and we reconnect ourselves:
// its own reconnect waits five seconds, and ends the process on invalid_auth, on app_rate_limited and on a stop meanwhile.

import { setTimeout as pause } from 'node:timers/promises';
import { type App, type Receiver as BoltReceiver, SocketModeReceiver } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';
import { libraryLogger } from './library-log.ts';
import type { SlackLog } from './listener-context.ts';
import type { Receiver } from './receiver.ts';

/** Slack says hello within a second or two. */
const HELLO_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 8_000;
/** apps.connections.open may be allowed once a minute only, so the waits grow soon. */
const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 30_000;
/** https://docs.slack.dev/reference/methods/apps.connections.open#errors */
const TOKEN_REFUSALS = new Set([
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'not_allowed_token_type',
  'missing_scope',
  'token_expired',
  'token_revoked',
]);
const RATE_NOTICE = 'app_rate_limited';
/** Slack keeps a socket for hours; one that ends sooner than this was none. */
const SHORT_LIVED_MS = 5_000;
/** Slack keeps a connection that it wants refreshed for about ten seconds more. */
const HANDOVER_MS_MAX = 8_000;
const CLOSE_MS_MAX = 2_000;

export type SocketOptions = { readonly app_token: string; readonly api_url: string | null; readonly log: SlackLog };

type Connection = {
  readonly client: SocketModeReceiver['client'];
  /** Settles when Slack asks for a new connection, or this one is gone. */
  readonly leaving: Promise<void>;
  readonly gone: Promise<void>;
  /** Lets Slack's library close it, once the next one stands. */
  readonly release: () => void;
};

/** A receiver over Socket Mode: one open connection, the next one opened before the last is given up. */
export function createSocketReceiver(options: SocketOptions): Receiver {
  const { log } = options;
  const open = new Set<Connection>();
  const stopping = new AbortController();
  let app: App | null = null;
  const bolt: BoltReceiver = {
    init: (made) => {
      app = made;
    },
    start: async () => {},
    stop: async () => {},
  };
  const connect = async (): Promise<Connection> => {
    if (app === null) throw new Error('the receiver has no app');
    const connection = await openConnection(options, app);
    open.add(connection);
    void connection.gone.then(() => open.delete(connection));
    log.info('slack socket opened', { count: open.size });
    return connection;
  };
  let settleFirst: Loop['onTried'] = () => {};
  const first = new Promise<void>((resolve, reject) => {
    settleFirst = (error) => (isTokenRefused(error) ? reject(error) : resolve());
  });
  return {
    bolt,
    start: () => {
      void keepConnected({ connect, log, signal: stopping.signal, onTried: settleFirst });
      return first;
    },
    stop: async () => {
      stopping.abort();
      settleFirst(null);
      const closed = [...open].map((connection) => {
        quietly(() => connection.client.disconnect());
        return connection.gone;
      });
      await Promise.race([Promise.all(closed), pause(CLOSE_MS_MAX, undefined, { ref: false })]);
    },
    isConnected: () => open.size > 0,
  };
}

type Loop = {
  readonly connect: () => Promise<Connection>;
  readonly log: SlackLog;
  readonly signal: AbortSignal;
  /** Called after each attempt, with what went wrong. */
  readonly onTried: (error: unknown) => void;
};

async function keepConnected({ connect, log, signal, onTried }: Loop): Promise<void> {
  let failures = 0;
  let last: Connection | null = null;
  while (!signal.aborted) {
    const begun_ms = performance.now();
    try {
      const next = await connect();
      last?.release();
      last = next;
      onTried(null);
      if (signal.aborted) return quietly(() => next.client.disconnect());
      await next.leaving;
    } catch (error) {
      log.error('slack socket not opened', { err: error, attempt: failures + 1 });
      onTried(error);
    }
    // A connection that ends at once counts as a failure, or we would ask Slack for sockets without a pause.
    failures = performance.now() - begun_ms < SHORT_LIVED_MS ? failures + 1 : 0;
    const wait_ms = failures === 0 ? 0 : Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (failures - 1));
    await pause(wait_ms, undefined, { signal }).catch(() => {});
  }
}

/** True when the token is not one for sockets: that is a fault of the settings when it comes at the start. */
function isTokenRefused(error: unknown): boolean {
  return error instanceof WebAPIPlatformError && TOKEN_REFUSALS.has(error.data.error);
}

async function openConnection({ app_token, api_url, log }: SocketOptions, app: App): Promise<Connection> {
  const receiver = new SocketModeReceiver({
    appToken: app_token,
    logger: libraryLogger(log),
    autoReconnectEnabled: false,
    processEventErrorHandler: async ({ error }) => {
      log.error('a slack payload was not handled', { err: error });
      return false;
    },
    installerOptions: {
      clientOptions: {
        ...(api_url === null ? {} : { slackApiUrl: api_url }),
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: CALL_TIMEOUT_MS,
      },
    },
  });
  receiver.init(app);
  const { client } = receiver;
  const connection = watch(client, log);
  const timeout = new AbortController();
  try {
    await Promise.race([
      client.start(),
      helloMissing(timeout.signal),
      connection.gone.then(() => Promise.reject(new Error('closed before hello'))),
    ]);
    return connection;
  } catch (error) {
    quietly(() => client.disconnect());
    throw error ?? new Error('closed before hello');
  } finally {
    timeout.abort();
  }
}

async function helloMissing(signal: AbortSignal): Promise<never> {
  await pause(HELLO_TIMEOUT_MS, undefined, { signal }).catch(() => new Promise<never>(() => {}));
  throw new Error(`no hello within ${HELLO_TIMEOUT_MS} ms`);
}

/** Stands between the socket and the library: hands over before a refresh, and drops what the library would die of. */
function watch(client: SocketModeReceiver['client'], log: SlackLog): Connection {
  const [handle] = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  let settleLeaving = () => {};
  const leaving = new Promise<void>((resolve) => {
    settleLeaving = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    client.on('disconnected', () => resolve());
  });
  void gone.then(settleLeaving);
  let held: (() => void) | null = null;
  const pass = (data: unknown, is_binary: boolean) => quietly(() => handle?.(data, is_binary), log);
  client.on('ws_message', (data: unknown, is_binary: boolean) => {
    const message = parsed(data);
    if (isRateNotice(message)) return pass(JSON.stringify({ ...message, type: RATE_NOTICE }), is_binary);
    if (message?.type !== 'disconnect') return pass(data, is_binary);
    held = () => pass(data, is_binary);
    settleLeaving();
    void pause(HANDOVER_MS_MAX, undefined, { ref: false }).then(() => release());
  });
  client.on(RATE_NOTICE, ({ ack }: { readonly ack: () => Promise<void> }) => {
    log.error('slack limits our events: too many of them this hour');
    quietly(ack, log);
  });
  const release = () => {
    held?.();
    held = null;
  };
  return { client, leaving, gone, release };
}

type SocketMessage = { readonly type?: unknown; readonly payload?: { readonly event?: unknown } | null };

/** app_rate_limited comes as an event payload without an event, which the library (3.1.0) takes for one and dies of. */
function isRateNotice(message: SocketMessage | null): boolean {
  return message?.type === 'events_api' && typeof message.payload?.event !== 'object';
}

function parsed(data: unknown): SocketMessage | null {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as SocketMessage | null) : null;
  } catch {
    return null;
  }
}

/** Runs what may throw, now or later; the connection is watched elsewhere. */
function quietly(run: () => unknown, log?: SlackLog): void {
  Promise.resolve()
    .then(run)
    .catch((error: unknown) => log?.error('a socket message was not handled', { err: error }));
}
