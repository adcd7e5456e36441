// A click on Review: records that this person opens the content, then opens the modal that shows all of it.

import { answerClickError, answerRefused } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { drawReviewModal } from '../draw/review-modal.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { readMemberships, readProfile } from '../receive/profile.ts';
import { locate } from './locate.ts';
import { openModal, originOf } from './modal.ts';

/** Opens the Review modal for those who may look; answers instead when they may not. */
export async function reviewClick(context: ListenerContext, click: Click): Promise<Message | null> {
  const located = await locate(context, click);
  if (located.kind === 'nowhere') return located.answer;
  const { actor } = click;
  const { request } = located.record;
  const [profile, memberships] = await Promise.all([
    readProfile(context, actor),
    readMemberships(context, located.record),
  ]);
  if (profile === null || memberships === null) return answerClickError('not_verified', request.id);
  // Recorded first: an approval can only come from the modal, so a record without a modal lets nothing pass.
  const { tenant_id } = context;
  const viewed = await context.deps.recordContentView({ tenant_id, request_id: request.id, profile, memberships });
  if (viewed.kind === 'refused') return answerRefused(viewed.record, viewed.refusal, actor.user_id);
  const origin = { ...originOf(click), digest: viewed.record.request.digest };
  return openModal(context, click, drawReviewModal(viewed.record, origin));
}
