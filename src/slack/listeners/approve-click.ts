// A click on Approve: one click, one decision. The card is drawn anew by the worker after the commit, never from here.

import type { Message } from '../draw/block-kit.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { decideFor } from './decision.ts';
import { locate } from './locate.ts';
import { messageOf } from './modal.ts';

/** Records the approval and answers what became of it. */
export async function approveClick(context: ListenerContext, click: Click): Promise<Message> {
  const located = await locate(context, click);
  if (located.kind === 'nowhere') return located.answer;
  const { shown_digest, shown_stage, place } = click;
  const decided = await decideFor(context, click.actor, located.clicked, {
    decision: 'approve',
    reason: null,
    shown_digest,
    shown_stage,
    // Home only names a request, so it has no such button; a click without a card is a forged one.
    shown: place === null ? 'name' : 'card',
    message: place === null ? null : messageOf(place),
  });
  return decided.answer;
}
