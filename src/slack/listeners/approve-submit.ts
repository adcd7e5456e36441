// The Approve modal's submission: the last step to an approval of which more is asked than a look at the whole content.

import { answerClickError } from '../draw/answers.ts';
import { REASON_BLOCK } from '../draw/modals.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { member, type Submission } from '../receive/payload.ts';
import { decideFor } from './decision.ts';
import { type ModalAnswer, messageOf, noticeOf, REASON_ERROR, reasonIn } from './modal.ts';

/** Records the approval with its reason, where one is asked for. Everything is checked again here, however old the modal is. */
export async function approveSubmit(context: ListenerContext, submission: Submission): Promise<ModalAnswer> {
  const { actor, origin } = submission;
  if (origin === null) return noticeOf('click_error', answerClickError('unknown_card'));
  const reason = reasonIn(submission);
  if (isAsked(submission) && reason === null) return REASON_ERROR;
  const clicked = await context.deps.readClicked(context.tenant_id, origin.request_id);
  const decided = await decideFor(context, actor, clicked, {
    decision: 'approve',
    reason,
    shown_digest: origin.digest,
    shown_stage: origin.stage,
    shown: 'confirmed',
    message: messageOf(origin),
  });
  return noticeOf(decided.kind, decided.answer);
}

/** True when the modal had a field for the reason; whether there must be one is the rule's to say. */
function isAsked({ values }: Submission): boolean {
  return member(values, REASON_BLOCK) !== undefined;
}
