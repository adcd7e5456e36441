// The Deny modal's submission: checks the reason, decides, and turns the modal into the answer.

import { answerClickError } from '../draw/answers.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Submission } from '../receive/payload.ts';
import { decideFor } from './decision.ts';
import { type ModalAnswer, messageOf, noticeOf, REASON_ERROR, reasonIn } from './modal.ts';

/** Records the denial with its reason. Everything is checked again here, however old the modal is. */
export async function denySubmit(context: ListenerContext, submission: Submission): Promise<ModalAnswer> {
  const { actor, origin } = submission;
  if (origin === null) return noticeOf('click_error', answerClickError('unknown_card'));
  const reason = reasonIn(submission);
  if (reason === null) return REASON_ERROR;
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
