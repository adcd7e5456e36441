// The channel in which checkpoints of the audit log stand: each is posted for people, with the exact note in the message's
// metadata, and read back from there. A checkpoint is public, and only what the app itself posted counts.

import type { WebClient } from '@slack/web-api';
import { PlacetError } from '../../domain/errors.ts';
import { escaped } from '../draw/text.ts';
import { createSlackClient } from './web-api.ts';

const EVENT_TYPE = 'placet_checkpoint';
/** In a channel where only checkpoints stand, the first is one. */
const MESSAGES_MAX = 100;
/** What others wrote since the last checkpoint may be this much; with more, nobody knows what lies further back. */
const PAGES_MAX = 10;

type Checkpoint = { readonly origin: string; readonly note: string; readonly size: number; readonly after: number };
/** One that stands in the channel. */
type Posted = Checkpoint & { readonly ts: string };

/** The channel, as an anchor needs it. Each call throws what Slack's client throws. */
export function createCheckpointChannel(
  options: Parameters<typeof createSlackClient>[0] & { readonly channel_id: string },
) {
  const { channel_id: channel, ...access } = options;
  const client = createSlackClient(access);
  return {
    list: (origin: string) => list(client, { channel, origin }),
    post: async (checkpoint: Checkpoint): Promise<string | null> => {
      const answer = await client.chat.postMessage({
        channel,
        ...contentOf(checkpoint, null),
        unfurl_links: false,
        unfurl_media: false,
        parse: 'none',
        link_names: false,
      });
      return answer.ts ?? null;
    },
    /** Says in its message that the checkpoint was still the last one at this moment. */
    confirm: async ({ ts, ...checkpoint }: Posted, at: Date): Promise<void> => {
      await client.chat.update({ channel, ts, ...contentOf(checkpoint, at), parse: 'none', link_names: false });
    },
  };
}

function contentOf(checkpoint: Checkpoint, confirmed_at: Date | null) {
  const { origin, size, note } = checkpoint;
  const still = confirmed_at === null ? '' : ` It was still the last one at ${confirmed_at.toISOString()}.`;
  const text = `Checkpoint of the audit log ${origin} at ${size} events.${still}\n\`\`\`\n${note}\`\`\``;
  return { text: escaped(text), metadata: { event_type: EVENT_TYPE, event_payload: { ...checkpoint } } };
}

/** What the app posted of this log, newest first, as far as the first page that holds any of it; none only once all was read. */
async function list(
  client: WebClient,
  { channel, origin }: { readonly channel: string; readonly origin: string },
): Promise<readonly Posted[]> {
  const { bot_id } = await client.auth.test();
  if (bot_id === undefined)
    throw unreadable('the token is of no bot', 'set SLACK_BOT_TOKEN to the token of the bot, which begins with xoxb-');
  let cursor = '';
  for (let page = 0; page < PAGES_MAX && (page === 0 || cursor !== ''); page += 1) {
    const query = { channel, limit: MESSAGES_MAX, include_all_metadata: true };
    const answer = await client.conversations.history(cursor === '' ? query : { ...query, cursor });
    const own = (answer.messages ?? []).flatMap((message) =>
      message.bot_id === bot_id ? readPosted(message.ts, message.metadata) : [],
    );
    const found = own.filter((posted) => posted.origin === origin);
    if (found.length > 0) return found;
    cursor = answer.response_metadata?.next_cursor ?? '';
  }
  if (cursor === '') return [];
  const read = PAGES_MAX * MESSAGES_MAX;
  throw unreadable(`no checkpoint is among the last ${read} messages`, 'use a channel in which nobody else writes');
}

function readPosted(ts: string | undefined, metadata: unknown): Posted[] {
  const { event_type, event_payload = {} } = (metadata ?? {}) as {
    readonly event_type?: unknown;
    readonly event_payload?: { readonly [name in keyof Checkpoint]?: unknown };
  };
  const { origin, note, size, after } = event_payload;
  if (event_type !== EVENT_TYPE || ts === undefined || typeof origin !== 'string' || typeof note !== 'string')
    return [];
  return typeof size === 'number' && typeof after === 'number' ? [{ ts, origin, note, size, after }] : [];
}

function unreadable(reason: string, remedy: string): PlacetError {
  return new PlacetError('unavailable', { dependency: 'slack', reason, remedy });
}
