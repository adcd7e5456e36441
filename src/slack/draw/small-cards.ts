// The small messages around a card: its stand-in when Slack refuses the blocks, a dead copy, the reminder, the outcome. Pure.

import type { RequestRecord } from '../../domain/request/record.ts';
import { type Block, context, type Message } from './block-kit.ts';
import { cardButtons } from './buttons.ts';
import { cardText } from './card.ts';
import { digestPrefix } from './content.ts';
import { closingPhrase, missingText, resultPhrase, tallyText } from './outcome-words.ts';
import { agentText, justificationBlocks, titleOf } from './request-words.ts';
import { cut, fallback, type Phrase, sentence } from './text.ts';

const TITLE_LENGTH_MAX = 300;

/** The stand-in when Slack refuses the card's blocks: title, id, buttons. It hides the content, so never Approve. */
export function drawMinimalCard(record: RequestRecord, now: Date): Message {
  const { request } = record;
  const result = resultPhrase(record);
  const state: Phrase =
    result.length > 0
      ? result
      : [`${tallyText(record)} approvals. The content is not shown here; Review shows all of it.`];
  const blocks: Block[] = [
    sentence([{ bold: cut(titleOf(request), TITLE_LENGTH_MAX) }, ', by ', agentText(record)]),
    context(request.id, `digest ${digestPrefix(request)}`),
    sentence(state),
  ];
  if (request.state === 'pending') blocks.push(cardButtons(request, false));
  return { text: cardText(record, now), blocks };
}

/** What a copy of a card becomes that is not the live one: no buttons. Rich text, because Slack keeps a message's kind. */
export function drawStaleCard(request_id: string | null): Message {
  const phrase: Phrase = [
    { bold: 'This card is out of date.' },
    ' It decides nothing. The Home tab of Placet shows what waits for you.',
  ];
  const blocks = [sentence(phrase), ...(request_id === null ? [] : [context(request_id)])];
  return { text: fallback(phrase), blocks };
}

/** The one reminder, a reply in the card's thread. */
export function drawReminder(record: RequestRecord): Message {
  const { request } = record;
  const phrase: Phrase = [
    'Still waiting: ',
    { bold: cut(titleOf(request), TITLE_LENGTH_MAX) },
    `, by ${agentText(record)}. Needs ${missingText(record)}.`,
    ...(request.expires_at === null ? [] : [' Expires ', { due: request.expires_at }, '.']),
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase)] };
}

/** What the owner of the agent is told once the request is decided, expired or cancelled, and when its outcome changes. */
export function drawOutcome(record: RequestRecord, now: Date): Message {
  const { request } = record;
  const closing = closingPhrase(record, now);
  const phrase: Phrase = [
    `${agentText(record)}: `,
    { bold: cut(titleOf(request), TITLE_LENGTH_MAX) },
    '. ',
    ...resultPhrase(record),
    ...(closing.length === 0 ? [] : [' ', ...closing, '.']),
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase), ...justificationBlocks(request), context(request.id)] };
}
