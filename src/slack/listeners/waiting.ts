// What waits for an account: the record asked with the account's facts of this moment. Shared by Home and /placet.

import type { Permission } from '../../domain/people/roles.ts';
import type { RevocableRecord, Waiting } from '../../domain/request/record.ts';
import { answerClickError, answerNoApprover } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { WAITING_LOOKUP_MAX } from '../draw/waiting-list.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { listMembers, readProfile } from '../receive/profile.ts';

/** Slack allows about twenty such calls a minute; a list may be a minute old, a decision never is. */
const USER_GROUPS_MAX = 15;
const USER_GROUP_AGE_MS_MAX = 60_000;

export type WaitingContext = Omit<ListenerContext, 'refreshHome' | 'showSettings'>;

/** The queue of this account, or what to say in its place. */
export type WaitingRead =
  | ({
      readonly kind: 'listed';
      readonly permissions?: readonly Permission[];
      readonly revocable?: readonly RevocableRecord[];
    } & Waiting)
  | { readonly kind: 'answered'; readonly answer: Message };

const NOT_READ: WaitingRead = { kind: 'answered', answer: answerClickError('not_listed') };

/** The queue of this account, or why there is none: it decides nothing, or Slack or the record cannot be asked. */
export async function readWaiting(context: WaitingContext, actor: Actor): Promise<WaitingRead> {
  const { tenant_id } = context;
  try {
    const profile = await readProfile(context, actor);
    if (profile === null) return NOT_READ;
    const named = await context.deps.listSlackUserGroups(tenant_id);
    const mine = await Promise.all(
      named.slice(0, USER_GROUPS_MAX).map(async (group) => {
        const user_ids = await listMembersLately(context, group);
        return user_ids.includes(actor.user_id) ? [group] : [];
      }),
    );
    const slack_user_groups = mine.flat();
    const limit = WAITING_LOOKUP_MAX;
    const waiting = await context.deps.listWaitingFor({ tenant_id, profile, slack_user_groups, limit });
    return waiting.kind === 'listed'
      ? waiting
      : { kind: 'answered', answer: answerNoApprover(waiting.refusal, profile) };
  } catch (error) {
    context.log.error('what waits could not be read', { slack_user_id: actor.user_id, err: error });
    return NOT_READ;
  }
}

/** Members of the group not more than a minute ago; nobody when Slack cannot be asked, for this is only a list. */
async function listMembersLately(context: WaitingContext, group: string): Promise<readonly string[]> {
  const known = context.group_lists.get(group);
  const now_ms = performance.now();
  if (known !== undefined && now_ms - known.at_ms < USER_GROUP_AGE_MS_MAX) return known.user_ids;
  const user_ids = await listMembers(context, group);
  if (user_ids !== null) context.group_lists.set(group, { at_ms: now_ms, user_ids });
  return user_ids ?? known?.user_ids ?? [];
}
