// Who may see the whole content of a request: asked anew for each page of Review, and recorded before anything is shown.

import type { CardRecord } from '../../domain/request/record.ts';
import type { ClickedRequest } from '../../service/approver/approver.ts';
import { answerClickError, answerRefused } from '../draw/answers.ts';
import type { Message } from '../draw/block-kit.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { askMemberships, readProfile } from '../receive/profile.ts';

export type Viewed =
  | { readonly kind: 'recorded'; readonly record: CardRecord }
  | { readonly kind: 'refused' | 'click_error'; readonly answer: Message };

/** The record to show, or what to say to one who may not see it, or of whom Slack cannot say who they are. */
export async function viewContent(context: ListenerContext, actor: Actor, clicked: ClickedRequest): Promise<Viewed> {
  const { id: request_id } = clicked;
  const [profile, answers] = await Promise.all([readProfile(context, actor), askMemberships(context, actor, clicked)]);
  if (profile === null || answers === null)
    return { kind: 'click_error', answer: answerClickError('not_verified', request_id) };
  const { tenant_id, deps } = context;
  const viewed = await deps.recordContentView({ tenant_id, request_id, profile, answers });
  if (viewed.kind === 'recorded') return viewed;
  return { kind: 'refused', answer: answerRefused(viewed.record, viewed.refusal, actor.user_id) };
}
