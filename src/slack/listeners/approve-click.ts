// A click on Approve: one click, one decision. The card is drawn anew by the worker after the commit, never from here.

import { answerClickError } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { decideFor } from './decision.ts';
import { locate } from './locate.ts';
import { messageOf } from './modal.ts';

/** Records the approval and answers what became of it. */
export async function approveClick(context: ListenerContext, click: Click): Promise<Message> {
  // Home has no such button, because it does not show the content.
  if (click.place === null) return answerClickError('unknown_action');
  const located = await locate(context, click);
  if (located.kind === 'nowhere') return located.answer;
  const { shown_digest, place } = click;
  const decided = await decideFor(context, click.actor, located.record, {
    decision: 'approve',
    reason: null,
    shown_digest,
    is_from_modal: false,
    message: messageOf(place),
  });
  return decided.answer;
}
