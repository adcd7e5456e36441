// The contract between the playground server, its page and the tests: state, control requests, answers. Types and constants only.
// Names are snake_case because all of this is JSON on the wire, and mostly Slack's own.

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** A JSON object, such as one Block Kit block; validated by the server when it came in. */
export type JsonObject = { [key: string]: Json };

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
  /** POST { as, id? } -> { ok: true }: the person dismisses an ephemeral message (id = its ts) or a notice (id), or all of them. */
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

export type Team = { id: string; name: string; domain: string };

export type AppInfo = {
  id: string;
  name: string;
  bot_id: string;
  bot_user_id: string;
  /** Slash commands that the client offers, with the leading slash. */
  commands: string[];
};

export type User = {
  id: string;
  team_id: string;
  name: string;
  real_name: string;
  profile: { real_name: string; display_name: string; email?: string };
  tz: string;
  tz_label: string;
  tz_offset: number;
  locale: string;
  /** CSS colour without `#`, for a generated picture. */
  color: string;
  is_admin: boolean;
  is_owner: boolean;
  is_bot: boolean;
  /** Deactivated. */
  deleted: boolean;
  /** Guest. */
  is_restricted: boolean;
  /** Single-channel guest. */
  is_ultra_restricted: boolean;
  /** From another organisation (Slack Connect). */
  is_stranger: boolean;
  is_email_confirmed: boolean;
  /** DMs to this person fail as in Slack when set: user_disabled, messages_tab_disabled, user_not_visible. */
  dm_error?: string;
};

/** `email: null` takes the address away. */
export type UserPatch = Partial<Omit<User, 'id' | 'profile'>> & { email?: string | null; display_name?: string };

export type UserGroup = {
  id: string;
  team_id: string;
  name: string;
  handle: string;
  description: string;
  users: string[];
  user_count: number;
  /** 0, or the second since which the group is disabled. */
  date_delete: number;
  date_update: number;
};

export type Channel = {
  id: string;
  /** Without `#`; for a DM the id of the person. */
  name: string;
  is_im: boolean;
  is_private: boolean;
  is_archived: boolean;
  is_ext_shared: boolean;
  is_general: boolean;
  topic: string;
  /** The person on the other side, DMs only. */
  user?: string;
  members: string[];
  messages: Message[];
  /** Ephemeral messages in this channel; with `as`, only that person's. */
  ephemerals: Message[];
};

export type ChannelPatch = Partial<Omit<Channel, 'id' | 'messages' | 'ephemerals' | 'user' | 'is_im'>>;

export type Message = {
  type: 'message';
  channel: string;
  ts: string;
  /** Writer; the bot user for the app's own messages. */
  user: string;
  bot_id?: string;
  app_id?: string;
  /** The name the message shows, when it is a bot's. */
  username?: string;
  text: string;
  blocks: JsonObject[];
  attachments?: JsonObject[];
  metadata?: JsonObject;
  thread_ts?: string;
  /** On a parent: number of replies, and the ts of the last one. */
  reply_count?: number;
  latest_reply?: string;
  edited?: { user: string; ts: string };
  permalink: string;
  /** Starts at 1; each chat.update or replace_original adds one. */
  revision: number;
  /** Ephemeral messages only: the one person who sees it. */
  ephemeral_to?: string;
  /** Ephemeral and command answers: "Only visible to you". */
  is_ephemeral?: boolean;
  /** A reply also shown in the channel. */
  is_broadcast?: boolean;
};

/** A modal or Home as Slack keeps it. `blocks`, `title`, … are the app's JSON, with every block_id and action_id filled in. */
export type View = {
  id: string;
  user_id: string;
  team_id: string;
  type: 'modal' | 'home';
  callback_id: string;
  external_id: string;
  private_metadata: string;
  title: JsonObject | null;
  submit: JsonObject | null;
  close: JsonObject | null;
  blocks: JsonObject[];
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  app_id: string;
  bot_id: string;
  app_installed_team_id: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
  submit_disabled: boolean;
  /** Values as last sent with a click or a submission, block id then action id, in Slack's shape. */
  state: { values: Record<string, Record<string, JsonObject>> };
  /** Field errors by block id, from the client's own checks or response_action errors. */
  errors: Record<string, string>;
  /** Slack's banner on the modal, such as "We had some trouble connecting. Try again?". */
  warning: string | null;
};

export type Notice = {
  id: string;
  user: string;
  at_ms: number;
  code: ActErrorCode;
  text: string;
  channel?: string;
  ts?: string;
  view_id?: string;
};

/** Where the person clicks in a message or ephemeral. */
export type ClickRequest = {
  as: string;
  channel: string;
  ts: string;
  action_id: string;
  block_id?: string;
  /** For selects, checkboxes, date pickers: what is now chosen. */
  value?: FormValue;
  /** Other inputs of the message, as in SubmitRequest. */
  values?: FormValues;
  /** Test hook: click a button that only an earlier revision had, as one who has not seen the update. */
  stale?: boolean;
};

export type ClickInViewRequest = {
  as: string;
  view_id: string;
  action_id: string;
  block_id?: string;
  value?: FormValue;
  values?: FormValues;
};

/** `values` by block_id or action_id, or by block_id then action_id. What is left out keeps its initial or last sent value. */
export type SubmitRequest = { as: string; view_id: string; values?: FormValues };
/** Text, number as text, date, the chosen option's value, or several; null: empty. */
export type FormValue = string | string[] | null;
export type FormValues = Record<string, FormValue | Record<string, FormValue>>;

/** `is_cleared`: all of the stack is closed at once. */
export type CloseViewRequest = { as: string; view_id: string; is_cleared?: boolean };
/** `command` with or without its slash. */
export type CommandRequest = { as: string; channel: string; command: string; text?: string };
export type OpenHomeRequest = { as: string; tab?: 'home' | 'messages' };
export type SayRequest = { as: string; channel: string; text: string; thread_ts?: string };

/** What the person's client made of one act. */
export type ActResult = {
  /** No warning is shown: acknowledged in time with an answer Slack takes. */
  ok: boolean;
  /** The payload reached a socket or the request URL. */
  delivered: boolean;
  acked: boolean;
  ack_ms: number | null;
  error?: ActErrorCode;
  /** The words Slack shows for `error`. */
  message?: string;
  /** Of a view submission. */
  response_action?: 'errors' | 'update' | 'push' | 'clear';
  /** Field errors by block id: the client's own, or the app's. */
  errors?: Record<string, string>;
  /** The modal on top of the person's stack afterwards, or the Home view; null: none. */
  view?: View | null;
  trigger_id?: string;
  /** Finds the payload in /control/deliveries. */
  delivery_id?: string;
};

export type ActErrorCode =
  /** No socket is connected and no request URL answers. */
  | 'no_listener'
  /** No acknowledgement within 3 s. */
  | 'operation_timed_out'
  /** The request URL answered with another status than 200. */
  | 'http_error'
  /** The acknowledgement is not what Slack takes here. */
  | 'bad_response'
  /** The client's own checks (required, lengths) or response_action errors. */
  | 'field_errors'
  | 'user_not_found'
  /** Deactivated people and bots cannot act. */
  | 'user_deactivated'
  | 'user_is_bot'
  | 'channel_not_found'
  | 'not_in_channel'
  | 'is_archived'
  | 'message_not_found'
  /** The message or view has no such button now. */
  | 'action_not_found'
  | 'view_not_found'
  /** Only the top of the stack can be used. */
  | 'view_not_on_top'
  | 'no_submit_button'
  | 'submit_disabled'
  | 'option_not_found'
  | 'invalid_values'
  | 'unknown_command'
  /** Slack Connect: the app is not installed in the home team of this person. */
  | 'app_not_visible'
  | 'home_disabled';

/** One Web API call as it came in. `args` hold no token. */
export type ApiCall = {
  seq: number;
  at_ms: number;
  method: string;
  args: JsonObject;
  token_kind: 'bot' | 'app' | 'user' | 'unknown' | 'none';
  ok: boolean;
  /** HTTP status sent; 0: the connection was cut. */
  status: number;
  error?: string;
  /** The fault that was applied, if any. */
  fault?: FaultKind;
  /** The answer's body, also when it was lost on the way. */
  response?: JsonObject;
};

/** One payload on its way to the app. */
export type Delivery = {
  id: string;
  seq: number;
  at_ms: number;
  /** interactive: clicks and views. */
  type: 'interactive' | 'slash_commands' | 'events_api';
  via: 'socket' | 'http' | 'none';
  /** Number of the socket that got it, from 1, or 0. */
  socket: number;
  payload: JsonObject;
  retry_num: number;
  acked: boolean;
  ack_ms: number | null;
  ack?: Json;
  error?: ActErrorCode;
};

export type FaultKind = Fault['kind'];
/** `count`: how many times it still happens; left out: until cleared. `method`: a Web API method, or `*`. */
export type Fault = { id?: string; count?: number } & (
  | { kind: 'http_error'; method: string; status?: number }
  /** The effect happens, then the connection is cut. */
  | { kind: 'lost_answer'; method: string }
  /** `{ ok: false, error }` without effect, such as internal_error, fatal_error, invalid_auth, account_inactive. */
  | { kind: 'api_error'; method: string; error: string }
  | { kind: 'rate_limited'; method: string; retry_after?: number; channel?: string }
  /** Answers `ms` later; the effect happens first. */
  | { kind: 'slow'; method: string; ms: number }
  /** The socket is cut instead of getting the next envelope, which is then lost. */
  | { kind: 'socket_drop' }
  /** The same envelope or request comes twice. */
  | { kind: 'duplicate_delivery'; type?: Delivery['type'] }
  /** An app_rate_limited payload goes out before the next one. */
  | { kind: 'app_rate_limited' }
  /** The next payload reaches no one. */
  | { kind: 'no_delivery'; type?: Delivery['type'] }
);

export type DeliveryState = {
  mode: 'socket' | 'http';
  events_url: string | null;
  /** Sockets that said hello, by number. */
  sockets: number[];
};

export type Settings = {
  rate_limits: 'off' | 'strict';
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

/** `refresh`: a warning, then a disconnect with refresh_requested, as Slack does every few hours. `which`: a socket's number, or all. */
export type SocketRequest = { act: 'warning' | 'refresh' | 'drop' | 'link_disabled'; which?: number };

/** What a playground starts with; a part left out is the default seed's. */
export type Seed = {
  team?: Team;
  users?: (Partial<User> & { id: string; name: string; email?: string })[];
  user_groups?: { id: string; handle: string; name?: string; users: string[] }[];
  channels?: (ChannelPatch & { id: string; name: string })[];
  settings?: Partial<Settings>;
};
