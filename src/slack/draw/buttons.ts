// The buttons of cards and of Home, and what a click on them tells. Pure.
// Values and block ids can be read by other apps in the channel: ids and the digest, nothing else.

import type { WaitingRecord } from '../../domain/request/record.ts';
import type { ApprovalRequest } from '../../domain/request/request.ts';
import { currentStage } from '../../domain/request/stages.ts';
import { type Block, type Button, plain } from './block-kit.ts';
import { titleOf } from './request-words.ts';
import { cut } from './text.ts';

export const ACTIONS = { approve: 'approve', review: 'review', deny: 'deny', revoke: 'revoke' } as const;
export const CALLBACKS = {
  review: 'review_submit',
  reviewPage: 'review_page',
  reviewMore: 'review_more',
  approve: 'approve_submit',
  deny: 'deny_submit',
} as const;

const ACCESSIBILITY_LABEL_LENGTH_MAX = 75;

type Shown = Pick<WaitingRecord, 'request' | 'decisions'>;
type Named = Pick<ApprovalRequest, 'id' | 'action' | 'resource'>;

const SHOWN = /^apr_[0-9a-z]{36}\.\d+\.(sha256:[0-9a-f]{64})(?:\.(\d{1,3}))?$/;

/** Approve, Review, Deny…: Review stands between the two that decide. Without Approve when something is not shown. */
export function cardButtons(record: Shown, has_approve: boolean): Block {
  const { request } = record;
  const approve: Button = { ...button(request, ACTIONS.approve, 'Approve'), style: 'primary' };
  const review = button(request, ACTIONS.review, 'Review');
  const deny: Button = { ...button(request, ACTIONS.deny, 'Deny…'), style: 'danger' };
  const first: Button[] = has_approve ? [approve, review] : [{ ...review, style: 'primary' }];
  return { type: 'actions', block_id: shownId(record), elements: [...first, deny] };
}

const REVOKE_TITLE = 'Take it back?';
const REVOKE_TEXT =
  'Its credential ends now, and nothing more is claimed or used under this approval. What runs already goes on. For good.';

/** Revoke, of what an approval gave, after one more question. */
export function revokeButton({ request }: Pick<Shown, 'request'>): Block {
  const ask = { title: plain(REVOKE_TITLE), text: plain(REVOKE_TEXT), confirm: plain('Revoke'), deny: plain('Keep') };
  const revoke: Button = { ...button(request, ACTIONS.revoke, 'Revoke'), style: 'danger' };
  const element: Button = { ...revoke, confirm: { ...ask, style: 'danger' } };
  return { type: 'actions', block_id: `revoke.${request.id}.${request.revision}`, elements: [element] };
}

/** Names what the screen was drawn from; new with each revision, as Slack wants of an updated block. */
function shownId({ request, decisions }: Shown): string {
  return [request.id, request.revision, request.digest, currentStage(request, decisions)].join('.');
}

/** The digest that the screen with this block id was drawn from; empty, which equals none, when it is not one of ours. */
export function shownDigest(block_id: string): string {
  return SHOWN.exec(block_id)?.[1] ?? '';
}

/** The stage that the screen with this block id asked for; those of before named none, and had one. */
export function shownStage(block_id: string): number {
  return Number(SHOWN.exec(block_id)?.[2] ?? 0);
}

function button(request: Named, action_id: string, label: string): Button {
  const spoken = `${label.replace('…', '')} ${titleOf(request)}`;
  return {
    type: 'button',
    action_id,
    text: plain(label),
    value: request.id,
    accessibility_label: cut(spoken, ACCESSIBILITY_LABEL_LENGTH_MAX),
  };
}
