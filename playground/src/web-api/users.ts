// users.info, users.lookupByEmail, users.list.
import { settingsOf, type World } from '../core/world.ts';
import type { JsonObject, User } from '../protocol.ts';
import { type Args, flag, page, text } from './args.ts';
import { SlackApiError } from './errors.ts';
import type { Methods } from './method.ts';

const read = ['users:read'];

export const userMethods: Methods = {
  'users.info': { token: 'bot', scopes: read, tier: 4, run: info },
  'users.lookupByEmail': { token: 'bot', scopes: ['users:read.email'], tier: 3, run: lookupByEmail },
  'users.list': { token: 'bot', scopes: read, tier: 2, run: list },
};

function info(world: World, args: Args): JsonObject {
  const user = world.store.get('user', text(args, 'user'));
  if (!user) throw new SlackApiError('user_not_found');
  return { user: wireUser(world, user, flag(args, 'include_locale')) };
}

function lookupByEmail(world: World, args: Args): JsonObject {
  const email = text(args, 'email').toLowerCase();
  const found = world.store.all('user').find((user) => user.profile.email?.toLowerCase() === email);
  // Deactivated and outside people can't be found by address.
  if (!found || found.deleted || found.is_stranger) throw new SlackApiError('users_not_found');
  return { user: wireUser(world, found, false) };
}

function list(world: World, args: Args): JsonObject {
  const { items, next } = page(args, world.store.all('user'), { limit: 1000, max: 1000 });
  const members = items.map((user) => wireUser(world, user, flag(args, 'include_locale')));
  return { members, cache_ts: Math.floor(world.clock.now() / 1000), response_metadata: { next_cursor: next } };
}

/** A user as Slack shows it to this app: the address only with its scope, and never a stranger's. */
function wireUser(world: World, user: User, withLocale: boolean): JsonObject {
  const { dm_error: _dm, locale, profile, ...rest } = user;
  const { email, ...shown } = profile;
  const mayReadEmail = settingsOf(world).scopes.includes('users:read.email') && !user.is_stranger;
  return {
    ...rest,
    profile: {
      ...shown,
      real_name_normalized: shown.real_name,
      display_name_normalized: shown.display_name,
      team: user.team_id,
      ...(email !== undefined && mayReadEmail ? { email } : {}),
    },
    is_primary_owner: false,
    is_app_user: false,
    updated: 0,
    ...(withLocale ? { locale } : {}),
  };
}
