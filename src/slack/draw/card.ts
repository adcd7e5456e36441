// The card of one approval request: a Slack message drawn from the record alone, the same block order in every state.
// Pure. Foreign text stands only in plain_text and rich_text; the state stands last, outside of it.

import { CARD_FIELD_LENGTH_MAX, CARD_TITLE_LENGTH_MAX } from '../../domain/request/display.ts';
import type { Dossier } from '../../domain/request/record.ts';
import { type Block, context, header, type Message, paragraph, preformatted, richText } from './block-kit.ts';
import { cardButtons } from './buttons.ts';
import { cardContent, contentLabel, digestPrefix, hiddenNotice, isShownWhole, warningsOf } from './content.ts';
import { closingPhrase, elapsedText, progressPhrase, resultPhrase } from './outcome-words.ts';
import { agentText, factsBlock, ruleText, shortId, titleOf, whyBlocks } from './request-words.ts';
import { cut, escaped, fallback, type Phrase, section, sentence, utc } from './text.ts';

/** Notifications show about this much of the title. */
const TEXT_TITLE_LENGTH_MAX = 150;

/** The card as it stands at `now`: waiting, partly approved, decided, expired or cancelled. At most 10,000 characters. */
export function drawCard(dossier: Dossier, now: Date): Message {
  const { request } = dossier;
  const isWaiting = request.state === 'pending';
  const blocks: Block[] = [
    header(headline(dossier)),
    factsBlock(dossier, CARD_FIELD_LENGTH_MAX),
    ...whyBlocks(request),
    contentBlock(dossier),
    ...noticeBlocks(dossier),
    context(...smallPrint(dossier)),
    ...sentences(isWaiting ? progressPhrase(dossier) : resultPhrase(dossier)),
    ...(isWaiting ? [cardButtons(request, isShownWhole(dossier))] : []),
    ...sentences(closingPhrase(dossier, now)),
  ];
  return { text: cardText(dossier, now), blocks };
}

/** The card in one sentence, for notifications and screen readers; escaped. */
export function cardText(dossier: Dossier, now: Date): string {
  const { request } = dossier;
  const title = escaped(cut(titleOf(request), TEXT_TITLE_LENGTH_MAX));
  const agent = escaped(agentText(dossier));
  if (request.state === 'pending') {
    const until = request.expires_at === null ? '' : `, until ${utc(request.expires_at)}`;
    return [`Approval needed: ${title}, by ${agent}${until}.`, fallback(progressPhrase(dossier))].join(' ').trim();
  }
  const closing = fallback(closingPhrase(dossier, now));
  const parts = [`${title}, by ${agent}.`, fallback(resultPhrase(dossier)), closing === '' ? '' : `${closing}.`];
  return parts.filter((part) => part !== '').join(' ');
}

/** Header of the card: a question while it waits, the outcome in words once it is over. */
function headline(dossier: Dossier): string {
  const title = cut(titleOf(dossier.request), CARD_TITLE_LENGTH_MAX);
  switch (dossier.request.state) {
    case 'pending':
      return `${title}?`;
    case 'approved':
      return `Approved: ${title}`;
    case 'denied':
      return `Denied: ${title}`;
    case 'expired':
      return `Expired: ${title}`;
    case 'cancelled':
      return `Cancelled: ${title}`;
  }
}

function contentBlock(dossier: Dossier): Block {
  return richText(section([{ bold: contentLabel(dossier.request) }]), preformatted(cardContent(dossier)));
}

function noticeBlocks(dossier: Dossier): Block[] {
  const notice = hiddenNotice(dossier);
  const lines = [...(notice === null ? [] : [notice]), ...warningsOf(dossier.request)];
  return lines.length === 0 ? [] : [paragraph(lines.join('\n'))];
}

function smallPrint(dossier: Dossier): string[] {
  const { request } = dossier;
  const elapsed = elapsedText(dossier);
  // Review shows the whole id; once the buttons are gone, only the card can.
  const id = request.state === 'pending' ? shortId(request) : request.id;
  const pieces = [id, `digest ${digestPrefix(request)}`, ruleText(request)];
  return elapsed === '' ? pieces : [...pieces, elapsed];
}

function sentences(phrase: Phrase): Block[] {
  return phrase.length === 0 ? [] : [sentence(phrase)];
}
