// Drives a playground from tests and scripts over its control API. No Slack rules here.
import { followChanges } from './follow.ts';
import type {
  ActResult,
  ApiCall,
  Channel,
  ChannelPatch,
  ClickInViewRequest,
  ClickRequest,
  CloseViewRequest,
  CommandRequest,
  Delivery,
  Fault,
  JsonObject,
  Message,
  OpenHomeRequest,
  PlaygroundState,
  SayRequest,
  Settings,
  SocketRequest,
  SubmitRequest,
  User,
  UserGroup,
  UserPatch,
  View,
} from './protocol.ts';
import { CONTROL_ROUTES as R } from './protocol.ts';

type CallFilter = { method?: string; channel?: string; since_seq?: number };
type DeliveryFilter = { type?: Delivery['type']; since_seq?: number };
/** Asked after each change until it answers something true. */
export type Predicate<T> = (
  state: PlaygroundState,
) => T | null | undefined | false | Promise<T | null | undefined | false>;

export type PlaygroundClient = {
  /** Everything, or what this person sees. */
  state(as?: string): Promise<PlaygroundState>;
  click(request: ClickRequest): Promise<ActResult>;
  clickInView(request: ClickInViewRequest): Promise<ActResult>;
  submit(request: SubmitRequest): Promise<ActResult>;
  closeView(request: CloseViewRequest): Promise<ActResult>;
  command(request: CommandRequest): Promise<ActResult>;
  openHome(request: OpenHomeRequest): Promise<ActResult>;
  say(request: SayRequest): Promise<Message>;
  /** A message of the channel, oldest first, replies included. */
  messages(channel: string, as?: string): Promise<Message[]>;
  /** The parent and its replies. */
  thread(channel: string, ts: string): Promise<Message[]>;
  /** The person's open modals, bottom first. */
  views(as: string): Promise<View[]>;
  home(as: string): Promise<View | null>;
  /** The person's ephemeral messages of all channels, oldest first. */
  ephemerals(as: string): Promise<Message[]>;
  /** The app's DM with the person, replies included. */
  dms(as: string): Promise<Message[]>;
  calls(filter?: CallFilter): Promise<ApiCall[]>;
  clearCalls(): Promise<void>;
  deliveries(filter?: DeliveryFilter): Promise<Delivery[]>;
  /** Adds faults to those switched on. */
  faults(faults: Fault | Fault[]): Promise<Fault[]>;
  clearFaults(): Promise<void>;
  setUser(id: string, patch: UserPatch): Promise<User>;
  setUserGroup(id: string, users: string[], more?: { date_delete?: number; handle?: string }): Promise<UserGroup>;
  setChannel(id: string, patch: ChannelPatch): Promise<Channel>;
  settings(patch: Partial<Settings>): Promise<Settings>;
  /** Refreshes, drops or warns sockets. */
  sockets(request: SocketRequest): Promise<{ sockets: number }>;
  /** Delivers any event. */
  event(event: JsonObject): Promise<ActResult>;
  /** Moves the playground's clock on. */
  advance(ms: number): Promise<void>;
  reset(): Promise<void>;
  /** Resolves with the predicate's answer as soon as it is true; rejects after `timeoutMs` (default 10 s). */
  waitFor<T>(predicate: Predicate<T>, timeoutMs?: number): Promise<T>;
};

/** What the client needs of fetch. */
export type Send = (
  url: string,
  init: { method: string; headers?: Record<string, string>; body?: string },
) => Promise<{ ok: boolean; json(): Promise<unknown> }>;

const WAIT_MS = 10_000;

/** A playground that is down for a moment has no answer yet; the stream of changes comes again with it. */
const notYet = () => null;

/** Creates a client of the playground at `url` (`http://127.0.0.1:PORT`); `send` replaces fetch for its calls. */
export function createPlaygroundClient(url: string, send: Send = fetch): PlaygroundClient {
  const base = url.replace(/\/$/, '');
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const init = body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {};
    const response = await send(base + path, { method, ...init });
    const answer = (await response.json()) as T & { error?: string; message?: string };
    if (!response.ok) throw new Error(`playground: ${method} ${path}: ${answer.error}: ${answer.message}`);
    return answer;
  };
  const get = <T>(path: string, query: object = {}): Promise<T> => {
    const entries = Object.entries(query).map(([name, value]) => [name, String(value)] as [string, string]);
    return call('GET', entries.length > 0 ? `${path}?${new URLSearchParams(entries)}` : path);
  };
  const post =
    <Request extends object, Answer>(path: string) =>
    (request: Request): Promise<Answer> =>
      call('POST', path, request);
  const state = (as?: string) => get<PlaygroundState>(R.state, as === undefined ? {} : { as });
  const channelsOf = async (as: string) => (await state(as)).channels;

  const messages = async (channel: string, as?: string) =>
    (await state(as)).channels.find(({ id }) => id === channel)?.messages ?? [];
  return {
    state,
    messages,
    click: post(R.click),
    clickInView: post(R.clickInView),
    submit: post(R.submit),
    closeView: post(R.closeView),
    command: post(R.command),
    openHome: post(R.openHome),
    say: async (request) => (await call<{ message: Message }>('POST', R.say, request)).message,
    thread: async (channel, ts) => (await messages(channel)).filter((m) => m.ts === ts || m.thread_ts === ts),
    views: async (as) => (await state(as)).views[as] ?? [],
    home: async (as) => (await state(as)).home[as] ?? null,
    ephemerals: async (as) =>
      (await channelsOf(as)).flatMap(({ ephemerals }) => ephemerals).sort((a, b) => Number(a.ts) - Number(b.ts)),
    dms: async (as) => (await channelsOf(as)).find(({ user }) => user === as)?.messages ?? [],
    calls: (filter) => get(R.calls, filter),
    clearCalls: async () => void (await call('DELETE', R.calls)),
    deliveries: (filter) => get(R.deliveries, filter),
    faults: post(R.faults),
    clearFaults: async () => void (await call('DELETE', R.faults)),
    setUser: (id, patch) => call('PATCH', R.users + id, patch),
    setUserGroup: (id, users, more = {}) => call('PUT', R.userGroups + id, { ...more, users }),
    setChannel: (id, patch) => call('PATCH', R.channels + id, patch),
    settings: (patch) => call('PATCH', R.settings, patch),
    sockets: post(R.sockets),
    event: (event) => call('POST', R.event, { event }),
    advance: async (ms) => void (await call('POST', R.clock, { advance_ms: ms })),
    reset: async () => void (await call('POST', R.reset, {})),
    waitFor: (predicate, timeoutMs = WAIT_MS) =>
      followChanges(base + R.events, () => state().then(predicate, notYet), timeoutMs),
  };
}
