// Who is in a Slack user group right now: asked of Slack for a decision, and again for the claim. Decides nothing.

import { PlacetError } from '../../domain/errors.ts';
import { shareReads } from '../../service/share.ts';
import type { SlackMembers } from '../../service/user-groups.ts';
import { failureOf } from './failures.ts';
import { createSlackClient, type SlackClient } from './web-api.ts';

const METHOD = 'usergroups.users.list';
/** Its answers that mean "this group approves nothing": it is gone or disabled. */
const EMPTY_GROUP_CODES: readonly string[] = ['no_such_subteam', 'subteam_disabled'];

/** Accounts in a Slack user group now; none when it is gone or disabled. Throws what Slack threw. */
export async function listUserGroup(client: SlackClient, slack_user_group: string): Promise<readonly string[]> {
  try {
    return (await client.usergroups.users.list({ usergroup: slack_user_group })).users ?? [];
  } catch (error) {
    if (EMPTY_GROUP_CODES.includes(failureOf(error, METHOD).code)) return [];
    throw error;
  }
}

/** Lists user groups with the bot token, for the claim; null as token means that there is no Slack to ask. */
export function createListSlackMembers(options: { readonly token: string | null; readonly api_url: string }) {
  const { token, api_url } = options;
  if (token === null) {
    const remedy = 'set the SLACK_ variables for the role api too: who is in a user group is asked at the claim';
    return (): Promise<SlackMembers> => Promise.reject(new PlacetError('unavailable', { dependency: 'slack', remedy }));
  }
  const client = createSlackClient({ token, api_url });
  // Slack takes about twenty such calls a minute: claims of one moment share one that began after they asked.
  const listShared = shareReads((slack_user_group: string) => listUserGroup(client, slack_user_group), String);
  const askTeam = shareReads(async (_: null) => (await client.auth.test()).team_id, String);
  let team_id: string | undefined;
  return async (slack_user_groups: readonly string[]): Promise<SlackMembers> => {
    try {
      team_id ??= await askTeam(null);
      const lists = await Promise.all(
        slack_user_groups.map(async (group) => [group, await listShared(group)] as const),
      );
      if (team_id === undefined) throw new PlacetError('unavailable', { dependency: 'slack' });
      return { team_id, user_ids: new Map(lists) };
    } catch (error) {
      throw error instanceof PlacetError ? error : unavailable(error);
    }
  };
}

/** Slack cannot be asked, so nothing is given out: the agent may try again, not before the time that Slack named. */
function unavailable(error: unknown): PlacetError {
  const failure = failureOf(error, METHOD);
  const retry_after_ms = failure.kind === 'retryable' ? failure.retry_after_ms : null;
  const wait = retry_after_ms === null ? {} : { retry_after_seconds: Math.ceil(retry_after_ms / 1_000) };
  const reason = `Slack does not say who is in a user group: ${failure.code}`;
  return new PlacetError('unavailable', { dependency: 'slack', reason, ...wait }, error);
}
