// Who acted, asked of Slack at this very moment. Never trusts a payload for more than it says, and fails closed.

import type { Profile } from '../../domain/people/account.ts';
import { type SourceAnswer, sourceName } from '../../domain/people/membership.ts';
import { accountName } from '../../domain/people/principal.ts';
import type { ClickedRequest } from '../../service/approver/approver.ts';
import { failureOf } from '../send/failures.ts';
import { UNKNOWN_USER_CODES } from '../send/slack-errors.ts';
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

/** What the sources of its groups say of the account now, or null when Slack cannot be asked. */
export async function askMemberships(
  context: Pick<ListenerContext, 'askSources' | 'installation' | 'log'>,
  actor: Actor,
  { sources, accounts }: Pick<ClickedRequest, 'sources' | 'accounts'>,
): Promise<readonly SourceAnswer[] | null> {
  try {
    const account = accountName({ team_id: context.installation.team_id, user_id: actor.user_id });
    const answers = await context.askSources(sources, [account, ...accounts]);
    for (const { source, fault } of answers)
      if (fault !== null) context.log.warn('nobody is in a group', { source: sourceName(source), code: fault });
    return answers;
  } catch (error) {
    const { code } = failureOf(error, 'usergroups.users.list');
    context.log.warn('slack did not say who is in a group', { slack_user_id: actor.user_id, code });
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
