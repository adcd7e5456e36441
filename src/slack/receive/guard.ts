// Lets only payloads of our app in our workspace through, and logs what Bolt could not deliver. Decides nothing.

import type { App } from '@slack/bolt';
import type { Installation, SlackLog } from './listener-context.ts';
import { installedTeam, textAt } from './payload.ts';

/** A single-token Bolt app takes any app's and any team's payload that is signed; this one does not. */
export function guardInstallation(app: App<Record<string, never>>, installation: Installation, log: SlackLog): void {
  app.use(async ({ body, next }) => {
    const app_id = textAt(body, 'api_app_id');
    const team_id = installedTeam(body);
    const isOurApp = installation.app_id === null || app_id === installation.app_id;
    if (isOurApp && team_id === installation.team_id) return next();
    // Not acknowledged: whoever clicked sees Slack's own warning.
    log.warn('a payload of another app or workspace was dropped', { team_id });
  });
  app.error(async (error) => log.error('bolt failed', { err: error }));
}
