// Slack as the worker needs it: our calls with one client, and who we are there, asked once.

import { SlackUnavailable } from '../../../activities/failure.ts';
import type { Messenger } from './deliver.ts';
import type { Config } from '../../process/config.ts';
import { failureOf } from './failures.ts';
import { createSlackClient, deadenCard, postCard, postDm, postReply, updateCard } from './web-api.ts';

/** A messenger over the bot token; without Slack settings every message waits, and the worker says so at its start. */
export function createMessenger(config: Config): Messenger {
  const token = config.slack.kind === 'none' ? '' : config.slack.botToken;
  const client = createSlackClient({ token, apiUrl: config.slackApiUrl });
  let team_id: string | undefined;
  return {
    teamId: async () => {
      team_id ??= (await ask(() => client.auth.test())).team_id;
      if (team_id === undefined) throw new SlackUnavailable('no_team', null);
      return team_id;
    },
    findByEmail: async (email) => {
      const answer = await client.users.lookupByEmail({ email }).catch((error: unknown) => {
        const failure = failureOf(error);
        if (failure.kind === 'retryable') throw new SlackUnavailable(failure.code, failure.retry_after_ms);
        return null;
      });
      return answer?.user?.id ?? null;
    },
    postCard: (channel_id, message) => postCard(client, channel_id, message),
    updateCard: (place, message) => updateCard(client, place, message),
    postReply: (place, message) => postReply(client, place, message),
    postDm: (user_id, message) => postDm(client, user_id, message),
    deadenCard: (place, request_id) => deadenCard(client, place, request_id),
  };
}

async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const failure = failureOf(error);
    throw new SlackUnavailable(failure.code, failure.kind === 'retryable' ? failure.retry_after_ms : null);
  }
}
