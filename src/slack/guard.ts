// Lets only payloads of our app in our workspace through, and catches what Bolt could not deliver. Decides nothing.

import type { App } from '@slack/bolt';
import { answerTrouble } from '../notify/answers.ts';
import type { Installation, SlackLog } from './door.ts';
import { installedTeam, textAt } from './payload.ts';

const RESPOND_TIMEOUT_MS = 3_000;

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
  const onError = async ({ error, body }: { readonly error: Error; readonly body: unknown }) => {
    log.error('bolt failed', { err: error });
    await tellByUrl(textAt(body, 'response_url'), log);
  };
  app.error(onError);
}

/** The last way to say that nothing was recorded; needs no token. */
async function tellByUrl(response_url: string | null, log: SlackLog): Promise<void> {
  if (response_url === null) return;
  const body = JSON.stringify({
    ...answerTrouble('not_recorded'),
    response_type: 'ephemeral',
    replace_original: false,
  });
  try {
    const headers = { 'content-type': 'application/json' };
    await fetch(response_url, { method: 'POST', headers, body, signal: AbortSignal.timeout(RESPOND_TIMEOUT_MS) });
  } catch (error) {
    log.warn('a response_url did not take the answer', { err: error });
  }
}
