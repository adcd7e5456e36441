// usergroups.list and usergroups.users.list.
import { settingsOf, type World } from '../core/world.ts';
import type { JsonObject, UserGroup } from '../protocol.ts';
import { type Args, flag, text } from './args.ts';
import { SlackApiError } from './errors.ts';
import type { Methods } from './method.ts';

const read = ['usergroups:read'];

export const userGroupMethods: Methods = {
  'usergroups.list': { token: 'bot', scopes: read, tier: 2, run: list },
  'usergroups.users.list': { token: 'bot', scopes: read, tier: 2, run: listUsers },
};

function needPaidPlan(world: World): void {
  if (!settingsOf(world).has_paid_plan) throw new SlackApiError('plan_upgrade_required');
}

function list(world: World, args: Args): JsonObject {
  needPaidPlan(world);
  const shown = world.store
    .all('user_group')
    .filter((group) => group.date_delete === 0 || flag(args, 'include_disabled'));
  return { usergroups: shown.map((group) => wireGroup(group, args)) };
}

function listUsers(world: World, args: Args): JsonObject {
  needPaidPlan(world);
  const group = world.store.get('user_group', text(args, 'usergroup'));
  if (!group || (group.date_delete > 0 && !flag(args, 'include_disabled'))) throw new SlackApiError('no_such_subteam');
  return { users: group.users };
}

function wireGroup(group: UserGroup, args: Args): JsonObject {
  const { users, user_count, ...rest } = group;
  return {
    ...rest,
    is_usergroup: true,
    is_external: false,
    is_subteam: true,
    date_create: 0,
    auto_type: null,
    prefs: { channels: [], groups: [] },
    ...(flag(args, 'include_users') ? { users } : {}),
    ...(flag(args, 'include_count') ? { user_count } : {}),
  };
}
