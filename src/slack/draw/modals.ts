// The Approve and Deny modals, the view that ends a modal, and what modals remember of the place they were opened from. Pure.

import { REASON_CHARACTERS_MAX, REASON_CHARACTERS_MIN } from '../../domain/request/decision.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import { currentStage } from '../../domain/request/stages.ts';
import { type Block, context, type Message, type Modal, paragraph, plain } from './block-kit.ts';
import { CALLBACKS } from './buttons.ts';
import { digestPrefix } from './content.ts';
import { agentText, shortId, wholeTitleOf } from './request-words.ts';
import { cut } from './text.ts';

export const REASON_BLOCK = 'reason';
export const REASON_INPUT = 'reason';
export const REASON_PROBLEM = `Give a reason of ${REASON_CHARACTERS_MIN} to ${REASON_CHARACTERS_MAX} characters.`;

const SECOND_LOOK = 'This rule asks for a second look. It runs once this is approved; you have seen all of it.';

/** A paragraph holds 3,000 characters; the words around the title take a few. */
const TITLE_LENGTH_MAX = 2_000;

/** What a modal keeps in private_metadata: ids, no state. `channel_id` and `ts` are null when it was opened from Home. */
export type ModalOrigin = {
  readonly request_id: string;
  readonly digest: string;
  /** The stage that it asks for, from 0. */
  readonly stage: number;
  readonly channel_id: string | null;
  readonly ts: string | null;
  /** Part of the content that is shown, from 0. */
  readonly page: number;
};

/** The same before it is drawn. */
export type ClickOrigin = Omit<ModalOrigin, 'stage'>;

/** What the modal of this record keeps. */
export function writeOrigin(
  origin: ClickOrigin,
  { request, decisions }: Pick<CardRecord, 'request' | 'decisions'>,
): string {
  const kept: ModalOrigin = { ...origin, stage: currentStage(request, decisions) };
  return JSON.stringify(kept);
}

/** The origin from private_metadata, or null when it is not one of ours. */
export function readOrigin(private_metadata: string): ModalOrigin | null {
  const value = parsed(private_metadata);
  if (typeof value !== 'object' || value === null) return null;
  // A modal of the release before names no stage: there was one.
  const { request_id, digest, stage = 0, channel_id, ts, page } = value as Record<string, unknown>;
  if (typeof request_id !== 'string' || typeof digest !== 'string' || !isIndex(stage) || !isIndex(page)) return null;
  return { request_id, digest, stage, channel_id: textOrNull(channel_id), ts: textOrNull(ts), page };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function reasonInput(): Block {
  return {
    type: 'input',
    block_id: REASON_BLOCK,
    label: plain('Reason'),
    hint: plain('The agent sees this.'),
    element: {
      type: 'plain_text_input',
      action_id: REASON_INPUT,
      multiline: true,
      min_length: REASON_CHARACTERS_MIN,
      max_length: REASON_CHARACTERS_MAX,
      focus_on_load: true,
    },
  };
}

/** Asks for the reason of a denial. */
export function drawDenyModal(record: CardRecord, origin: ClickOrigin): Modal {
  const { request } = record;
  return {
    type: 'modal',
    callback_id: CALLBACKS.deny,
    private_metadata: writeOrigin(origin, record),
    title: plain('Deny request'),
    submit: plain('Deny'),
    close: plain('Cancel'),
    blocks: [
      paragraph(`${cut(wholeTitleOf(request), TITLE_LENGTH_MAX)}?\nAsked by ${agentText(record)}.`),
      reasonInput(),
      context(shortId(request), `digest ${digestPrefix(request)}`),
    ],
  };
}

/** Stands between the whole content and an approval: a second look, the reason where one is required, or both. */
export function drawApproveModal(record: CardRecord, origin: ModalOrigin): Modal {
  const { request } = record;
  const { requirement } = request;
  return {
    type: 'modal',
    callback_id: CALLBACKS.approve,
    // As Review kept it, with the stage that was looked at.
    private_metadata: JSON.stringify(origin),
    title: plain('Approve request'),
    submit: plain('Approve'),
    close: plain('Cancel'),
    blocks: [
      paragraph(`${cut(wholeTitleOf(request), TITLE_LENGTH_MAX)}?\nAsked by ${agentText(record)}.`),
      ...(requirement?.confirm ? [paragraph(SECOND_LOOK)] : []),
      ...(requirement?.reason === 'required' ? [reasonInput()] : []),
      context(shortId(request), `digest ${digestPrefix(request)}`),
    ],
  };
}

/** A modal that only tells something: the answer to a submission, or that it is being recorded. */
export function drawNoticeModal(title: string, answer: Message): Modal {
  return {
    type: 'modal',
    callback_id: 'notice',
    private_metadata: '',
    title: plain(title),
    close: plain('Close'),
    blocks: answer.blocks,
  };
}
