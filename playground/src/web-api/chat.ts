// chat.postMessage, chat.update, chat.delete, chat.postEphemeral, chat.getPermalink.
import {
  addEphemeral,
  addMessage,
  canSee,
  changeMessage,
  dropMessage,
  findMessage,
  permalink,
} from '../core/messages.ts';
import type { StoredMessage } from '../core/store.ts';
import { wireMessage } from '../core/wire-message.ts';
import type { World } from '../core/world.ts';
import type { JsonObject } from '../protocol.ts';
import { type Args, flag, optionalText, text } from './args.ts';
import { knownChannel, writableChannel } from './channel-access.ts';
import { readContent } from './content.ts';
import { SlackApiError } from './errors.ts';
import type { Methods } from './method.ts';

/** https://docs.slack.dev/reference/methods/chat.update: longer is msg_too_long. */
const UPDATE_TEXT_MAX = 4_000;

const write = ['chat:write'];

export const chatMethods: Methods = {
  'chat.postMessage': { token: 'bot', scopes: write, tier: 'post', run: post },
  'chat.update': { token: 'bot', scopes: write, tier: 3, run: update },
  'chat.delete': { token: 'bot', scopes: write, tier: 3, run: remove },
  'chat.postEphemeral': { token: 'bot', scopes: write, tier: 4, run: postEphemeral },
  'chat.getPermalink': { token: 'bot', scopes: [], tier: 'special', run: getPermalink },
};

function post(world: World, args: Args): JsonObject {
  const channelId = text(args, 'channel');
  const channel = writableChannel(world, channelId);
  const content = readContent(args);
  const message = addMessage(world, { channel: channel.id, ...threadOf(world, channel.id, args) }, content);
  return { channel: channel.id, ts: message.ts, message: wireMessage(world, message) };
}

function threadOf(world: World, channel: string, args: Args): { thread_ts?: string; is_broadcast?: boolean } {
  const threadTs = optionalText(args, 'thread_ts');
  if (!threadTs) return {};
  const parent = findMessage(world, channel, threadTs);
  if (!parent || (parent.thread_ts && parent.thread_ts !== parent.ts)) {
    throw new SlackApiError('cannot_reply_to_message');
  }
  return { thread_ts: threadTs, ...(flag(args, 'reply_broadcast') ? { is_broadcast: true } : {}) };
}

/** The app's own message: message_not_found, or `foreign` when someone else wrote it. */
function ownMessage(world: World, args: Args, foreign: string): StoredMessage {
  const channel = knownChannel(world, text(args, 'channel'));
  const ts = text(args, 'ts');
  const message = findMessage(world, channel.id, ts);
  if (!message) throw new SlackApiError('message_not_found');
  if (message.bot_id !== world.identity.botId) throw new SlackApiError(foreign);
  if (channel.is_archived) throw new SlackApiError('is_inactive');
  if (!channel.members.includes(world.identity.botUserId)) throw new SlackApiError('not_in_channel');
  return message;
}

function update(world: World, args: Args): JsonObject {
  const message = ownMessage(world, args, 'cant_update_message');
  const content = readContent(args);
  if ([...content.text].length > UPDATE_TEXT_MAX) throw new SlackApiError('msg_too_long');
  refuseLostRichText(message, content.blocks);
  const changed = changeMessage(world, message, content);
  return { channel: changed.channel, ts: changed.ts, text: changed.text, message: wireMessage(world, changed) };
}

/** Documented as block_mismatch: a rich_text message can't become one of other blocks only. */
function refuseLostRichText(message: StoredMessage, blocks: JsonObject[]): void {
  const hasRichText = (list: JsonObject[]) => list.some((block) => block['type'] === 'rich_text');
  if (blocks.length > 0 && hasRichText(message.blocks) && !hasRichText(blocks))
    throw new SlackApiError('block_mismatch');
}

function remove(world: World, args: Args): JsonObject {
  const message = ownMessage(world, args, 'cant_delete_message');
  dropMessage(world, message.channel, message.ts);
  return { channel: message.channel, ts: message.ts };
}

function postEphemeral(world: World, args: Args): JsonObject {
  const channel = writableChannel(world, text(args, 'channel'));
  const user = text(args, 'user');
  if (!channel.members.includes(user) || !canSee(world, user, channel)) throw new SlackApiError('user_not_in_channel');
  const threadTs = optionalText(args, 'thread_ts');
  const place = { channel: channel.id, ...(threadTs ? { thread_ts: threadTs } : {}) };
  return { message_ts: addEphemeral(world, place, readContent(args), user).ts };
}

function getPermalink(world: World, args: Args): JsonObject {
  const channel = knownChannel(world, text(args, 'channel'));
  const message = findMessage(world, channel.id, text(args, 'message_ts'));
  if (!message) throw new SlackApiError('message_not_found');
  return { channel: channel.id, permalink: permalink(world, message) };
}
