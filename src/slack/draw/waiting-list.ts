// What waits for one person: the Home view and the private answer to /placet. Pure.

import type { Permission } from '../../domain/people/roles.ts';
import { counted } from '../../domain/request/display.ts';
import type { RevocableRecord, Waiting, WaitingRecord } from '../../domain/request/record.ts';
import { type Block, context, type HomeView, header, type Message, paragraph } from './block-kit.ts';
import { cardButtons, revokeButton } from './buttons.ts';
import { digestPrefix } from './content.ts';
import { tallyText } from './outcome-words.ts';
import { agentText, headingOf, needsText, shortId, titleOf } from './request-words.ts';
import { tabBlocks } from './settings-home.ts';
import { cut, fallback, type Phrase, sentence, short } from './text.ts';

/** Home holds 100 blocks and each request takes four; the list is the same length, so that both agree. */
const WAITING_ITEMS_MAX = 15;
/** How many are looked up, so that "n more" is a number for nearly everybody. */
export const WAITING_LOOKUP_MAX = 50;
/** How the record hands them out. */
const ORDER = 'the next to expire first';
const TITLE_LENGTH_MAX = 150;
const NEEDS_LENGTH_MAX = 100;

/** What the person may do besides, and what they may take back. */
type Own = { readonly permissions?: readonly Permission[]; readonly revocable?: readonly RevocableRecord[] };

/** The Home tab: the queue, each with Review and Deny. Approving goes through Review, which shows all of it. */
export function drawHome(waiting: Waiting, { permissions = [], revocable = [] }: Own = {}): HomeView {
  const tab = tabBlocks(permissions);
  const items = waiting.items.slice(0, WAITING_ITEMS_MAX);
  const live = revocable.length === 0 ? [] : [header('Approved and live'), ...revocable.flatMap(revocableItem)];
  if (items.length === 0) {
    const nothing = [header('Waiting for you'), paragraph('Nothing waits for your decision.')];
    return { type: 'home', blocks: [...tab, ...nothing, ...live] };
  }
  return {
    type: 'home',
    blocks: [
      ...tab,
      header('Waiting for you'),
      context(`${countText(waiting)}, ${ORDER}`),
      ...items.flatMap(homeItem),
      ...moreBlocks(waiting),
      ...live,
    ],
  };
}

/** The Home tab of somebody whose account may not decide, or cannot be checked: why, instead of an empty queue. */
export function drawHomeNotice(answer: Message): HomeView {
  return { type: 'home', blocks: [header('Waiting for you'), ...answer.blocks] };
}

/** The private list that /placet answers with; to act, one goes to the card or to Home. */
export function drawWaitingList(waiting: Waiting): Message {
  const items = waiting.items.slice(0, WAITING_ITEMS_MAX);
  if (items.length === 0) {
    const nothing: Phrase = ['Nothing waits for your decision.'];
    return { text: fallback(nothing), blocks: [sentence(nothing)] };
  }
  const title: Phrase = [{ bold: `${countText(waiting)} waiting for you` }, `, ${ORDER}`];
  return {
    text: fallback(title),
    blocks: [
      sentence(title),
      ...items.flatMap((item) => [itemSentence(item), itemPrint(item)]),
      ...moreBlocks(waiting),
      context('Decide on the card in its channel, or in the Home tab of Placet.'),
    ],
  };
}

function homeItem(record: WaitingRecord): Block[] {
  return [{ type: 'divider' }, itemSentence(record), itemPrint(record), cardButtons(record, false)];
}

/** What was approved and is not used up, with the one thing that is to be done about it. */
function revocableItem(record: RevocableRecord): Block[] {
  const { request } = record;
  const approved: Phrase = request.closed_at === null ? [] : [', approved ', { due: request.closed_at }];
  const heading = { bold: cut(headingOf(request), TITLE_LENGTH_MAX) };
  return [{ type: 'divider' }, sentence([heading, `\n${agentText(record)}`, ...approved]), revokeButton(record)];
}

function itemSentence(record: WaitingRecord): Block {
  const { request } = record;
  const expiry: Phrase = request.expires_at === null ? [] : [', expires ', { due: request.expires_at }];
  const raw = request.presentation?.title == null ? '' : `\n${cut(titleOf(request), TITLE_LENGTH_MAX)}`;
  const by = `${raw}\n${agentText(record)}`;
  return sentence([{ bold: cut(headingOf(request), TITLE_LENGTH_MAX) }, by, ...expiry]);
}

function itemPrint(record: WaitingRecord): Block {
  const { request } = record;
  const stands = `Needs ${short(needsText(record), NEEDS_LENGTH_MAX)}, has ${tallyText(record)}`;
  return context(stands, request.environment, shortId(request), `digest ${digestPrefix(request)}`);
}

function moreBlocks(waiting: Waiting): Block[] {
  const more = waiting.items.length - WAITING_ITEMS_MAX;
  if (more <= 0) return [];
  return [context(waiting.has_more ? `more than ${more} more` : `${more} more`)];
}

function countText(waiting: Waiting): string {
  const count = counted(waiting.items.length, 'request');
  return waiting.has_more ? `more than ${count}` : count;
}
