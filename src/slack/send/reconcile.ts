// Looks, and says at once what one try can say: while Slack answers, nothing of a request needs a task of its own.

import type { SlackMessage } from '../../db/messages.ts';
import type { ApprovalInput } from '../../domain/work/workflow.ts';
import { NOTHING_LEFT, type Situation, situationOf } from '../../domain/work/pending-work.ts';
import { sayCards } from './cards.ts';
import { SlackUnavailable } from '../../../activities/failure.ts';
import { type Look, lookClosely } from '../../service/clock/advance.ts';
import { sayOutcome } from './outcome.ts';
import { sayReminders } from './reminders.ts';
import type { SayDeps } from './deliver.ts';
import { type Say, sayEach } from './snapshot.ts';

/** The run waits meanwhile, so a call is begun only this soon; what is left is an errand beside the run's timer. */
const TEND_MS_MAX = 2_000;

export type Tended = {
  /** Of the moment that was seen, after what was done and said. */
  readonly situation: Situation;
  /** Slack named a time before which nothing is to be said, in epoch milliseconds; 0 when it did not. */
  readonly rest_until_ms: number;
};

/** `onUnsaid` hears why Slack did not take something; that stays stale in the situation. */
export async function tend(
  deps: SayDeps,
  input: ApprovalInput,
  onUnsaid: (error: SlackUnavailable) => void,
): Promise<Tended> {
  const seen = await lookClosely(deps, input);
  if (seen === null) return { situation: NOTHING_LEFT, rest_until_ms: 0 };
  const says = dueSays(seen);
  if (says.length === 0) return { situation: seen.situation, rest_until_ms: 0 };
  try {
    const said = await sayAll(deps, input, { seen, says });
    // Of what was written meanwhile the outbox tells: then the run tends again, and Slack is told of all of it at once.
    return { situation: situationOf(seen.record, withSaid(seen.messages, said), seen.now), rest_until_ms: 0 };
  } catch (error) {
    if (!(error instanceof SlackUnavailable)) throw error;
    onUnsaid(error);
    const rest_until_ms = error.retry_after_ms === null ? 0 : Date.now() + error.retry_after_ms;
    return { situation: (await lookClosely(deps, input))?.situation ?? NOTHING_LEFT, rest_until_ms };
  }
}

/** The messages as they stand after what was said. */
function withSaid(messages: readonly SlackMessage[], said: readonly SlackMessage[]): readonly SlackMessage[] {
  const ids = new Set(said.map(({ id }) => id));
  return [...messages.filter(({ id }) => !ids.has(id)), ...said];
}

function dueSays({ situation }: Look): readonly Say[] {
  const { is_card_stale, is_reminder_due, is_outcome_stale } = situation;
  const all: readonly (readonly [boolean, Say])[] = [
    [is_card_stale, sayCards],
    [is_reminder_due, sayReminders],
    [is_outcome_stale, sayOutcome],
  ];
  return all.flatMap(([isDue, say]) => (isDue ? [say] : []));
}

async function sayAll(
  deps: SayDeps,
  { tenant_id }: ApprovalInput,
  { seen, says }: { readonly seen: Look; readonly says: readonly Say[] },
): Promise<readonly SlackMessage[]> {
  const team_id = await deps.messenger.teamId();
  const until_ms = Date.now() + TEND_MS_MAX;
  const said = await sayEach(says, until_ms, (say) => say(deps, { ...seen, tenant_id, team_id }, until_ms));
  return said.flat();
}
