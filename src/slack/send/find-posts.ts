// Finds a post of ours whose answer was lost, by the id in its metadata: only where the app may read the channel's history.
// The metadata can be read by other apps in the channel: an id of ours, and nothing else.

import type { WebClient } from '@slack/web-api';
import { failureOf, type SendFailure } from './failures.ts';

const EVENT_TYPE = 'placet_message';
/** Slack's clock and the database's are two. */
const BEFORE_MS = 60_000;
/** The most that Slack gives in one page, newest first. */
const MESSAGES_MAX = 999;
/** More than a channel gets while one message is tried; what lies further back is taken for not there. */
const PAGES_MAX = 5;

export type FindInput = {
  readonly channel_id: string;
  /** The message in whose thread it stands; null for one of the channel. */
  readonly thread_ts: string | null;
  readonly id: string;
  readonly since: Date;
};

/** Where copies stand, oldest first; `unknown` where the app may not read that. */
export type FoundPosts =
  | { readonly kind: 'found'; readonly places: readonly { readonly channel_id: string; readonly ts: string }[] }
  | { readonly kind: 'unknown' }
  | Extract<SendFailure, { kind: 'retryable' }>;

/** What a post carries so that it can be found again. */
export function metadataOf(id: string) {
  return { event_type: EVENT_TYPE, event_payload: { id } };
}

/** Every post with this id that stands there. */
export async function findPosts(client: WebClient, sought: FindInput): Promise<FoundPosts> {
  const { channel_id, thread_ts, id, since } = sought;
  const bounds = {
    channel: channel_id,
    oldest: secondsOf(since.getTime() - BEFORE_MS),
    limit: MESSAGES_MAX,
    include_all_metadata: true,
  };
  try {
    const places: { channel_id: string; ts: string }[] = [];
    let cursor = '';
    for (let page = 0; page < PAGES_MAX && (page === 0 || cursor !== ''); page += 1) {
      const from = cursor === '' ? bounds : { ...bounds, cursor };
      const answer =
        thread_ts === null
          ? await client.conversations.history(from)
          : await client.conversations.replies({ ...from, ts: thread_ts });
      const own = (answer.messages ?? []).filter(({ metadata }) => isOurs(metadata, id));
      places.push(...own.flatMap(({ ts }) => (ts === undefined ? [] : [{ channel_id, ts }])));
      cursor = answer.response_metadata?.next_cursor ?? '';
    }
    return { kind: 'found', places: places.sort((a, b) => Number(a.ts) - Number(b.ts)) };
  } catch (error) {
    const failure = failureOf(error, thread_ts === null ? 'conversations.history' : 'conversations.replies');
    return failure.kind === 'retryable' ? failure : { kind: 'unknown' };
  }
}

function isOurs(metadata: unknown, id: string): boolean {
  const { event_type, event_payload } = (metadata ?? {}) as { event_type?: unknown; event_payload?: { id?: unknown } };
  return event_type === EVENT_TYPE && event_payload?.id === id;
}

function secondsOf(ms: number): string {
  return (ms / 1_000).toFixed(6);
}
