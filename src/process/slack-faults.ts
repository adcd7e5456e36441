// Says in one error for people why Slack cannot be had at the start. Apart from the other faults, for only some processes load
// Slack's library.

import { WebAPIPlatformError } from '@slack/web-api';
import { PlacetError } from '../domain/errors.ts';
import { reasonOf, unavailable } from './faults.ts';

/** Slack's own faults, which no setting cures: https://docs.slack.dev/reference/methods/auth.test#errors */
const PASSING = new Set(['fatal_error', 'internal_error', 'ratelimited', 'request_timeout', 'service_unavailable']);

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
