// The Deny modal's submission: checks the reason, decides, and turns the modal into the answer.

import { isReason } from '../../domain/request/decision.ts';
import { answerClickError } from '../draw/answers.ts';
import { REASON_BLOCK, REASON_INPUT, REASON_PROBLEM } from '../draw/modals.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { type Submission, textAt } from '../receive/payload.ts';
import { decideFor } from './decision.ts';
import { type ModalAnswer, messageOf, noticeOf } from './modal.ts';

const REASON_ERROR: ModalAnswer = { kind: 'errors', errors: { [REASON_BLOCK]: REASON_PROBLEM } };

/** Records the denial with its reason. Everything is checked again here, however old the modal is. */
export async function denySubmit(context: ListenerContext, submission: Submission): Promise<ModalAnswer> {
  const { actor, origin } = submission;
  if (origin === null) return noticeOf('click_error', answerClickError('unknown_card'));
  // Postgres takes every character but this one.
  const reason = (textAt(submission.values, REASON_BLOCK, REASON_INPUT, 'value') ?? '').replaceAll('\u0000', '').trim();
  if (!isReason(reason)) return REASON_ERROR;
  const clicked = await context.deps.readClicked(context.tenant_id, origin.request_id);
  const decided = await decideFor(context, actor, clicked, {
    decision: 'deny',
    reason,
    shown_digest: origin.digest,
    shown_stage: origin.stage,
    shown: 'name',
    message: messageOf(origin),
  });
  return noticeOf(decided.kind, decided.answer);
}
