// Says in one error for people why a part cannot be had at the start: the reason as it was told, and what to do about it.

import { WebAPIPlatformError } from '@slack/web-api';
import { hasCode, PlacetError } from '../domain/errors.ts';
import { type DatabaseSetting, databaseRemedy } from './database-remedies.ts';
import { authorityOf } from './host.ts';

/** Slack's own faults, which no setting cures: https://docs.slack.dev/reference/methods/auth.test#errors */
const PASSING = new Set(['fatal_error', 'internal_error', 'ratelimited', 'request_timeout', 'service_unavailable']);

/** The first of several addresses that were tried in vain speaks for all; its own message is empty. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

function unavailable(dependency: string, reason: string, remedy: string, cause: unknown): PlacetError {
  return new PlacetError('unavailable', { dependency, reason, remedy }, cause);
}

/** Why the database cannot be used; what has its words already is passed on. */
export function databaseFault(error: unknown, variable: DatabaseSetting): unknown {
  const isBare = hasCode(error, 'unavailable') && (error as PlacetError).details['remedy'] === undefined;
  const cause = isBare ? (error as PlacetError).cause : error;
  if (cause instanceof PlacetError) return cause;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return unavailable('database', reasonOf(cause), databaseRemedy(first, variable), cause);
}

/** Names the setting when a port is taken or an address is not this machine's; any other error is passed on. */
export function portFault(error: unknown, at: { host: string; port: number; variable: string }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = authorityOf(at.host, at.port);
  switch (code) {
    case 'EADDRINUSE':
      return unavailable(
        'port',
        `${where} is taken`,
        `end what listens there, or set ${at.variable} to another port`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN': {
      const remedy = 'set PLACET_HOST to an address of this machine: 127.0.0.1, ::1, 0.0.0.0 or ::';
      return unavailable('port', `this machine cannot listen on ${at.host} (${code})`, remedy, error);
    }
    case 'EACCES': {
      const remedy = `set ${at.variable} to a port from 1024 on: lower ones need rights that Placet should not have`;
      return unavailable('port', `this user may not listen on ${where}`, remedy, error);
    }
    default:
      return error;
  }
}

/** Why Slack cannot be used with the bot token, or with the app-level token. */
export function slackFault(error: unknown, variable: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', api_url: string): unknown {
  if (error instanceof PlacetError) return error;
  if (error instanceof WebAPIPlatformError) {
    const answer = error.data.error;
    const remedy = PASSING.has(answer)
      ? 'start again in a minute: this is a fault of Slack'
      : `copy the token of the installed app into ${variable} once more: docs/slack-setup.md`;
    return unavailable('slack', `Slack answers ${answer} to ${variable}`, remedy, error);
  }
  const remedy = `let this machine reach ${api_url}: look at its network, its proxy and SLACK_API_URL`;
  return unavailable('slack', reasonOf(error), remedy, error);
}

type Token = { readonly is_enterprise_install?: boolean | undefined; readonly enterprise_id?: string | undefined };

/** A token for a whole organisation speaks for no workspace: whatever it posts or hears would be of nobody in particular. */
export function requireWorkspace({ is_enterprise_install, enterprise_id = 'the organisation' }: Token): void {
  if (is_enterprise_install !== true) return;
  const reason = `this bot token is of an org-wide installation (${enterprise_id}), which is not supported`;
  const remedy = 'install the app into one workspace and copy that token into SLACK_BOT_TOKEN: docs/slack-setup.md';
  throw unavailable('slack', reason, remedy, undefined);
}
