// The one path that every click, command and submission takes: work, acknowledge in time, and bring a visible answer.

import type { App } from '@slack/bolt';
import { answerClickError, type ClickError } from '../draw/answers.ts';
import type { Message, Modal } from '../draw/block-kit.ts';
import { type ModalAnswer, noticeOf } from '../listeners/modal.ts';
import { failureOf } from '../send/failures.ts';
import { type Acknowledge, workThenAck } from './ack.ts';
import { type AnswerTo, tell } from './answer.ts';
import type { ListenerContext } from './listener-context.ts';
import type { Submission } from './payload.ts';

/** Does the work of a click or command and tells the person what came of it; null when a modal is the answer. */
export async function runClick(
  context: ListenerContext,
  click: { readonly ack: () => Promise<void>; readonly to: AnswerTo; readonly error: ClickError },
  work: () => Promise<Message | null>,
): Promise<void> {
  const { log, ack_after_ms: after_ms } = context;
  const ack: Acknowledge<Message | null> = () => click.ack();
  const { result } = await workThenAck({ ack, early: () => null, after_ms, log }, async () => {
    try {
      return await work();
    } catch (error) {
      log.error('a click was not handled', { slack_user_id: click.to.user_id, err: error });
      return answerClickError(click.error);
    }
  });
  if (result !== null) await tell(context, click.to, result);
}

type SubmitAck = Parameters<Parameters<App['view']>[1]>[0]['ack'];

/** Does the work of a submission; its answer takes the modal's place, with the acknowledgement or after it. */
export async function runSubmission(
  context: ListenerContext,
  submitted: { readonly ack: SubmitAck; readonly submission: Submission; readonly early: ClickError },
  work: () => Promise<ModalAnswer>,
): Promise<void> {
  const { log, ack_after_ms: after_ms } = context;
  const { submission } = submitted;
  const early = () => noticeOf('click_error', answerClickError(submitted.early));
  const ack: Acknowledge<ModalAnswer> = (answer) => submitted.ack(toAck(answer ?? early()));
  const settled = await workThenAck({ ack, early, after_ms, log }, async () => {
    try {
      return await work();
    } catch (error) {
      log.error('a submission was not handled', { slack_user_id: submission.actor.user_id, err: error });
      return noticeOf('click_error', answerClickError('not_recorded'));
    }
  });
  if (!settled.is_told) await showLater(context, submission, settled.result);
}

type ViewAck =
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'update'; view: Modal };

function toAck(answer: ModalAnswer): ViewAck {
  if (answer.kind === 'errors') return { response_action: 'errors', errors: answer.errors };
  return { response_action: 'update', view: answer.view };
}

/** Brings the answer into the modal that is still open, or tells the person outside of it. */
async function showLater(context: ListenerContext, submission: Submission, answer: ModalAnswer): Promise<void> {
  const { actor, origin, view_id } = submission;
  const view = answer.kind === 'view' ? answer.view : toView(answer.errors);
  try {
    await context.client.views.update({ view_id, view });
  } catch (error) {
    context.log.warn('a modal did not take its answer', {
      slack_user_id: actor.user_id,
      code: failureOf(error, 'views.update').code,
    });
    const to = { user_id: actor.user_id, channel_id: origin?.channel_id ?? null, respond: null };
    await tell(context, to, { text: view.title.text, blocks: view.blocks });
  }
}

/** Field errors have no place once the modal is acknowledged. */
function toView(errors: Record<string, string>): Modal {
  const text = Object.values(errors).join(' ');
  const blocks = [{ type: 'section', text: { type: 'plain_text', text, emoji: false }, expand: true }] as const;
  const answer = noticeOf('refused', { text, blocks: [...blocks] });
  if (answer.kind !== 'view') throw new Error('a notice is a view');
  return answer.view;
}
