// Builds a playground from its parts and serves it on this machine alone: 127.0.0.1 and, where there is one, ::1.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { handleResponseUrl } from './acts/response-url.ts';
import { type Control, handleControl } from './control/routes.ts';
import { createChanges } from './core/changes.ts';
import { type Clock, createClock } from './core/clock.ts';
import { createFaults } from './core/faults.ts';
import { sendText } from './core/http.ts';
import { createLog } from './core/log.ts';
import { listenOnLoopback } from './core/loopback.ts';
import { MESSAGES_MAX } from './core/messages.ts';
import { BOT_ID, BOT_USER_ID, DEFAULT_TEAM, plantSeed } from './core/seed.ts';
import { openStore, type Secrets, type Store } from './core/store.ts';
import { settingsOf, type World } from './core/world.ts';
import { createHttpDelivery } from './delivery/http-delivery.ts';
import { createSocketMode } from './delivery/socket-mode.ts';
import { createTransport } from './delivery/transport.ts';
import { servePage } from './page.ts';
import type { Seed } from './protocol.ts';
import { allMethods } from './web-api/dispatch.ts';
import { handleApiCall } from './web-api/http.ts';
import type { Methods } from './web-api/method.ts';

/** Longer than any pause of a test between two calls. */
const KEEP_ALIVE_MS = 60_000;

export type PlaygroundOptions = {
  /** 0: any free one. */
  port?: number;
  /** Where the state is kept; without it the state ends with the process. */
  dataFile?: string;
  seed?: Seed;
  /** Request URL for signed HTTP delivery; without it Socket Mode. */
  eventsUrl?: string;
  signingSecret?: string;
  botToken?: string;
  appToken?: string;
  appId?: string;
  /** Messages kept per channel. */
  messagesMax?: number;
  /** For tests of anything that expires. */
  clock?: Clock;
  /** Folder of the built page. */
  pageFolder?: string;
};

export type Playground = {
  url: string;
  /** For SLACK_API_URL. */
  apiUrl: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  appId: string;
  teamId: string;
  botUserId: string;
  close(): Promise<void>;
};

/** Starts a playground; resolves once it listens. */
export async function startPlayground(options: PlaygroundOptions = {}): Promise<Playground> {
  const world = createWorld(options);
  const sockets = createSocketMode(world);
  const transport = createTransport(world, { socket: sockets, http: createHttpDelivery(world) });
  const handle = createHandler({
    control: { deps: { world, transport }, sockets },
    methods: allMethods({ 'apps.connections.open': sockets.method }),
    pageFolder: options.pageFolder ?? builtPage(),
  });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(
        `playground: ${request.method} ${request.url}: ${String((error as Error).stack ?? error)}\n`,
      );
      if (!response.headersSent) sendText(response, 500, 'the playground failed\n');
      else response.destroy();
    });
  };
  const server = createServer(answer);
  // After Node's five seconds, a connection may be closed in the very moment that its next call is sent.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  const loopback = await listenOnLoopback(server, options.port ?? 0);
  world.url = `http://127.0.0.1:${loopback.port}`;
  const { botToken, appToken, signingSecret, appId, botUserId, team } = world.identity;
  return {
    url: world.url,
    apiUrl: `${world.url}/api/`,
    ...{ botToken, appToken, signingSecret, appId, botUserId, teamId: team.id },
    async close() {
      world.clock.stop();
      await sockets.close();
      server.closeAllConnections();
      await loopback.close();
      world.store.close();
    },
  };
}

/** playground/dist/web, seen from src/ (tests) and from dist/src/. */
function builtPage(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/web' : '../web', import.meta.url));
}

function createWorld(options: PlaygroundOptions): World {
  const clock = options.clock ?? createClock();
  const changes = createChanges();
  const seed = options.seed ?? {};
  const team = seed.team ?? DEFAULT_TEAM;
  const store = openStore(options.dataFile);
  if (store.isEmpty()) plantSeed(store, team, seed, clock.now());
  const kept = keepSecrets(store, options);
  const world: World = {
    identity: {
      ...kept,
      appId: options.appId ?? 'A0PLACET',
      appName: 'Placet',
      botId: BOT_ID,
      botUserId: BOT_USER_ID,
      team,
    },
    seed,
    store,
    clock,
    changes,
    faults: createFaults(() => changes.touch('faults')),
    calls: createLog(),
    deliveries: createLog(),
    url: '',
    messagesMax: options.messagesMax ?? MESSAGES_MAX,
  };
  store.put('settings', 'settings', { ...settingsOf(world), events_url: options.eventsUrl ?? null });
  return world;
}

/** Tokens and secret: those given, else those of the last start on this data, else new ones. */
function keepSecrets(store: Store, options: PlaygroundOptions): Secrets {
  const old = store.get('secrets', 'secrets');
  const random = () => randomBytes(12).toString('hex');
  const secrets: Secrets = {
    botToken: options.botToken ?? old?.botToken ?? `xoxb-playground-${random()}`,
    appToken: options.appToken ?? old?.appToken ?? `xapp-1-playground-${random()}`,
    signingSecret: options.signingSecret ?? old?.signingSecret ?? random(),
  };
  store.put('secrets', 'secrets', secrets);
  return secrets;
}

type Parts = { control: Control; methods: Methods; pageFolder: string };

function createHandler({ control, methods, pageFolder }: Parts) {
  const { world } = control.deps;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A foreign page that renamed its host to 127.0.0.1 gets nothing.
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
      sendText(response, 403, 'use 127.0.0.1 or localhost\n');
      return;
    }
    const path = new URL(request.url ?? '/', world.url).pathname;
    const method = /^\/api\/([\w.]+)$/.exec(path)?.[1];
    const responseKey = /^\/actions\/\w+\/([\w-]+)$/.exec(path)?.[1];
    if (method) await handleApiCall(world, methods, method, request, response);
    else if (responseKey) await handleResponseUrl(world, responseKey, request, response);
    else if (path.startsWith('/control/')) await handleControl(control, request, response);
    else await servePage(pageFolder, path, response);
  };
}
