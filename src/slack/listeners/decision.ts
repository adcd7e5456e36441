// One decision through the Slack door: who is it, record it, and what to say. Says nothing itself; the rule is the service's.

import type { Refusal } from '../../domain/request/decision.ts';
import type { RequestRecord } from '../../domain/request/record.ts';
import type { Choice } from '../../domain/request/request.ts';
import { answerCounted, answerRefused, answerTrouble } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import type { DecideAnswer, DecideInput } from '../../service/approver/decide.ts';
import type { Door } from '../receive/listener-context.ts';
import { readMemberships, readProfile } from '../receive/profile.ts';
import type { Actor } from '../receive/payload.ts';

export type Wanted = Pick<DecideInput, 'decision' | 'reason' | 'shown_digest' | 'is_from_modal' | 'message'>;

export type Decided = {
  readonly kind: 'counted' | 'refused' | 'trouble';
  readonly why: Refusal | null;
  readonly answer: Message;
};

/** Records what the actor wants, if the record lets it count, and answers what happened. Never throws. */
export async function decideFor(door: Door, actor: Actor, record: RequestRecord, wanted: Wanted): Promise<Decided> {
  const decided = await attempt(door, actor, record, wanted);
  const { decision } = wanted;
  const outcome = decided.why ?? decided.kind;
  door.countDecision(decision, outcome);
  const { id: request_id } = record.request;
  door.log.info('decision answered', { request_id, slack_user_id: actor.user_id, decision, outcome });
  return decided;
}

async function attempt(door: Door, actor: Actor, record: RequestRecord, wanted: Wanted): Promise<Decided> {
  const [profile, memberships] = await Promise.all([readProfile(door, actor), readMemberships(door, record)]);
  if (profile === null || memberships === null) return trouble('not_verified', record);
  const { tenant_id } = door;
  const { id: request_id } = record.request;
  try {
    const answer = await door.deps.decide({ tenant_id, request_id, profile, memberships, ...wanted });
    door.refreshHome(actor.user_id);
    return toDecided(answer, actor, wanted.decision);
  } catch (error) {
    door.log.error('a decision was not recorded', { request_id, slack_user_id: actor.user_id, err: error });
    return trouble('not_recorded', record);
  }
}

function toDecided(answer: DecideAnswer, actor: Actor, decision: Choice): Decided {
  if (answer.kind === 'counted') {
    return { kind: 'counted', why: null, answer: answerCounted(answer.record, decision) };
  }
  const { why, record, person_id } = answer;
  // A person with two accounts is told of the decision that was made with the other one.
  const own = record.decisions.find((made) => made.person_id === person_id);
  return { kind: 'refused', why, answer: answerRefused(record, why, own?.slack_user_id ?? actor.user_id) };
}

function trouble(kind: 'not_verified' | 'not_recorded', record: RequestRecord): Decided {
  return { kind: 'trouble', why: null, answer: answerTrouble(kind, record.request.id) };
}
