// The Slack door as one thing to start and stop: Bolt over Socket Mode or signed HTTP, and its listeners.
// Holds no rule: it decides nothing, it only carries what people do to the use cases and back.

import { App } from '@slack/bolt';
import type { SettingsPlaces } from '../draw/settings-home.ts';
import { createHome, type Home } from '../listeners/home.ts';
import { listen } from '../listeners/listen.ts';
import { type AskOnCall, askSourcesWith, createAskChat } from '../send/member-sources.ts';
import type { SlackClient } from '../send/web-api.ts';
import { ACK_AFTER_MS } from './ack.ts';
import { guardInstallation } from './guard.ts';
import { createHttpReceiver } from './http.ts';
import { libraryLogger } from './library-log.ts';
import type { CountDecision, Installation, ListenerContext, SlackDeps, SlackLog } from './listener-context.ts';
import type { Receiver } from './receiver.ts';
import { createSocketReceiver } from './socket.ts';

export type SlackConfig = {
  readonly tenant_id: string;
  readonly connection:
    | { readonly kind: 'socket'; readonly app_token: string }
    | { readonly kind: 'http'; readonly signing_secret: string; readonly host: string; readonly port: number };
  /** Where the Web API is; null for Slack's own. */
  readonly api_url: string | null;
  /** Null: asked of Slack at the start. */
  readonly team_id: string | null;
  /** Null: asked of Slack at the start, and not checked when Slack does not say. */
  readonly app_id: string | null;
  /** When to acknowledge without an answer; null for the usual. */
  readonly ack_after_ms: number | null;
};

export type SlackApp = {
  /** Begins to listen. Throws when Slack cannot say where we are installed or refuses a token; see isConnected. */
  readonly start: () => Promise<void>;
  /** Stops listening, then waits for what is under way, within bounds. Never throws. */
  readonly stop: () => Promise<void>;
  readonly isConnected: () => boolean;
};

/** How long a stop waits for clicks that are being worked on: a decision and its answer take a few seconds at worst. */
const DRAIN_MS_MAX = 15_000;

type Parts = {
  readonly config: SlackConfig;
  readonly deps: SlackDeps;
  readonly client: SlackClient;
  readonly askOnCall: AskOnCall;
  readonly log: SlackLog;
  readonly countDecision: CountDecision;
};

/** Builds the Slack door; nothing is opened before `start`. */
export function createSlackApp(parts: Parts): SlackApp {
  const { config, client, log } = parts;
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let receiver: Receiver | null = null;
  const track = (work: Promise<void>): Promise<void> => {
    const guarded = work
      .catch((error: unknown) => log.error('a slack listener failed', { err: error }))
      .finally(() => running.delete(guarded));
    running.add(guarded);
    return guarded;
  };
  const start = async () => {
    const installation = await findInstallation(config, client);
    receiver = createReceiver(config, log);
    const { context, home } = createContext(parts, { installation, track, stopping: stopping.signal });
    const app = createBolt(receiver, config, log);
    guardInstallation(app, installation, log);
    listen(app, { context, home, track });
    await receiver.start();
  };
  const stop = async () => {
    await receiver?.stop().catch((error: unknown) => log.warn('slack connection not closed', { err: error }));
    stopping.abort();
    await drain(running);
  };
  return { start, stop, isConnected: () => receiver?.isConnected() ?? false };
}

async function findInstallation(config: SlackConfig, client: SlackClient): Promise<Installation> {
  if (config.team_id !== null && config.app_id !== null) return { team_id: config.team_id, app_id: config.app_id };
  const answer = await client.auth.test();
  const team_id = config.team_id ?? answer.team_id;
  if (team_id === undefined) throw new Error('auth.test names no team');
  return { team_id, app_id: config.app_id ?? answer.app_id ?? null };
}

function createReceiver({ connection, api_url }: SlackConfig, log: SlackLog): Receiver {
  return connection.kind === 'socket'
    ? createSocketReceiver({ app_token: connection.app_token, api_url, log })
    : createHttpReceiver({ ...connection, log });
}

function createContext(
  { config, askOnCall, ...parts }: Parts,
  at: {
    readonly installation: Installation;
    readonly track: (work: Promise<void>) => Promise<void>;
    readonly stopping: AbortSignal;
  },
): { context: ListenerContext; home: Home } {
  const { client } = parts;
  const { team_id } = at.installation;
  // The app's own user never clicks, so it need not be told from the others here.
  const askChat = createAskChat(async () => ({ client, team_id, bot_user_id: null }));
  const base = {
    ...parts,
    tenant_id: config.tenant_id,
    installation: at.installation,
    askSources: askSourcesWith(askChat, askOnCall),
    lately: new Map(),
    ack_after_ms: config.ack_after_ms ?? ACK_AFTER_MS,
  };
  const home = createHome(base, at.stopping);
  const refreshHome = (user_id: string) => void at.track(home.publish(user_id, null));
  const showSettings = (user_id: string, places: SettingsPlaces) => void at.track(home.publish(user_id, null, places));
  return { context: { ...base, refreshHome, showSettings }, home };
}

/** Bolt with a fixed authorization: asking Slack or a database here would let it acknowledge what nobody handled. */
function createBolt(receiver: Receiver, { api_url }: SlackConfig, log: SlackLog): App<Record<string, never>> {
  return new App({
    receiver: receiver.bolt,
    authorize: async () => ({}),
    ignoreSelf: false,
    convoStore: false,
    logger: libraryLogger(log),
    clientOptions: api_url === null ? {} : { slackApiUrl: api_url },
  });
}

async function drain(running: ReadonlySet<Promise<void>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MS_MAX);
  });
  await Promise.race([Promise.allSettled([...running]), timeout]);
  clearTimeout(timer);
}
