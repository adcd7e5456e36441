// The small messages around a card: its stand-in when Slack refuses the blocks, a dead copy, the reminder, the outcome. Pure.

import type { CardRecord } from '../../domain/request/record.ts';
import { askedNow } from '../../domain/request/stages.ts';
import { undeliveredGroups } from '../../domain/request/undeliverable.ts';
import { undeliveredText } from '../../service/undelivered-text.ts';
import { type Block, context, type Message } from './block-kit.ts';
import { cardButtons } from './buttons.ts';
import { cardText } from './card.ts';
import { digestPrefix } from './content.ts';
import { closingPhrase, missingText, resultPhrase, tallyText } from './outcome-words.ts';
import { agentText, justificationBlocks, wholeTitleOf } from './request-words.ts';
import { stageNow } from './stage-words.ts';
import { cut, fallback, listed, type Phrase, sentence } from './text.ts';

const TITLE_LENGTH_MAX = 300;

/** The stand-in when Slack refuses the card's blocks: title, id, buttons. It hides the content, so never Approve. */
export function drawMinimalCard(record: CardRecord, now: Date, is_asked = true): Message {
  const { request } = record;
  const result = resultPhrase(record);
  const state: Phrase =
    result.length > 0
      ? result
      : [`${tallyText(record)} approvals. The content is not shown here; Review shows all of it.`];
  const blocks: Block[] = [
    sentence([{ bold: cut(wholeTitleOf(request), TITLE_LENGTH_MAX) }, ', by ', agentText(record)]),
    context(request.id, `digest ${digestPrefix(request)}`),
    sentence(state),
  ];
  if (request.state === 'pending' && is_asked) blocks.push(cardButtons(record, false));
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
export function drawReminder(record: CardRecord): Message {
  const { request } = record;
  const phrase: Phrase = [
    'Still waiting: ',
    { bold: cut(wholeTitleOf(request), TITLE_LENGTH_MAX) },
    `, by ${agentText(record)}. Needs ${missingText(record)}.`,
    ...(request.expires_at === null ? [] : [' Expires ', { due: request.expires_at }, '.']),
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase)] };
}

/** What is told of a stage in the thread of a card that stood before: it has begun, or more groups are asked. */
export function drawStageNotice(record: CardRecord, about: 'open' | 'escalated'): Message {
  const { request } = record;
  const added = stageNow(record)?.added?.map(({ name }) => name) ?? [];
  const news: Phrase =
    about === 'open'
      ? [{ bold: 'The next stage has begun. ' }]
      : [{ bold: `Nobody decided yet, so ${cut(listed(added), TITLE_LENGTH_MAX)} may decide too. ` }];
  const phrase: Phrase = [
    ...news,
    cut(wholeTitleOf(request), TITLE_LENGTH_MAX),
    ` needs ${missingText(record)}.`,
    ...(request.expires_at === null ? [] : [' Expires ', { due: request.expires_at }, '.']),
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase)] };
}

/** What owner and admins are told once people could not be asked for a while, or too few are left who may decide. */
export function drawUndeliverable(record: CardRecord): Message {
  const { request } = record;
  const undelivered = undeliveredGroups(record, record.cards);
  if (undelivered.length === 0) return drawUnreached(record);
  const remedies = new Set(undelivered.map(({ error }) => remedyOf(error)));
  const phrase: Phrase = [
    'Nobody can be asked about ',
    { bold: cut(wholeTitleOf(request), TITLE_LENGTH_MAX) },
    `, by ${agentText(record)}. ${cut(undeliveredText(undelivered), TITLE_LENGTH_MAX)}.`,
    ...(request.expires_at === null
      ? []
      : [' Placet tries again until it expires, ', { due: request.expires_at }, '.']),
    ` ${[...remedies].join(' ')}`,
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase), context(request.id)] };
}

/** Cards stand in every channel, and yet nobody could fill the stage. */
function drawUnreached(record: CardRecord): Message {
  const { request, decisions, groups } = record;
  const names = askedNow(request, decisions, groups).map(({ name }) => name);
  const phrase: Phrase = [
    { bold: cut(wholeTitleOf(request), TITLE_LENGTH_MAX) },
    `, by ${agentText(record)}, can no longer be decided: too few people are left in ${cut(listed(names), TITLE_LENGTH_MAX)}.`,
    ` It needs ${missingText(record)}.`,
    ...(request.expires_at === null ? [] : [' Unless somebody joins, it expires ', { due: request.expires_at }, '.']),
    ' Look at the group, its user group or its channel, and at who is away or deactivated.',
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase), context(request.id)] };
}

/** What helps against an error of Slack; the rest is for placet doctor. */
function remedyOf(error: string | null): string {
  switch (error) {
    case 'channel_not_found':
    case 'not_in_channel':
    case 'no_permission':
      return 'Invite the app into the channel (/invite), or name another one in the policy file.';
    case 'is_archived':
    case 'is_inactive':
      return 'Unarchive the channel, or name another one in the policy file.';
    case null:
      return 'Look at status.slack.com and at the log of the worker.';
    default:
      return error.startsWith('restricted_action')
        ? 'Let the app post in the channel, or name another one in the policy file.'
        : 'placet doctor looks at the token, its scopes and the channels.';
  }
}

/** What the owner of the agent is told once the request is decided, expired or cancelled, and when its outcome changes. */
export function drawOutcome(record: CardRecord, now: Date): Message {
  const { request } = record;
  const closing = closingPhrase(record, now);
  const phrase: Phrase = [
    `${agentText(record)}: `,
    { bold: cut(wholeTitleOf(request), TITLE_LENGTH_MAX) },
    '. ',
    ...resultPhrase(record),
    ...(closing.length === 0 ? [] : [' ', ...closing, '.']),
  ];
  return { text: fallback(phrase), blocks: [sentence(phrase), ...justificationBlocks(request), context(request.id)] };
}
