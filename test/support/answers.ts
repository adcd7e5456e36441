// What sources answer when they are asked who is in a group.

import type { AskedSource, SourceAnswer } from '../../src/domain/people/membership.ts';
import { TEAM } from './builders.ts';

/** What Slack answers when it is asked who is in a user group. */
export function userGroupAnswer(id: string, user_ids: readonly string[]): SourceAnswer {
  return answerOf({ kind: 'slack_user_group', id }, user_ids);
}

/** And who is in a private channel. */
export function channelAnswer(id: string, user_ids: readonly string[], fault: string | null = null): SourceAnswer {
  return { ...answerOf({ kind: 'channel_members', id }, user_ids), fault };
}

function answerOf(source: AskedSource, user_ids: readonly string[]): SourceAnswer {
  const members = user_ids.map((user_id) => `${TEAM}/${user_id}`);
  return { source, asked_at: new Date(), members, digest: `sha256:${'0'.repeat(64)}`, fault: null };
}
