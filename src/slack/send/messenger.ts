// Slack as the worker needs it: our calls with one client, and who we are there, asked once.

import type { Messenger } from './deliver.ts';
import { failureOf, SlackUnavailable } from './failures.ts';
import { findShown } from './find-account.ts';
import { createSlackClient, disableButtons, findMessage, postCard, postDm, postReply, updateCard } from './web-api.ts';

/** A messenger over the bot token; Slack refuses an empty one, and then every message waits. */
export function createMessenger(options: Parameters<typeof createSlackClient>[0]): Messenger {
  const client = createSlackClient(options);
  let team_id: string | undefined;
  return {
    teamId: async () => {
      team_id ??= (await ask('auth.test', () => client.auth.test())).team_id;
      if (team_id === undefined) throw new SlackUnavailable('no_team', null);
      return team_id;
    },
    findByEmail: (email) =>
      findShown(client, email).catch((error: unknown) => {
        const failure = failureOf(error, 'users.lookupByEmail');
        if (failure.kind === 'retryable') throw new SlackUnavailable(failure.code, failure.retry_after_ms);
        return null;
      }),
    postCard: (channel_id, message) => postCard(client, channel_id, message),
    updateCard: (place, message) => updateCard(client, place, message),
    findMessage: (place) => findMessage(client, place),
    postReply: (place, message) => postReply(client, place, message),
    postDm: (user_id, message) => postDm(client, user_id, message),
    disableButtons: (place, request_id) => disableButtons(client, place, request_id),
  };
}

async function ask<T>(method: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const failure = failureOf(error, method);
    throw new SlackUnavailable(failure.code, failure.kind === 'retryable' ? failure.retry_after_ms : null);
  }
}
