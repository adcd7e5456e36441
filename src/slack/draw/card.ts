// The card of one approval request: a Slack message drawn from the record alone, the same block order in every state.
// Pure. Foreign text stands only in plain_text and rich_text; the state stands last, outside of it.

import { isRevocable } from '../../domain/credential/lease.ts';
import type { CardRecord, RevocableRecord } from '../../domain/request/record.ts';
import { isApprovedOnCard } from '../../domain/request/shown.ts';
import { type Block, context, header, type Message, paragraph, preformatted, richText } from './block-kit.ts';
import { cardButtons, revokeButton } from './buttons.ts';
import { CARD_FIELD_LENGTH_MAX, CARD_TITLE_LENGTH_MAX } from './card-limits.ts';
import { cardContent, contentLabel, digestPrefix, hiddenNotice, isShownWhole, warningsOf } from './content.ts';
import { closingPhrase, elapsedText, isSuperseded, progressPhrase, resultPhrase } from './outcome-words.ts';
import {
  actionLines,
  agentText,
  factsBlock,
  headingOf,
  justificationBlocks,
  ruleText,
  sameNotice,
  shortId,
  urgentNotice,
} from './request-words.ts';
import { cut, escaped, fallback, type Phrase, section, sentence, utc } from './text.ts';

/** Notifications show about this much of the title. */
const TEXT_TITLE_LENGTH_MAX = 150;

/**
 * The card as it stands at `now`: waiting, partly approved, decided, expired or cancelled. At most 10,000 characters. Where
 * other groups are asked by now than those of its place it has no buttons.
 */
export function drawCard(record: CardRecord, now: Date, place: CardPlace = ANYWHERE): Message {
  const { request } = record;
  const isWaiting = request.state === 'pending';
  const blocks: Block[] = [
    header(headline(record)),
    ...actionBlocks(record),
    factsBlock(record, CARD_FIELD_LENGTH_MAX),
    ...justificationBlocks(request),
    contentBlock(record),
    ...noticeBlocks(record),
    context(...smallPrint(record)),
    ...sentences(isWaiting ? progressPhrase(record) : resultPhrase(record)),
    ...(isWaiting ? sentences(pagePhrase(record, place)) : []),
    ...(isWaiting && place.is_asked ? [cardButtons(record, isShownWhole(record) && isApprovedOnCard(request))] : []),
    ...sentences(closingPhrase(record, now)),
    ...(canRevoke(record, now) ? [revokeButton(record)] : []),
  ];
  return { text: cardText(record, now), blocks };
}

/** Something of what was approved is left. Who may take it back is looked at with the click. */
export function canRevoke(record: Omit<RevocableRecord, 'agent'>, now: Date): boolean {
  const { request, grant, lease, execution, revocation, result } = record;
  const { state, closed_at: approved_at } = request;
  return isRevocable({ state, approved_at, grant, lease, execution, revocation, has_result: result !== null }, now);
}

/** Where a card stands: whether its groups are asked now, and the Slack user groups that they are. */
export type CardPlace = {
  readonly is_asked: boolean;
  readonly user_groups: readonly string[];
  readonly has_others: boolean;
};
const ANYWHERE: CardPlace = { is_asked: true, user_groups: [], has_others: false };

/** An urgent card calls those whom it asks: their user groups, and where the policy lists people everybody in their channel. */
function pagePhrase({ request }: CardRecord, { is_asked, user_groups, has_others }: CardPlace): Phrase {
  if (request.requirement?.urgent !== true || !is_asked) return [];
  const called: Phrase = [
    ...user_groups.flatMap((user_group): Phrase => [' ', { user_group }]),
    ...(has_others ? [' ', { everyone: 'channel' as const }] : []),
  ];
  return called.length === 0 ? [] : ['Urgent for', ...called];
}

/** The card in one sentence, for notifications and screen readers; escaped. */
export function cardText(record: CardRecord, now: Date): string {
  const { request } = record;
  const title = escaped(cut(headingOf(request), TEXT_TITLE_LENGTH_MAX));
  const agent = escaped(agentText(record));
  if (request.state === 'pending') {
    const until = request.expires_at === null ? '' : `, until ${utc(request.expires_at)}`;
    const needed = request.requirement?.urgent === true ? 'Urgent approval needed' : 'Approval needed';
    return [`${needed}: ${title}, by ${agent}${until}.`, fallback(progressPhrase(record))].join(' ').trim();
  }
  const closing = fallback(closingPhrase(record, now));
  const parts = [`${title}, by ${agent}.`, fallback(resultPhrase(record)), closing === '' ? '' : `${closing}.`];
  return parts.filter((part) => part !== '').join(' ');
}

/** Header of the card: a question while it waits, the outcome in words once it is over. */
function headline(record: CardRecord): string {
  const title = cut(headingOf(record.request), CARD_TITLE_LENGTH_MAX);
  switch (record.request.state) {
    case 'pending':
      return `${title}?`;
    case 'approved':
      return `Approved: ${title}`;
    case 'denied':
      return `Denied: ${title}`;
    case 'expired':
      return `Expired: ${title}`;
    case 'cancelled':
      return `${isSuperseded(record.request) ? 'Superseded' : 'Cancelled'}: ${title}`;
  }
}

/** Raw, beside a heading in other words: what is digested is named by nothing else. */
function actionBlocks({ request }: CardRecord): Block[] {
  const lines = actionLines(request).map((line) =>
    section(line.map((part) => (typeof part === 'string' ? cut(part, CARD_FIELD_LENGTH_MAX) : part))),
  );
  return lines.length === 0 ? [] : [richText(...lines)];
}

function contentBlock(record: CardRecord): Block {
  return richText(section([{ bold: contentLabel(record.request) }]), preformatted(cardContent(record)));
}

function noticeBlocks(record: CardRecord): Block[] {
  const notice = hiddenNotice(record);
  const same = sameNotice(record, 'card');
  const urgent = urgentNotice(record);
  const lines = [
    ...(urgent === null ? [] : [urgent]),
    ...(same === null ? [] : [same]),
    ...(notice === null ? [] : [notice]),
    ...warningsOf(record.request),
  ];
  return lines.length === 0 ? [] : [paragraph(lines.join('\n'))];
}

function smallPrint(record: CardRecord): string[] {
  const { request } = record;
  const elapsed = elapsedText(record);
  // Review shows the whole id; once the buttons are gone, only the card can.
  const id = request.state === 'pending' ? shortId(request) : request.id;
  const pieces = [id, `digest ${digestPrefix(request)}`, ruleText(request)];
  return elapsed === '' ? pieces : [...pieces, elapsed];
}

function sentences(phrase: Phrase): Block[] {
  return phrase.length === 0 ? [] : [sentence(phrase)];
}
