// What waits for an account: the record asked with the account's facts of this moment. Shared by Home and /placet.

import { type AskedSource, type SourceAnswer, sourceKey, sourceName } from '../../domain/people/membership.ts';
import type { WaitingAnswer } from '../../service/approver/waiting.ts';
import { answerClickError, answerNoApprover } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { WAITING_LOOKUP_MAX } from '../draw/waiting-list.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { readProfile } from '../receive/profile.ts';

/** Slack allows about twenty such calls a minute; a list may be a minute old, a decision never is. */
const SOURCES_MAX = 15;
const ANSWER_AGE_MS_MAX = 60_000;

export type WaitingContext = Omit<ListenerContext, 'refreshHome' | 'showSettings'>;

/** The queue of this account, or what to say in its place. */
export type WaitingRead =
  | Extract<WaitingAnswer, { kind: 'listed' }>
  | { readonly kind: 'answered'; readonly answer: Message };

const NOT_READ: WaitingRead = { kind: 'answered', answer: answerClickError('not_listed') };

/** The queue of this account, or why there is none: it decides nothing, or Slack or the record cannot be asked. */
export async function readWaiting(context: WaitingContext, actor: Actor): Promise<WaitingRead> {
  const { tenant_id } = context;
  try {
    const profile = await readProfile(context, actor);
    if (profile === null) return NOT_READ;
    const sources = await context.deps.listSources(tenant_id);
    const found = await Promise.all(sources.slice(0, SOURCES_MAX).map((source) => askLately(context, source)));
    const answers = found.filter((answer) => answer !== null);
    const limit = WAITING_LOOKUP_MAX;
    const waiting = await context.deps.listWaitingFor({ tenant_id, profile, answers, limit });
    return waiting.kind === 'listed'
      ? waiting
      : { kind: 'answered', answer: answerNoApprover(waiting.refusal, profile) };
  } catch (error) {
    context.log.error('what waits could not be read', { slack_user_id: actor.user_id, err: error });
    return NOT_READ;
  }
}

/** What the source answered not more than a minute ago; null when it cannot be asked, for this is only a list. */
async function askLately(context: WaitingContext, source: AskedSource): Promise<SourceAnswer | null> {
  const key = sourceKey(source);
  const known = context.lately.get(key);
  const now_ms = performance.now();
  if (known !== undefined && now_ms - known.at_ms < ANSWER_AGE_MS_MAX) return known.answer;
  try {
    const [answer] = await context.askSources([source], null);
    if (answer === undefined) return null;
    context.lately.set(key, { at_ms: now_ms, answer });
    return answer;
  } catch (error) {
    context.log.warn('slack did not say who is in a group', { source: sourceName(source), err: error });
    return known?.answer ?? null;
  }
}
