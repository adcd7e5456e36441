// One decision through the Slack door: who is it, record it, and what to say. Says nothing itself; the rule is the service's.

import type { Refusal } from '../../domain/request/decision.ts';
import type { Choice } from '../../domain/request/request.ts';
import type { ClickedRequest } from '../../service/approver/approver.ts';
import type { DecideAnswer, DecideInput } from '../../service/approver/decide.ts';
import { answerClickError, answerCounted, answerRefused } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { userOf } from '../draw/request-words.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { askMemberships, readProfile } from '../receive/profile.ts';

export type Wanted = Pick<DecideInput, 'decision' | 'reason' | 'shown_digest' | 'shown_stage' | 'shown' | 'message'>;

export type Decided = {
  readonly kind: 'counted' | 'refused' | 'click_error';
  readonly refusal: Refusal | null;
  readonly answer: Message;
};

/** Records what the actor wants, if the record lets it count, and answers what happened. Never throws. */
export async function decideFor(
  context: ListenerContext,
  actor: Actor,
  clicked: ClickedRequest,
  wanted: Wanted,
): Promise<Decided> {
  const decided = await attempt(context, actor, clicked, wanted);
  const { decision } = wanted;
  const outcome = decided.refusal ?? decided.kind;
  context.countDecision(decision, outcome);
  const { id: request_id } = clicked;
  context.log.info('decision answered', { request_id, slack_user_id: actor.user_id, decision, outcome });
  return decided;
}

async function attempt(
  context: ListenerContext,
  actor: Actor,
  clicked: ClickedRequest,
  wanted: Wanted,
): Promise<Decided> {
  const { id: request_id } = clicked;
  const [profile, answers] = await Promise.all([readProfile(context, actor), askMemberships(context, actor, clicked)]);
  if (profile === null || answers === null) return clickError('not_verified', request_id);
  const { tenant_id } = context;
  try {
    const answer = await context.deps.decide({ tenant_id, request_id, profile, answers, ...wanted });
    context.refreshHome(actor.user_id);
    return toDecided(answer, actor, wanted.decision);
  } catch (error) {
    context.log.error('a decision was not recorded', { request_id, slack_user_id: actor.user_id, err: error });
    return clickError('not_recorded', request_id);
  }
}

function toDecided(answer: DecideAnswer, actor: Actor, decision: Choice): Decided {
  if (answer.kind === 'counted') {
    return { kind: 'counted', refusal: null, answer: answerCounted(answer.record, decision) };
  }
  const { refusal, record, person_id } = answer;
  // A person with two accounts is told of the decision that was made with the other one.
  const own = record.decisions.find((made) => made.person_id === person_id);
  return {
    kind: 'refused',
    refusal,
    answer: answerRefused(record, refusal, own === undefined ? actor.user_id : userOf(own)),
  };
}

function clickError(kind: 'not_verified' | 'not_recorded', request_id: string): Decided {
  return { kind: 'click_error', refusal: null, answer: answerClickError(kind, request_id) };
}
