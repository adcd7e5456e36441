// What every listener of the Slack door is given: use cases, a client, and how to say something in the log. Types only.

import type { SourceAnswer } from '../../domain/people/membership.ts';
import type { Choice } from '../../domain/request/request.ts';
import type { AskSources } from '../../service/memberships.ts';
import type { APPROVER_USE_CASES, Bound, SETTINGS_USE_CASES } from '../../service/use-cases.ts';
import type { SettingsPlaces } from '../draw/settings-home.ts';
import type { SlackClient } from '../send/web-api.ts';

/** The use cases that approvers and administrators reach through Slack. */
export type SlackDeps = Bound<typeof APPROVER_USE_CASES> & Bound<typeof SETTINGS_USE_CASES>;

type LogFields = Readonly<Record<string, unknown>>;

export type SlackLog = {
  readonly info: (msg: string, fields?: LogFields) => void;
  readonly warn: (msg: string, fields?: LogFields) => void;
  readonly error: (msg: string, fields?: LogFields) => void;
};

/** Counts what became of a decision: "counted", the kind of its refusal, or "click_error". */
export type CountDecision = (decision: Choice, outcome: string) => void;

/** Which workspace we are installed in, and as which app; `app_id` is null when nobody told us. */
export type Installation = { readonly team_id: string; readonly app_id: string | null };

export type ListenerContext = {
  readonly deps: SlackDeps;
  readonly client: SlackClient;
  readonly log: SlackLog;
  readonly countDecision: CountDecision;
  readonly tenant_id: string;
  readonly installation: Installation;
  readonly askSources: AskSources;
  /** What sources answered lately: for lists of what waits, never for a decision. */
  readonly lately: Map<string, { readonly at_ms: number; readonly answer: SourceAnswer }>;
  /** When to acknowledge although the answer is not there yet. */
  readonly ack_after_ms: number;
  /** Shows the settings in the Home tab of this account, some time soon; from these places on. */
  readonly showSettings: (user_id: string, places: SettingsPlaces) => void;
  /** Draws the Home tab of this account anew, some time soon. */
  readonly refreshHome: (user_id: string) => void;
};
