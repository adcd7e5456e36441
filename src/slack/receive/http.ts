// Signed HTTP: Bolt's receiver behind our own listener, which binds one host and lets through only what Bolt can take:
// signed payloads that are objects, and not of the future.
// Signature: https://docs.slack.dev/authentication/verifying-requests-from-slack

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createSecond } from 'node:net';
import { HTTPModuleFunctions, HTTPReceiver } from '@slack/bolt';
import { libraryLogger } from './library-log.ts';
import type { SlackLog } from './listener-context.ts';
import type { Receiver } from './receiver.ts';

/** Bolt takes any timestamp ahead of us, so a signed request could be kept for later; clocks differ by less than this. */
const AHEAD_SECONDS_MAX = 60;
const EVENTS_PATH = '/slack/events';
/** A block_actions payload carries the whole message; 1 MiB is far above any. */
const BODY_LIMIT = '1mb';
const CLOSE_MS_MAX = 5_000;

export type HttpOptions = {
  readonly signing_secret: string;
  readonly host: string;
  readonly port: number;
  readonly log: SlackLog;
};

/** A receiver over signed HTTP at POST /slack/events. */
export function createHttpReceiver({ signing_secret, host, port, log }: HttpOptions): Receiver {
  const bolt = new HTTPReceiver({
    signingSecret: signing_secret,
    endpoints: EVENTS_PATH,
    logger: libraryLogger(log),
    bodyLimit: BODY_LIMIT,
    processEventErrorHandler: async ({ error }) => {
      log.error('a slack payload was not handled', { err: error });
      return false;
    },
  });
  const server = createServer((request, response) => {
    void refusalOf(request, signing_secret).then((refusal) => {
      if (refusal === null) return bolt.requestListener(request, response);
      log.warn('a slack request was refused', { status: refusal });
      response.writeHead(refusal).end();
    });
  });
  // Its connections are the first one's: a tunnel or proxy on this machine may take `localhost` for either address.
  const second = createSecond({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
  return {
    bolt,
    start: async () => {
      if (host !== 'localhost') return void (await once(server.listen({ host, port }), 'listening'));
      await once(server.listen({ host: '127.0.0.1', port }), 'listening');
      const { port: taken } = server.address() as AddressInfo;
      await once(second.listen({ host: '::1', port: taken }), 'listening').catch(passOverNoAddress);
    },
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
        second.close();
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
    isConnected: () => server.listening,
  };
}

/** A machine without IPv6 has no second address. */
function passOverNoAddress(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error;
}

/**
 * The status that refuses this request, or null when Bolt may have it. Bolt would take any JSON for an object, outside
 * of its own error handling: a signed `null` would end the process. What is read here is kept, so Bolt reads it again.
 */
async function refusalOf(request: IncomingMessage, signing_secret: string): Promise<400 | 401 | 404 | 413 | null> {
  if (request.method !== 'POST' || request.url?.split('?')[0] !== EVENTS_PATH) return 404;
  if (isFromFuture(request)) return 401;
  try {
    const options = { signingSecret: signing_secret, bodyLimit: BODY_LIMIT };
    const verified = await HTTPModuleFunctions.parseAndVerifyHTTPRequest(options, request);
    return isPayload(verified) ? null : 400;
  } catch (error) {
    return HTTPModuleFunctions.isRawBodyError(error) && error.statusCode === 413 ? 413 : 401;
  }
}

type Verified = Parameters<typeof HTTPModuleFunctions.parseHTTPRequestBody>[0];

function isPayload(verified: Verified): boolean {
  try {
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(verified);
    return typeof body === 'object' && body !== null && !Array.isArray(body);
  } catch {
    return false;
  }
}

function isFromFuture(request: IncomingMessage): boolean {
  const seconds = Number(request.headers['x-slack-request-timestamp']);
  return seconds > Date.now() / 1_000 + AHEAD_SECONDS_MAX;
}
