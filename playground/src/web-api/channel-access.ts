// Finds the channel that a call names, as the app may use it. Throws Slack's codes.
import { openDm } from '../core/messages.ts';
import type { ChannelRecord } from '../core/store.ts';
import type { World } from '../core/world.ts';
import type { User } from '../protocol.ts';
import { SlackApiError } from './errors.ts';

/** A channel that the app knows of: channel_not_found for private ones that it is not in. */
export function knownChannel(world: World, id: string): ChannelRecord {
  const channel = world.store.get('channel', id);
  const isMember = channel?.members.includes(world.identity.botUserId) ?? false;
  if (!channel || ((channel.is_private || channel.is_im) && !isMember)) throw new SlackApiError('channel_not_found');
  return channel;
}

/** A channel where the app may write. A user id means the DM with that person, `#name` a channel by name. */
export function writableChannel(world: World, id: string): ChannelRecord {
  if (/^[UW]/.test(id)) return reachableDm(world, id);
  const byName = id.startsWith('#') ? world.store.all('channel').find(({ name }) => name === id.slice(1)) : undefined;
  const channel = knownChannel(world, byName?.id ?? id);
  if (channel.is_archived) throw new SlackApiError('is_archived');
  if (!channel.members.includes(world.identity.botUserId)) throw new SlackApiError('not_in_channel');
  if (channel.user) refuseUnreachable(world.store.get('user', channel.user));
  return channel;
}

/** The DM with a person whom the app can reach. */
function reachableDm(world: World, userId: string): ChannelRecord {
  const user = world.store.get('user', userId);
  if (!user) throw new SlackApiError('channel_not_found');
  refuseUnreachable(user);
  return openDm(world, userId).channel;
}

/** Throws why the app can't write to this person: user_disabled, cannot_dm_bot, or the code set for the person. */
export function refuseUnreachable(user: User | undefined): void {
  if (!user) throw new SlackApiError('user_not_found');
  if (user.deleted) throw new SlackApiError('user_disabled');
  if (user.is_bot) throw new SlackApiError('cannot_dm_bot');
  if (user.dm_error) throw new SlackApiError(user.dm_error);
}
