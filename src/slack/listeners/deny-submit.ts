// The Deny modal's submission: checks the reason, decides, and turns the modal into the answer.

import { isReason } from '../../domain/request/decision.ts';
import { answerTrouble } from '../draw/answers.ts';
import { REASON_BLOCK, REASON_INPUT, REASON_PROBLEM } from '../draw/modals.ts';
import { decideFor } from './decision.ts';
import type { Door } from '../receive/listener-context.ts';
import { type ModalAnswer, messageOf, noticeOf } from './modal.ts';
import { type Submission, textAt } from '../receive/payload.ts';

const REASON_ERROR: ModalAnswer = { kind: 'errors', errors: { [REASON_BLOCK]: REASON_PROBLEM } };

/** Records the denial with its reason. Everything is checked again here, however old the modal is. */
export async function denySubmit(door: Door, submission: Submission): Promise<ModalAnswer> {
  const { actor, origin } = submission;
  if (origin === null) return noticeOf('trouble', answerTrouble('unknown_card'));
  // Postgres takes every character but this one.
  const reason = (textAt(submission.values, REASON_BLOCK, REASON_INPUT, 'value') ?? '').replaceAll('\u0000', '').trim();
  if (!isReason(reason)) return REASON_ERROR;
  const record = await door.deps.readRequestRecord(door.tenant_id, origin.request_id);
  const decided = await decideFor(door, actor, record, {
    decision: 'deny',
    reason,
    shown_digest: origin.digest,
    is_from_modal: true,
    message: messageOf(origin),
  });
  return noticeOf(decided.kind, decided.answer);
}
