// Signed HTTP: Bolt's receiver behind our own listener, which binds one host and refuses timestamps from the future.
// Signature: https://docs.slack.dev/authentication/verifying-requests-from-slack

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import type { SlackLog } from './door.ts';
import type { Ear } from './ear.ts';
import { libraryLogger } from './library-log.ts';

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

/** An ear on signed HTTP at POST /slack/events. */
export function createHttpEar({ signing_secret, host, port, log }: HttpOptions): Ear {
  const receiver = new HTTPReceiver({
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
    if (isFromFuture(request)) return refuse(response, 401);
    try {
      receiver.requestListener(request, response);
    } catch {
      // Bolt throws for every path and method that is not ours.
      refuse(response, 404);
    }
  });
  return {
    receiver,
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, () => resolve());
      }),
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
    isConnected: () => server.listening,
  };
}

function isFromFuture(request: IncomingMessage): boolean {
  const seconds = Number(request.headers['x-slack-request-timestamp']);
  return seconds > Date.now() / 1_000 + AHEAD_SECONDS_MAX;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
