// The Review modal's submission: an earlier page leads to the next one, the last one approves, or asks for more first.

import type { CardRecord } from '../../domain/request/record.ts';
import { answerClickError } from '../draw/answers.ts';
import type { Modal } from '../draw/block-kit.ts';
import { drawApproveModal, type ModalOrigin } from '../draw/modals.ts';
import { drawReviewModal } from '../draw/review-modal.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Submission } from '../receive/payload.ts';
import { decideFor } from './decision.ts';
import { type ModalAnswer, messageOf, noticeOf } from './modal.ts';
import { viewContent } from './view-content.ts';

/** Records the approval of one who was shown all of the content. Everything is checked again here. */
export async function reviewSubmit(context: ListenerContext, submission: Submission): Promise<ModalAnswer> {
  const { actor, origin } = submission;
  if (origin === null) return noticeOf('click_error', answerClickError('unknown_card'));
  const clicked = await context.deps.readClicked(context.tenant_id, origin.request_id);
  const decided = await decideFor(context, actor, clicked, {
    decision: 'approve',
    reason: null,
    shown_digest: origin.digest,
    shown_stage: origin.stage,
    shown: 'whole',
    message: messageOf(origin),
  });
  return noticeOf(decided.kind, decided.answer);
}

/** Asks what the rule asks besides, of one who may still see the content. Decides nothing. */
export async function reviewMore(context: ListenerContext, submission: Submission): Promise<ModalAnswer> {
  return viewOf(context, submission, (record, origin) => drawApproveModal(record, origin));
}

/** Shows the next page of the content to one who may still see it. Decides nothing. */
export async function reviewPage(context: ListenerContext, submission: Submission): Promise<ModalAnswer> {
  return viewOf(context, submission, (record, origin) => drawReviewModal(record, { ...origin, page: origin.page + 1 }));
}

async function viewOf(
  context: ListenerContext,
  { actor, origin }: Submission,
  draw: (record: CardRecord, origin: ModalOrigin) => Modal,
): Promise<ModalAnswer> {
  if (origin === null) return noticeOf('click_error', answerClickError('unknown_card'));
  const clicked = await context.deps.readClicked(context.tenant_id, origin.request_id);
  const viewed = await viewContent(context, actor, clicked);
  if (viewed.kind !== 'recorded') return noticeOf(viewed.kind, viewed.answer);
  return { kind: 'view', view: draw(viewed.record, origin) };
}
