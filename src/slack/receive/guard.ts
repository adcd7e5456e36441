// Lets only payloads of our app in our workspace through, and logs what Bolt could not deliver. Decides nothing.

import type { App } from '@slack/bolt';
import type { Installation, SlackLog } from './listener-context.ts';
import { installedTeam, member, textAt } from './payload.ts';

/** A single-token Bolt app takes any app's and any team's payload that is signed; this one does not. */
export function guardInstallation(app: App<Record<string, never>>, installation: Installation, log: SlackLog): void {
  app.use(async ({ body, next }) => {
    const foreign = foreignness(body, installation);
    if (foreign === null) return next();
    // Not acknowledged: whoever clicked sees Slack's own warning.
    log.warn(`a payload was dropped: ${foreign}`, { team_id: installedTeam(body) });
  });
  app.error(async (error) => log.error('bolt failed', { err: error }));
}

/** Why a payload is not for us, in words for the operator; null when it is. */
export function foreignness(body: unknown, { app_id, team_id }: Installation): string | null {
  if (app_id !== null && textAt(body, 'api_app_id') !== app_id) return 'it is of another app';
  // An event of an org-wide installation says so of its authorisation, everything else of itself.
  const authorizations = member(body, 'authorizations');
  const first: unknown = Array.isArray(authorizations) ? authorizations[0] : undefined;
  if (isTrue(member(body, 'is_enterprise_install')) || isTrue(member(first, 'is_enterprise_install'))) {
    return 'the app is installed org-wide, which is not supported: install it into the one workspace';
  }
  if (installedTeam(body) === team_id) return null;
  const enterprise =
    textAt(body, 'enterprise', 'id') ?? textAt(body, 'enterprise_id') ?? textAt(first, 'enterprise_id');
  return enterprise === null
    ? 'it is of another workspace than the bot token'
    : 'it is of another workspace of an Enterprise Grid than the bot token: each needs its own installation and processes';
}

/** Slack writes it as a text in commands. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
