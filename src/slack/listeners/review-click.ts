// A click on Review: records that this person opens the content, then opens the modal that shows all of it.

import { answerRefused, answerTrouble } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { drawReviewModal } from '../draw/review-modal.ts';
import type { Door } from '../receive/listener-context.ts';
import { readMemberships, readProfile } from '../receive/profile.ts';
import { locate } from './locate.ts';
import { openModal, originOf } from './modal.ts';
import type { Click } from '../receive/payload.ts';

/** Opens the Review modal for those who may look; answers instead when they may not. */
export async function reviewClick(door: Door, click: Click): Promise<Message | null> {
  const located = await locate(door, click);
  if (located.kind === 'nowhere') return located.answer;
  const { actor } = click;
  const { request } = located.record;
  const [profile, memberships] = await Promise.all([readProfile(door, actor), readMemberships(door, located.record)]);
  if (profile === null || memberships === null) return answerTrouble('not_verified', request.id);
  // Recorded first: an approval can only come from the modal, so a record without a modal lets nothing pass.
  const { tenant_id } = door;
  const viewed = await door.deps.recordContentView({ tenant_id, request_id: request.id, profile, memberships });
  if (viewed.kind === 'refused') return answerRefused(viewed.record, viewed.why, actor.user_id);
  const origin = { ...originOf(click), digest: viewed.record.request.digest };
  return openModal(door, click, drawReviewModal(viewed.record, origin));
}
