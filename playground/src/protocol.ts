// The contract between the playground server, its page and the tests: state, control requests, answers. Types and constants only.
// Names are snake_case because all of this is JSON on the wire, and mostly Slack's own.
import type { AppInfo, Channel, Notice, Team, User, UserGroup, View } from './protocol/things.ts';
import type { Fault } from './protocol/traffic.ts';

export type * from './protocol/act-error.ts';
export type * from './protocol/acts.ts';
export type * from './protocol/things.ts';
export type * from './protocol/traffic.ts';

/** The control routes. POST, PUT and PATCH take a JSON body with `content-type: application/json`. */
export const CONTROL_ROUTES = {
  /** GET ?as=U… -> PlaygroundState. With `as`: only what that person sees. Without: everything. */
  state: '/control/state',
  /** GET, server-sent events: each message is a ChangeEvent. The first one comes at once. */
  events: '/control/events',
  /** GET ?method=&channel=&since_seq= -> ApiCall[]; DELETE clears. */
  calls: '/control/calls',
  /** GET ?type=&since_seq= -> Delivery[]; DELETE clears. */
  deliveries: '/control/deliveries',
  /** POST ClickRequest -> ActResult. */
  click: '/control/click',
  /** POST ClickInViewRequest -> ActResult. Modals and Home alike. */
  clickInView: '/control/click-in-view',
  /** POST SubmitRequest -> ActResult. */
  submit: '/control/submit',
  /** POST CloseViewRequest -> ActResult. */
  closeView: '/control/close-view',
  /** POST CommandRequest -> ActResult. */
  command: '/control/command',
  /** POST OpenHomeRequest -> ActResult. */
  openHome: '/control/open-home',
  /** POST SayRequest -> { message: Message }: a person writes a message. */
  say: '/control/say',
  /** POST { as, id? } -> { ok: true }: the person dismisses an ephemeral message (its ts), a notice (its id), or all. */
  dismiss: '/control/dismiss',
  /** GET -> Fault[]; POST Fault | Fault[] adds; DELETE removes all. */
  faults: '/control/faults',
  /** PATCH /control/users/U… UserPatch -> User. Adds the user when it is unknown. */
  users: '/control/users/',
  /** PUT /control/user-groups/S… { users: string[], date_delete?: number } -> UserGroup. Adds the group when it is unknown. */
  userGroups: '/control/user-groups/',
  /** PATCH /control/channels/C… ChannelPatch -> Channel. Adds the channel when it is unknown. */
  channels: '/control/channels/',
  /** PATCH Settings (any part) -> Settings. */
  settings: '/control/settings',
  /** POST SocketRequest -> { sockets: number }. */
  sockets: '/control/sockets',
  /** POST { event: JsonObject } -> ActResult: delivers one events_api event whatever is subscribed. */
  event: '/control/event',
  /** POST { advance_ms: number } -> { now_ms: number }: moves the playground's clock and fires what became due. */
  clock: '/control/clock',
  /** POST {} -> PlaygroundState: back to the seed; sockets stay connected. */
  reset: '/control/reset',
} as const;

/** What changed; the page then asks for the state again. `seq` grows by one with each change. */
export type ChangeEvent = { seq: number; changed: ChangedPart[] };
/** `messages:C…` names the channel; `views:U…`, `home:U…`, `ephemerals:U…`, `notices:U…` name the person. */
export type ChangedPart =
  | 'users'
  | 'user_groups'
  | 'channels'
  | 'faults'
  | 'delivery'
  | 'settings'
  | 'calls'
  | 'reset'
  | `messages:${string}`
  | `ephemerals:${string}`
  | `views:${string}`
  | `home:${string}`
  | `notices:${string}`;

export type PlaygroundState = {
  seq: number;
  /** The playground's clock, Unix milliseconds. */
  now_ms: number;
  /** The person whose view this is; null: everything. */
  as: string | null;
  team: Team;
  app: AppInfo;
  users: User[];
  user_groups: UserGroup[];
  /** Channels and DMs that the person is in or may read, with messages oldest first. */
  channels: Channel[];
  /** Open modals per user id, bottom of the stack first; empty stacks are left out. */
  views: Record<string, View[]>;
  /** Home per user id; only those published. */
  home: Record<string, View>;
  /** Slack's own warnings to the acting person, newest last. */
  notices: Notice[];
  faults: Fault[];
  delivery: DeliveryState;
  settings: Settings;
};

/** `email: null` takes the address away. */
export type UserPatch = Partial<Omit<User, 'id' | 'profile'>> & { email?: string | null; display_name?: string };
export type ChannelPatch = Partial<Omit<Channel, 'id' | 'messages' | 'ephemerals' | 'user' | 'is_im'>>;

export type DeliveryState = {
  mode: 'socket' | 'http';
  events_url: string | null;
  /** Sockets that said hello, by number. */
  sockets: number[];
};

export type Settings = {
  rate_limits: 'off' | 'strict';
  /** Posts to one channel that pass at once before the limit of one a second holds. */
  post_burst: number;
  /** Scopes of the bot token; a method without its scope answers missing_scope. */
  scopes: string[];
  /** Events the app subscribed to. */
  bot_events: string[];
  /** Slash commands of the app, with the leading slash. */
  commands: string[];
  /** Whole text or user group features; false: plan_upgrade_required. */
  has_paid_plan: boolean;
  is_home_enabled: boolean;
  /** Request URL for signed HTTP; null: Socket Mode. */
  events_url: string | null;
};

/** `refresh`: a warning, then refresh_requested, as Slack does every few hours. `which`: a socket's number, or all. */
export type SocketRequest = { act: 'warning' | 'refresh' | 'drop' | 'link_disabled'; which?: number };

/** What a playground starts with; a part left out is the default seed's. */
export type Seed = {
  team?: Team;
  users?: (Partial<User> & { id: string; name: string; email?: string })[];
  user_groups?: { id: string; handle: string; name?: string; users: string[] }[];
  channels?: (ChannelPatch & { id: string; name: string })[];
  settings?: Partial<Settings>;
};
