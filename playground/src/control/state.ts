// The state as JSON: everything, or what one person sees.
import { canSee, messagesOf, permalink } from '../core/messages.ts';
import type { ChannelRecord } from '../core/store.ts';
import { settingsOf, type World } from '../core/world.ts';
import type { Channel, Message, PlaygroundState, View } from '../protocol.ts';

/** The state; `as` null: everything. `sockets`: numbers of the connected ones. */
export function stateAs(world: World, as: string | null, sockets: number[]): PlaygroundState {
  const { identity, store } = world;
  const settings = settingsOf(world);
  const visible = store.all('channel').filter((channel) => mayRead(world, channel, as));
  return {
    seq: world.changes.seq(),
    now_ms: world.clock.now(),
    as,
    team: identity.team,
    app: {
      id: identity.appId,
      name: identity.appName,
      bot_id: identity.botId,
      bot_user_id: identity.botUserId,
      commands: settings.commands,
    },
    users: store.all('user'),
    user_groups: store.all('user_group'),
    channels: visible.map((channel) => fullChannel(world, channel, as)),
    views: byUser(store.all('stack'), as),
    home: Object.fromEntries(
      store
        .all('home')
        .filter(({ user_id }) => isFor(as, user_id))
        .map((view) => [view.user_id, view]),
    ),
    notices: store
      .all('notices')
      .flat()
      .filter(({ user }) => isFor(as, user)),
    faults: world.faults.list(),
    delivery: { mode: settings.events_url ? 'http' : 'socket', events_url: settings.events_url, sockets },
    settings,
  };
}

const isFor = (as: string | null, user: string | undefined) => as === null || as === user;

function mayRead(world: World, channel: ChannelRecord, as: string | null): boolean {
  return as === null || canSee(world, as, channel);
}

/** A channel with its messages, and the ephemeral ones of this person. */
export function fullChannel(world: World, channel: ChannelRecord, as: string | null): Channel {
  const withLink = <T extends Message>(message: T): T => ({ ...message, permalink: permalink(world, message) });
  return {
    ...channel,
    messages: messagesOf(world, channel.id).map(({ past: _past, ...message }) => withLink(message)),
    ephemerals: world.store
      .all('ephemeral')
      .filter((message) => message.channel === channel.id && isFor(as, message.ephemeral_to))
      .map(withLink),
  };
}

function byUser(stacks: View[][], as: string | null): Record<string, View[]> {
  const shown = stacks.flatMap((stack) => {
    const user = stack[0]?.user_id;
    return user !== undefined && isFor(as, user) ? [[user, stack] as const] : [];
  });
  return Object.fromEntries(shown);
}
