// Who and what stands in a playground: people, channels, messages, views, warnings. Types only, in Slack's names.
import type { ActErrorCode } from './act-error.ts';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** A JSON object, such as one Block Kit block; validated by the server when it came in. */
export type JsonObject = { [key: string]: Json };

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

/** A modal or Home as Slack keeps it: the app's JSON, with every block_id and action_id filled in. */
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
