// Who acted, asked of Slack at this very moment. Never trusts a payload for more than it says, and fails closed.

import type { Profile } from '../../domain/people/account.ts';
import type { ClickedRequest } from '../../service/approver/approver.ts';
import type { SlackMembership } from '../../service/approver/identify.ts';
import { failureOf } from '../send/failures.ts';
import { UNKNOWN_USER_CODES } from '../send/slack-errors.ts';
import { listUserGroup } from '../send/user-groups.ts';
import type { ListenerContext } from './listener-context.ts';
import { type Actor, member, textAt } from './payload.ts';

type Asking = Pick<ListenerContext, 'client' | 'installation' | 'log'>;

/** The account as Slack knows it now, or null when Slack cannot be asked. */
export async function readProfile(context: Asking, actor: Actor): Promise<Profile | null> {
  try {
    const answer = await context.client.users.info({ user: actor.user_id });
    return toProfile(context, actor, answer.user);
  } catch (error) {
    const failure = failureOf(error, 'users.info');
    const own_team_id = actor.payload_team_id;
    const isForeign = own_team_id !== null && own_team_id !== context.installation.team_id;
    if (isForeign && UNKNOWN_USER_CODES.includes(failure.code)) return strangerProfile(context, actor, own_team_id);
    context.log.warn('slack did not say who acted', { slack_user_id: actor.user_id, code: failure.code });
    return null;
  }
}

/** Members of the user groups that decide on this request, asked afresh, or null when Slack cannot be asked. */
export async function readMemberships(
  context: Asking,
  { slack_user_groups }: Pick<ClickedRequest, 'slack_user_groups'>,
): Promise<readonly SlackMembership[] | null> {
  const lists = await Promise.all(
    slack_user_groups.map(async (slack_user_group) => {
      const user_ids = await listMembers(context, slack_user_group);
      return user_ids === null ? null : { slack_user_group, user_ids };
    }),
  );
  const known = lists.filter((list) => list !== null);
  return known.length === lists.length ? known : null;
}

/** Accounts in a Slack user group now; none when it is gone or disabled, null when Slack cannot be asked. */
export async function listMembers(context: Asking, slack_user_group: string): Promise<readonly string[] | null> {
  try {
    return await listUserGroup(context.client, slack_user_group);
  } catch (error) {
    const { code } = failureOf(error, 'usergroups.users.list');
    context.log.warn('slack did not list a user group', { group_id: slack_user_group, code });
    return null;
  }
}

function toProfile(context: Asking, actor: Actor, user: unknown): Profile | null {
  if (textAt(user, 'id') !== actor.user_id) return null;
  const is = (name: string) => member(user, name) === true;
  return {
    installed_team_id: context.installation.team_id,
    team_id: ownTeam(context, [actor.payload_team_id, textAt(user, 'team_id')]),
    user_id: actor.user_id,
    name: textAt(user, 'profile', 'real_name') ?? textAt(user, 'real_name') ?? textAt(user, 'name') ?? actor.user_id,
    email: textAt(user, 'profile', 'email'),
    is_email_confirmed: is('is_email_confirmed'),
    is_bot: is('is_bot') || is('is_workflow_bot'),
    is_deactivated: is('deleted'),
    is_guest: is('is_restricted') || is('is_ultra_restricted'),
    is_stranger: is('is_stranger'),
  };
}

/** The account's own workspace. Where payload and users.info disagree, the foreign one is believed. */
function ownTeam(context: Asking, claimed: readonly (string | null)[]): string {
  const teams = claimed.filter((team) => team !== null);
  return teams.find((team) => team !== context.installation.team_id) ?? teams[0] ?? '';
}

function strangerProfile(context: Asking, actor: Actor, team_id: string): Profile {
  return {
    installed_team_id: context.installation.team_id,
    team_id,
    user_id: actor.user_id,
    name: actor.user_id,
    email: null,
    is_email_confirmed: false,
    is_bot: false,
    is_deactivated: false,
    is_guest: false,
    is_stranger: true,
  };
}
