// The Review modal: all of the content, page by page when it is longer than a view may be; the last page approves. Pure.

import { contentText, counted, showHidden } from '../../domain/request/display.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import { hasQuestion } from '../../domain/request/shown.ts';
import { type Block, context, header, type Modal, plain, preformatted, richText } from './block-kit.ts';
import { CALLBACKS } from './buttons.ts';
import { CARD_TITLE_LENGTH_MAX, lengthOf } from './card-limits.ts';
import { contentLabel, digestPrefix, partsOf, warningsOf } from './content.ts';
import { type ClickOrigin, writeOrigin } from './modals.ts';
import { progressPhrase, resultPhrase } from './outcome-words.ts';
import {
  credentialText,
  factsBlock,
  JUSTIFICATION_LABEL,
  ruleText,
  sameNotice,
  urgentNotice,
} from './request-words.ts';
import { cut, fact, quote, section, sentence } from './text.ts';

/** A view holds 100 blocks and 250 kB; the facts around the content take fewer than 40 blocks and 60 kB. */
const PAGE_PARTS_MAX = 55;
const PAGE_BYTES_MAX = 170_000;
/** Three lines of a modal. */
const LINE_LENGTH_MAX = 150;

const STEP_WORDS = { review: 'Approve', reviewMore: 'Approve…' } as const;

/** The pages of the content: every character of it, in order. At least one. */
export function contentPages(record: CardRecord): string[][] {
  const pages: string[][] = [];
  let page: string[] = [];
  let bytes = 0;
  for (const part of partsOf(contentText(record.request))) {
    const size = Buffer.byteLength(JSON.stringify(part));
    if (page.length > 0 && (page.length === PAGE_PARTS_MAX || bytes + size > PAGE_BYTES_MAX)) {
      pages.push(page);
      page = [];
      bytes = 0;
    }
    page.push(part);
    bytes += size;
  }
  return [...pages, page];
}

/** Page `origin.page` of the whole content. Only the last page leads to an approval, and only while the request waits. */
export function drawReviewModal(record: CardRecord, origin: ClickOrigin): Modal {
  const pages = contentPages(record);
  const page = Math.min(origin.page, pages.length - 1);
  const isLast = page === pages.length - 1;
  // Where something more is asked of whoever approves, the last page does not approve yet.
  const lastStep = hasQuestion(record.request) ? 'reviewMore' : 'review';
  return {
    type: 'modal',
    callback_id: CALLBACKS[isLast ? lastStep : 'reviewPage'],
    private_metadata: writeOrigin({ ...origin, page }, record),
    title: plain('Review request'),
    ...(isLast && record.request.state !== 'pending'
      ? {}
      : { submit: plain(isLast ? STEP_WORDS[lastStep] : 'Next page') }),
    close: plain('Cancel'),
    blocks: [
      ...(page === 0 ? factBlocks(record) : []),
      ...contentBlocks(record, { parts: pages[page] ?? [], page, pages: pages.length }),
      ...(isLast ? wholeWhy(record) : []),
      context(record.request.id, `digest ${digestPrefix(record.request)}`, ruleText(record.request)),
      ...standBlocks(record),
    ],
  };
}

/** What it is about in a few lines, so that the content stands in view; what is longer than a line follows whole. */
function factBlocks(record: CardRecord): Block[] {
  const { request } = record;
  const { title = null } = request.presentation ?? {};
  const named = [
    ['Action', showHidden(request.action)],
    ['Resource', showHidden(request.resource)],
  ] as const;
  const lines = named.filter(([, text]) => isLine(text)).map(([label, text]) => section(fact(label, text)));
  const long = [...named, ['Credential', credentialText(request)] as const].filter(([, text]) => !isLine(text));
  return [
    ...(title === null ? [] : [header(cut(title, CARD_TITLE_LENGTH_MAX))]),
    ...(lines.length === 0 ? [] : [richText(...lines)]),
    factsBlock(record, LINE_LENGTH_MAX),
    ...long.flatMap(([label, text]) => labelled(label, text)),
  ];
}

function isLine(text: string): boolean {
  return lengthOf(text) <= LINE_LENGTH_MAX && !text.includes('\n');
}

function contentBlocks(record: CardRecord, shown: { parts: string[]; page: number; pages: number }): Block[] {
  const { request } = record;
  const size = counted([...contentText(request)].length, 'character');
  const place = shown.pages === 1 ? 'all of it' : `page ${shown.page + 1} of ${shown.pages}`;
  return [
    richText(
      ...[urgentNotice(record), sameNotice(record, 'review'), ...warningsOf(request)].flatMap((notice) =>
        notice === null ? [] : [section([notice])],
      ),
      section([{ bold: contentLabel(request) }, `, ${size}, ${place}`]),
    ),
    ...shown.parts.map((part) => richText(preformatted(part))),
  ];
}

/** After the content, and whole: an argument, not a fact. */
function wholeWhy({ request }: CardRecord): Block[] {
  return labelled(JUSTIFICATION_LABEL, showHidden(request.justification?.trim() ?? ''));
}

function standBlocks(record: CardRecord): Block[] {
  const phrase = record.request.state === 'pending' ? progressPhrase(record) : resultPhrase(record);
  return phrase.length === 0 ? [] : [sentence(phrase)];
}

/** Foreign text, whole, in quotes under a label of ours. */
function labelled(label: string, text: string): Block[] {
  if (text === '') return [];
  const quotes = partsOf(text).map((part) => quote([part]));
  const title = section([{ bold: label }]);
  const [first, ...rest] = quotes;
  if (first === undefined) return [];
  return [richText(title, first), ...rest.map((part) => richText(part))];
}
