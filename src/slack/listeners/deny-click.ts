// A click on Deny…: opens the modal that asks for the reason, at once. Nothing is decided here.

import type { CardRecord } from '../../domain/request/record.ts';
import { currentStage } from '../../domain/request/stages.ts';
import { isSpent } from '../../domain/request/steads.ts';
import { answerRefused } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import { drawDenyModal } from '../draw/modals.ts';
import { userOf } from '../draw/request-words.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Click } from '../receive/payload.ts';
import { locate } from './locate.ts';
import { openModal, originOf } from './modal.ts';

/** Opens the Deny modal; answers instead when there is nothing left to deny. */
export async function denyClick(context: ListenerContext, click: Click): Promise<Message | null> {
  const located = await locate(context, click);
  if (located.kind === 'nowhere') return located.answer;
  const record = await context.deps.readCard(context.tenant_id, located.clicked.id);
  const answer = answerWhenOver(record, click.actor.user_id);
  return answer ?? openModal(context, click, drawDenyModal(record, originOf(click)));
}

function answerWhenOver(record: CardRecord, user_id: string): Message | null {
  const stage = currentStage(record.request, record.decisions);
  const own = record.decisions.filter((decision) => userOf(decision) === user_id);
  const has_decided = own.some((decision) => isSpent(record.request, decision, stage));
  if (has_decided) return answerRefused(record, 'already_counted', user_id);
  if (record.request.state === 'pending') return null;
  return answerRefused(record, record.request.state === 'expired' ? 'expired' : 'closed', user_id);
}
