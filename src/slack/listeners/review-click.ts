// A click on Review: records that this person opens the content, then opens the modal that shows all of it.

import type { Message } from '../draw/block-kit.ts';
import { drawReviewModal } from '../draw/review-modal.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { locate } from './locate.ts';
import { openModal, originOf } from './modal.ts';
import { viewContent } from './view-content.ts';

/** Opens the Review modal for those who may look; answers instead when they may not. */
export async function reviewClick(context: ListenerContext, click: Click): Promise<Message | null> {
  const located = await locate(context, click);
  if (located.kind === 'nowhere') return located.answer;
  // Recorded first: an approval can only come from the modal, so a record without a modal lets nothing pass.
  const viewed = await viewContent(context, click.actor, located.clicked);
  if (viewed.kind !== 'recorded') return viewed.answer;
  const origin = { ...originOf(click), digest: viewed.record.request.digest };
  return openModal(context, click, drawReviewModal(viewed.record, origin));
}
