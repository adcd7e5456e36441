// Opening a modal from a click, what it keeps of it, and what a submission may answer with. Draws nothing itself.

import { isReason } from '../../domain/request/decision.ts';
import { answerClickError } from '../draw/answers.ts';
import type { Message, Modal } from '../draw/block-kit.ts';
import {
  type ClickOrigin,
  drawNoticeModal,
  type ModalOrigin,
  REASON_BLOCK,
  REASON_INPUT,
  REASON_PROBLEM,
} from '../draw/modals.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { type Click, type Submission, textAt } from '../receive/payload.ts';
import { failureOf } from '../send/failures.ts';

/** What a submission answers with: errors under its fields, or another view in its place. */
export type ModalAnswer =
  | { readonly kind: 'errors'; readonly errors: Record<string, string> }
  | { readonly kind: 'view'; readonly view: Modal };

const NOTICE_TITLES = { counted: 'Counted', refused: 'Not counted', click_error: 'Not recorded' } as const;

/** The modal that ends a submission. */
export function noticeOf(kind: keyof typeof NOTICE_TITLES, answer: Message): ModalAnswer {
  return { kind: 'view', view: drawNoticeModal(NOTICE_TITLES[kind], answer) };
}

/** What a submission without a reason is answered with. */
export const REASON_ERROR: ModalAnswer = { kind: 'errors', errors: { [REASON_BLOCK]: REASON_PROBLEM } };

/** The reason that was given, or null when it is none. */
export function reasonIn({ values }: Submission): string | null {
  // Postgres takes every character but this one.
  const reason = (textAt(values, REASON_BLOCK, REASON_INPUT, 'value') ?? '').replaceAll('\u0000', '').trim();
  return isReason(reason) ? reason : null;
}

/** What the modal keeps of the click that opened it. */
export function originOf(click: Click): ClickOrigin {
  const { request_id, shown_digest: digest, place } = click;
  return { request_id, digest, channel_id: place?.channel_id ?? null, ts: place?.ts ?? null, page: 0 };
}

/** The card that was clicked, or that the modal was opened from, as the audit log names it; null for Home. */
export function messageOf({ channel_id, ts }: Pick<ModalOrigin, 'channel_id' | 'ts'>): string | null {
  return channel_id === null || ts === null ? null : `${channel_id}/${ts}`;
}

/** Opens the modal; answers instead when Slack does not, such as when the trigger's three seconds are over. */
export async function openModal(context: ListenerContext, click: Click, view: Modal): Promise<Message | null> {
  try {
    await context.client.views.open({ trigger_id: click.trigger_id, view });
    return null;
  } catch (error) {
    const { code } = failureOf(error, 'views.open');
    const { request_id, actor } = click;
    context.log.warn('a modal was not opened', { request_id, slack_user_id: actor.user_id, code });
    return answerClickError('not_shown', request_id);
  }
}
