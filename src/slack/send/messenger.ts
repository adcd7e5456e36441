// Slack as the worker needs it: our calls with one client, and who we are there, asked once.

import type { Messenger } from './delivery.ts';
import { failureOf, SlackUnavailable } from './failures.ts';
import { findShown } from './find-account.ts';
import { findPosts } from './find-posts.ts';
import {
  createSlackClient,
  disableButtons,
  findMessage,
  openDm,
  postCard,
  postDm,
  postReply,
  updateCard,
} from './web-api.ts';

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
    knownTeamId: () => team_id ?? null,
    findByEmail: (email) =>
      findShown(client, email).catch((error: unknown) => {
        const failure = failureOf(error, 'users.lookupByEmail');
        if (failure.kind === 'retryable') throw new SlackUnavailable(failure.code, failure.retry_after_ms);
        return null;
      }),
    postCard: (to, message) => postCard(client, to, message),
    updateCard: (place, message) => updateCard(client, place, message),
    findMessage: (place) => findMessage(client, place),
    postReply: (to, message) => postReply(client, to, message),
    postDm: (to, message) => postDm(client, to, message),
    findPosts: (sought) => findPosts(client, sought),
    findDms: async ({ user_id, ...sought }) => {
      const opened = await openDm(client, user_id);
      if (opened.kind === 'retryable') return opened;
      if (opened.kind !== 'opened') return { kind: 'unknown' };
      return findPosts(client, { ...sought, channel_id: opened.channel_id, thread_ts: null });
    },
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
