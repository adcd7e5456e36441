// Writing, changing and finding messages, and who may see a channel. No Web API and no delivery here.
import type { JsonObject, Message } from '../protocol.ts';
import { nextTs } from './ids.ts';
import type { ChannelRecord, StoredMessage } from './store.ts';
import type { World } from './world.ts';

/** Messages kept per channel, and earlier contents kept per message: more than a local Slack needs. See forgetOldest. */
export const MESSAGES_MAX = 2_000;
const PAST_MAX = 20;
/** Ephemeral messages kept per person and channel; Slack drops them on reload. */
const EPHEMERALS_MAX = 50;

export type Content = { text: string; blocks: JsonObject[]; attachments?: JsonObject[]; metadata?: JsonObject };
export type Place = { channel: string; thread_ts?: string; is_broadcast?: boolean };

/** Key of a message in the store. */
export function messageKey(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}

/** A message of a channel, without ephemeral ones. */
export function findMessage(world: World, channel: string, ts: string): StoredMessage | undefined {
  return world.store.get('message', messageKey(channel, ts));
}

/** The messages of a channel, oldest first. */
export function messagesOf(world: World, channel: string): StoredMessage[] {
  return world.store.all('message').filter((message) => message.channel === channel);
}

/** Writes a message as the app's bot, or as the person `user`. */
export function addMessage(world: World, place: Place, content: Content, user?: string): StoredMessage {
  const ts = nextTs(world);
  const message: StoredMessage = { ...draft(world, place, content, ts, user), past: [] };
  world.store.put('message', messageKey(place.channel, ts), message);
  if (place.thread_ts) countReply(world, place.channel, place.thread_ts, ts);
  forgetOldest(world, place.channel, rootOf(message));
  world.changes.touch(`messages:${place.channel}`);
  return message;
}

function rootOf({ ts, thread_ts }: Message): string {
  return thread_ts ?? ts;
}

/**
 * Whole threads, the oldest first: what nobody can press a button in before what still waits for a person, and never the
 * one that was written in just now. To whoever asks for it a forgotten message is one that was never there.
 */
function forgetOldest(world: World, channel: string, newest: string): void {
  const kept = messagesOf(world, channel);
  let over = kept.length - world.messagesMax;
  if (over <= 0) return;
  const threads = new Map<string, StoredMessage[]>();
  for (const message of kept) threads.set(rootOf(message), [...(threads.get(rootOf(message)) ?? []), message]);
  threads.delete(newest);
  const isWaiting = (thread: StoredMessage[]) =>
    thread.some(({ blocks }) => blocks.some(({ type }) => type === 'actions'));
  const all = [...threads.values()];
  for (const thread of [...all.filter((each) => !isWaiting(each)), ...all.filter(isWaiting)]) {
    if (over <= 0) return;
    for (const { ts } of thread) world.store.remove('message', messageKey(channel, ts));
    over -= thread.length;
  }
}

/** Writes an ephemeral message that only `to` sees. */
export function addEphemeral(world: World, place: Place, content: Content, to: string): Message {
  const ts = nextTs(world);
  const message: Message = { ...draft(world, place, content, ts), ephemeral_to: to, is_ephemeral: true };
  world.store.put('ephemeral', messageKey(place.channel, ts), message);
  const kept = world.store.all('ephemeral').filter((m) => m.channel === place.channel && m.ephemeral_to === to);
  for (const old of kept.slice(0, Math.max(0, kept.length - EPHEMERALS_MAX))) {
    world.store.remove('ephemeral', messageKey(old.channel, old.ts));
  }
  world.changes.touch(`ephemerals:${to}`);
  return message;
}

function draft(world: World, place: Place, content: Content, ts: string, user?: string): Message {
  const { identity } = world;
  const bot = { bot_id: identity.botId, app_id: identity.appId, username: identity.appName };
  return {
    type: 'message',
    channel: place.channel,
    ts,
    user: user ?? identity.botUserId,
    ...(user ? {} : bot),
    ...content,
    ...(place.thread_ts ? { thread_ts: place.thread_ts } : {}),
    ...(place.is_broadcast ? { is_broadcast: true } : {}),
    permalink: '',
    revision: 1,
  };
}

function countReply(world: World, channel: string, parentTs: string, ts: string): void {
  const parent = findMessage(world, channel, parentTs);
  if (!parent) return;
  const replied = { ...parent, thread_ts: parentTs, reply_count: (parent.reply_count ?? 0) + 1, latest_reply: ts };
  world.store.put('message', messageKey(channel, parentTs), replied);
}

/** Puts new content into a message and keeps the old one for stale clicks. */
export function changeMessage(world: World, message: StoredMessage, content: Content): StoredMessage {
  const { attachments: _old, metadata, ...rest } = message;
  const past = [...message.past, { text: message.text, blocks: message.blocks }].slice(-PAST_MAX);
  // Slack marks as edited only what came as bare text.
  const edited = content.blocks.length === 0 ? { user: message.user, ts: nextTs(world) } : message.edited;
  const changed: StoredMessage = {
    ...rest,
    ...(metadata ? { metadata } : {}),
    ...content,
    ...(edited ? { edited } : {}),
    revision: message.revision + 1,
    past,
  };
  world.store.put('message', messageKey(message.channel, message.ts), changed);
  world.changes.touch(`messages:${message.channel}`);
  return changed;
}

/** Takes a message away. */
export function dropMessage(world: World, channel: string, ts: string): void {
  world.store.remove('message', messageKey(channel, ts));
  world.changes.touch(`messages:${channel}`);
}

/** Whether the person may see the channel: members, and staff in public channels. */
export function canSee(world: World, userId: string, channel: ChannelRecord): boolean {
  if (channel.members.includes(userId)) return true;
  const user = world.store.get('user', userId);
  if (!user || channel.is_private || channel.is_im) return false;
  return !(user.is_restricted || user.is_ultra_restricted || user.is_stranger || user.deleted);
}

/** The link to a message; it opens the playground's page. */
export function permalink(world: World, message: { channel: string; ts: string; thread_ts?: string }): string {
  const thread = message.thread_ts && message.thread_ts !== message.ts ? `?thread_ts=${message.thread_ts}` : '';
  return `${world.url}/archives/${message.channel}/p${message.ts.replace('.', '')}${thread}`;
}

/** The DM between the app and a person, made when there is none. */
export function openDm(world: World, userId: string): { channel: ChannelRecord; alreadyOpen: boolean } {
  const id = `D${userId.slice(1)}`;
  const found = world.store.get('channel', id);
  if (found) return { channel: found, alreadyOpen: true };
  const channel: ChannelRecord = {
    id,
    name: userId,
    is_im: true,
    is_private: true,
    is_archived: false,
    is_ext_shared: false,
    is_general: false,
    topic: '',
    user: userId,
    members: [world.identity.botUserId, userId],
  };
  world.store.put('channel', id, channel);
  world.changes.touch('channels');
  return { channel, alreadyOpen: false };
}
