// Thin calls to Slack: post, update, reply, DM. One try each; whoever calls decides when to try again.
// Never decides what to say, and never lets Slack expand links or names in it.

import { type ChatPostMessageArguments, type Logger, LogLevel, WebClient } from '@slack/web-api';
import type { Message } from '../draw/block-kit.ts';
import { drawStaleCard } from '../draw/small-cards.ts';
import { failureOf, type SendFailure } from './failures.ts';
import { metadataOf } from './find-posts.ts';
import { callSlack } from './http.ts';
import { withinLimits } from './limits.ts';
import { isGone } from './slack-errors.ts';

/** Slack answers within a second or two; its own client would wait for ever. */
const CALL_TIMEOUT_MS = 8_000;

export type SlackClient = WebClient;
export type Place = { readonly channel_id: string; readonly ts: string };

export type PostAnswer =
  | { readonly kind: 'posted'; readonly channel_id: string; readonly ts: string; readonly is_minimal: boolean }
  | SendFailure;
export type UpdateAnswer = { readonly kind: 'updated'; readonly is_minimal: boolean } | SendFailure;

export type FoundAnswer = { readonly kind: 'standing' } | { readonly kind: 'gone' } | SendFailure;

/** The card, and what stands in for it when Slack refuses its blocks. */
export type CardToSend = { readonly card: Message; readonly minimal: Message };

/** A client that tries once, reports 429 at once, gives up in time and logs nothing (bodies hold parameters). */
export function createSlackClient(options: { readonly token: string; readonly api_url: string | null }): SlackClient {
  return new WebClient(options.token, {
    ...(options.api_url === null ? {} : { slackApiUrl: options.api_url }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_TIMEOUT_MS,
    fetch: withinLimits(callSlack),
    logger: silentLogger(),
  });
}

/** Where a message goes, and by which id of ours it is found again; null for what is never looked for. */
export type Addressed = { readonly channel_id: string; readonly id: string | null };

/** Posts a card into a channel; the minimal one when Slack refuses the blocks. */
export async function postCard(client: SlackClient, to: Addressed, message: CardToSend): Promise<PostAnswer> {
  const { channel_id: channel, id } = to;
  const answer = await post(client, { channel, id, ...message.card });
  if (answer.kind !== 'blocks_refused') return answer;
  const second = await post(client, { channel, id, ...message.minimal });
  return second.kind === 'posted' ? { ...second, is_minimal: true } : second;
}

/** Draws a posted card anew; the minimal one when Slack refuses the blocks. */
export async function updateCard(client: SlackClient, place: Place, message: CardToSend): Promise<UpdateAnswer> {
  const answer = await update(client, place, message.card);
  if (answer.kind !== 'blocks_refused') return answer;
  const second = await update(client, place, message.minimal);
  return second.kind === 'updated' ? { ...second, is_minimal: true } : second;
}

/** Replies in the thread of a card; the channel sees only the thread's count. */
export function postReply(client: SlackClient, to: Place & Addressed, message: Message): Promise<PostAnswer> {
  return post(client, { channel: to.channel_id, thread_ts: to.ts, id: to.id, ...message });
}

/** Whether the message still stands; of one that cannot be asked about, why. */
export async function findMessage(client: SlackClient, place: Place): Promise<FoundAnswer> {
  const answer = await tried('chat.getPermalink', () =>
    client.chat.getPermalink({ channel: place.channel_id, message_ts: place.ts }),
  );
  if (answer.kind === 'done') return { kind: 'standing' };
  return answer.kind !== 'retryable' && isGone(answer.code) ? { kind: 'gone' } : answer;
}

/** Sends a direct message to a Slack account of our workspace. */
export async function postDm(
  client: SlackClient,
  to: { readonly user_id: string; readonly id: string | null },
  message: Message,
): Promise<PostAnswer> {
  const opened = await openDm(client, to.user_id);
  if (opened.kind !== 'opened') return opened;
  return post(client, { channel: opened.channel_id, id: to.id, ...message });
}

/** The channel of direct messages with an account. */
export async function openDm(
  client: SlackClient,
  user_id: string,
): Promise<{ readonly kind: 'opened'; readonly channel_id: string } | SendFailure> {
  const opened = await tried('conversations.open', () => client.conversations.open({ users: user_id }));
  if (opened.kind !== 'done') return opened;
  const channel_id = opened.value.channel?.id;
  return channel_id === undefined ? { kind: 'refused', code: 'channel_not_found' } : { kind: 'opened', channel_id };
}

/** Takes the buttons off a copy of a card that is not the live one. */
export function disableButtons(client: SlackClient, place: Place, request_id: string | null): Promise<UpdateAnswer> {
  return update(client, place, drawStaleCard(request_id));
}

type PostArguments = Message & { readonly channel: string; readonly thread_ts?: string; readonly id: string | null };

async function post(client: SlackClient, { id, ...message }: PostArguments): Promise<PostAnswer> {
  const args: ChatPostMessageArguments = {
    ...message,
    ...(id === null ? {} : { metadata: metadataOf(id) }),
    unfurl_links: false,
    unfurl_media: false,
    parse: 'none',
    link_names: false,
  };
  const answer = await tried('chat.postMessage', () => client.chat.postMessage(args));
  if (answer.kind !== 'done') return answer;
  const { channel, ts } = answer.value;
  if (channel === undefined || ts === undefined) {
    return { kind: 'retryable', code: 'no_place', retry_after_ms: null, is_doubtful: true };
  }
  return { kind: 'posted', channel_id: channel, ts, is_minimal: false };
}

async function update(client: SlackClient, place: Place, message: Message): Promise<UpdateAnswer> {
  const answer = await tried('chat.update', () =>
    client.chat.update({ channel: place.channel_id, ts: place.ts, ...message, parse: 'none', link_names: false }),
  );
  return answer.kind === 'done' ? { kind: 'updated', is_minimal: false } : answer;
}

export async function tried<T>(
  method: string,
  call: () => Promise<T>,
): Promise<{ readonly kind: 'done'; readonly value: T } | SendFailure> {
  try {
    return { kind: 'done', value: await call() };
  } catch (error) {
    return failureOf(error, method);
  }
}

function silentLogger(): Logger {
  const silent = () => {};
  return {
    debug: silent,
    info: silent,
    warn: silent,
    error: silent,
    setLevel: silent,
    getLevel: () => LogLevel.ERROR,
    setName: silent,
  };
}
