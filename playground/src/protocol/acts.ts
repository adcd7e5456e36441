// What a person can do in the playground, and what their client makes of it. Types only.
import type { ActErrorCode } from './act-error.ts';
import type { View } from './things.ts';

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
  /** Test hook: click a button that only an earlier revision had, as one who has not seen the update. It also lets
   * one act who was deactivated, or left the channel, a moment ago. */
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

/** `values` by block_id or action_id, or by both. What is left out keeps its initial or last sent value. */
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
