// Control of who exists: users, user groups, channels, settings, reset. Sends the events that Slack would send.

import type { ActDeps } from '../acts/act.ts';
import { sendSubscribed } from '../acts/home.ts';
import { fillChannel, fillGroup, fillUser, plantSeed } from '../core/seed.ts';
import { settingsOf } from '../core/world.ts';
import type { Channel, ChannelPatch, Settings, User, UserGroup, UserPatch } from '../protocol.ts';
import { fullChannel } from './state.ts';

/** Changes or adds a person. */
export function patchUser({ world, transport }: ActDeps, id: string, patch: UserPatch): User {
  const { email, display_name, ...rest } = patch;
  const { team } = world.identity;
  const all = world.store.all('user');
  const old = world.store.get('user', id) ?? fillUser({ id, name: id.toLowerCase() }, team, all.length);
  const { email: oldEmail, ...profile } = old.profile;
  const kept = email === undefined ? oldEmail : email;
  const realName = rest.real_name ?? old.real_name;
  const user: User = {
    ...old,
    ...rest,
    profile: {
      ...profile,
      real_name: realName,
      display_name: display_name ?? profile.display_name,
      ...(typeof kept === 'string' ? { email: kept } : {}),
    },
  };
  world.store.put('user', id, user);
  world.changes.touch('users');
  void sendSubscribed({ world, transport }, { type: 'user_change', user: { ...user } });
  return user;
}

/** Replaces the members of a user group, or adds the group. */
export function putUserGroup(
  { world, transport }: ActDeps,
  id: string,
  given: { users: string[]; handle?: string; name?: string; date_delete?: number },
): UserGroup {
  const old = world.store.get('user_group', id);
  const merged = { handle: id.toLowerCase(), ...old, ...given, id };
  const group = fillGroup(merged, world.identity.team, Math.floor(world.clock.now() / 1000));
  world.store.put('user_group', id, group);
  world.changes.touch('user_groups');
  void sendSubscribed({ world, transport }, { type: 'subteam_updated', subteam: { ...group } });
  return group;
}

/** Changes or adds a channel. */
export function patchChannel({ world, transport }: ActDeps, id: string, patch: ChannelPatch): Channel {
  const old = world.store.get('channel', id);
  const channel = { ...fillChannel({ id, name: old?.name ?? id.toLowerCase() }), ...old, ...patch };
  world.store.put('channel', id, channel);
  world.changes.touch('channels');
  if (!old?.is_ext_shared && channel.is_ext_shared) {
    const shared = { type: 'channel_shared', connected_team_id: 'T0OTHER', channel: id };
    void sendSubscribed({ world, transport }, shared);
  }
  return fullChannel(world, channel, null);
}

/** Changes settings. */
export function patchSettings({ world }: ActDeps, patch: Partial<Settings>): Settings {
  const settings = { ...settingsOf(world), ...patch };
  world.store.put('settings', 'settings', settings);
  world.changes.touch('settings', 'delivery');
  return settings;
}

/** Back to the seed; tokens and where events go stay. */
export function reset({ world }: ActDeps): void {
  const { events_url } = settingsOf(world);
  const secrets = world.store.get('secrets', 'secrets');
  world.store.clear();
  if (secrets) world.store.put('secrets', 'secrets', secrets);
  plantSeed(world.store, world.identity.team, world.seed, world.clock.now());
  world.store.put('settings', 'settings', { ...settingsOf(world), events_url });
  world.faults.clear();
  world.calls.clear();
  world.deliveries.clear();
  world.changes.touch('reset');
}
