// conversations.open, info, list, members, history and replies.
import { messagesOf, openDm } from '../core/messages.ts';
import type { ChannelRecord, StoredMessage } from '../core/store.ts';
import { wireMessage } from '../core/wire-message.ts';
import { settingsOf, type World } from '../core/world.ts';
import type { JsonObject } from '../protocol.ts';
import { type Args, flag, optionalText, page, text } from './args.ts';
import { knownChannel, refuseUnreachable } from './channel-access.ts';
import { SlackApiError } from './errors.ts';
import type { Methods } from './method.ts';

const anyHistory = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];
const anyRead = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

export const conversationMethods: Methods = {
  'conversations.open': { token: 'bot', scopes: ['im:write', 'mpim:write'], tier: 3, run: open },
  'conversations.info': { token: 'bot', scopes: anyRead, tier: 3, run: info },
  'conversations.list': { token: 'bot', scopes: anyRead, tier: 2, run: list },
  'conversations.history': { token: 'bot', scopes: anyHistory, tier: 3, run: history },
  'conversations.replies': { token: 'bot', scopes: anyHistory, tier: 3, run: replies },
  'conversations.members': { token: 'bot', scopes: anyRead, tier: 4, run: members },
};

function open(world: World, args: Args): JsonObject {
  const given = optionalText(args, 'channel');
  const users = (optionalText(args, 'users') ?? '').split(',').filter((id) => id !== '');
  if (given) return opened(knownChannel(world, given), true, args);
  if (users.length === 0) throw new SlackApiError('users_list_not_supplied');
  // Group DMs are not played here.
  if (users.length > 1) throw new SlackApiError('method_not_supported_for_channel_type');
  const user = users[0] ?? '';
  refuseUnreachable(world.store.get('user', user));
  const { channel, alreadyOpen } = openDm(world, user);
  return opened(channel, alreadyOpen, args);
}

function opened(channel: ChannelRecord, alreadyOpen: boolean, args: Args): JsonObject {
  const known: JsonObject = alreadyOpen ? { no_op: true, already_open: true } : {};
  if (!flag(args, 'return_im')) return { ...known, channel: { id: channel.id } };
  return { ...known, channel: { id: channel.id, is_im: true, user: channel.user ?? '', is_open: true, created: 0 } };
}

/** The scope that lets an app read a channel of this kind. */
function scopeOf(channel: ChannelRecord): string {
  if (channel.is_im) return 'im:read';
  return channel.is_private ? 'groups:read' : 'channels:read';
}

/** A channel that the app may read: its kind needs its own scope. */
function readableChannel(world: World, args: Args): ChannelRecord {
  const channel = knownChannel(world, text(args, 'channel'));
  const { scopes } = settingsOf(world);
  const needed = scopeOf(channel);
  if (!scopes.includes(needed)) throw new SlackApiError('missing_scope', { needed, provided: scopes.join(',') });
  return channel;
}

function info(world: World, args: Args): JsonObject {
  const channel = readableChannel(world, args);
  const count = flag(args, 'include_num_members') ? { num_members: channel.members.length } : {};
  return { channel: { ...wireChannel(world, channel), ...count } };
}

/** The messages of a channel that the app is in and may read, newest first, within the bounds. */
function messagesIn(world: World, args: Args, isIn: (message: StoredMessage) => boolean): JsonObject {
  const channel = knownChannel(world, text(args, 'channel'));
  const { scopes } = settingsOf(world);
  const needed = scopeOf(channel).replace(':read', ':history');
  if (!scopes.includes(needed)) throw new SlackApiError('missing_scope', { needed, provided: scopes.join(',') });
  if (!channel.members.includes(world.identity.botUserId)) throw new SlackApiError('not_in_channel');
  const oldest = Number(optionalText(args, 'oldest') ?? '0');
  const latest = Number(optionalText(args, 'latest') ?? 'Infinity');
  const within = messagesOf(world, channel.id).filter((message) => {
    const at = Number(message.ts);
    return isIn(message) && at > oldest && at < latest;
  });
  const { items, next } = page(args, within.reverse(), { limit: 100, max: 999 });
  const shown = items.map((message) => {
    const { metadata, ...wire } = wireMessage(world, message);
    return metadata !== undefined && flag(args, 'include_all_metadata') ? { ...wire, metadata } : wire;
  });
  return { messages: shown, has_more: next !== '', response_metadata: { next_cursor: next } };
}

function history(world: World, args: Args): JsonObject {
  return messagesIn(
    world,
    args,
    ({ thread_ts, ts, is_broadcast }) => !thread_ts || thread_ts === ts || is_broadcast === true,
  );
}

function replies(world: World, args: Args): JsonObject {
  const parent = text(args, 'ts');
  const found = messagesIn(world, args, ({ thread_ts, ts }) => ts === parent || thread_ts === parent);
  if ((found['messages'] as JsonObject[]).length === 0) throw new SlackApiError('thread_not_found');
  return found;
}

function list(world: World, args: Args): JsonObject {
  const types = (optionalText(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
  const { scopes } = settingsOf(world);
  const typeOf = (channel: ChannelRecord) =>
    channel.is_im ? 'im' : channel.is_private ? 'private_channel' : 'public_channel';
  const seen = world.store.all('channel').filter((channel) => {
    const isHidden = (channel.is_private || channel.is_im) && !channel.members.includes(world.identity.botUserId);
    const isArchivedOut = channel.is_archived && flag(args, 'exclude_archived');
    return types.includes(typeOf(channel)) && scopes.includes(scopeOf(channel)) && !isHidden && !isArchivedOut;
  });
  const { items, next } = page(args, seen, { limit: 100, max: 1000 });
  return { channels: items.map((channel) => wireChannel(world, channel)), response_metadata: { next_cursor: next } };
}

function members(world: World, args: Args): JsonObject {
  const channel = readableChannel(world, args);
  const { items, next } = page(args, channel.members, { limit: 100, max: 1000 });
  return { members: items, response_metadata: { next_cursor: next } };
}

function wireChannel(world: World, channel: ChannelRecord): JsonObject {
  const { identity } = world;
  if (channel.is_im) {
    const user = channel.user ?? '';
    return { id: channel.id, is_im: true, user, is_user_deleted: world.store.get('user', user)?.deleted ?? false };
  }
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: channel.is_private,
    is_archived: channel.is_archived,
    is_general: channel.is_general,
    is_shared: channel.is_ext_shared,
    is_ext_shared: channel.is_ext_shared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    is_member: channel.members.includes(identity.botUserId),
    context_team_id: identity.team.id,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    created: 0,
    creator: identity.botUserId,
  };
}
