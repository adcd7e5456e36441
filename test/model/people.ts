// The people's hands: clicks in the playground, and the one private answer to each, in the model's words.

import type { Message, PlaygroundState, View } from '@placet/playground';
import { createSlackClient } from '../../src/slack/send/web-api.ts';
import { cardsIn } from '../product/hands.ts';
import { words } from '../support/shown.ts';
import type { Account, Click } from './calls.ts';
import { TOLD_TWICE } from './history.ts';
import { clock, keep, nameOf, type Stage } from './setting.ts';

type Told = { readonly answer: string; readonly view: View | null };
type Heard = Told & { readonly begin: number; readonly end: number };
type Wanted = { readonly lane: string; readonly who: Account };

/**
 * A click is answered within a second. But all that it waits for may be slow, up to limits of the product's own: Slack
 * is asked (8 s), a connection and each statement (10 s each), and an answer goes out in up to three ways (27 s).
 */
const WAIT_MS_MAX = 180_000;
/** What the product logs when it takes the second way to somebody. */
const NOT_TAKEN = 'a response_url did not take the answer';
/** Of each thing that a failure tells of. */
const SHOWN_CHARACTERS = 200;
/** The answer while the work goes on; the one that counts takes its place. */
const STILL_WORKING = 'Your decision is being recorded.';

/** Clicks Approve, twice at the same moment when told so; does nothing where there is no such button. */
export async function approve(stage: Stage, lane: string, call: Extract<Click, { kind: 'approve' }>, times: 1 | 2) {
  await withCard(stage, lane, call, async (wanted, card) => {
    const heard = await clickCard(stage, wanted, { card, action_id: 'approve', times });
    for (const each of heard) keep(stage, lane, call, each);
  });
}

/** Opens the Review or the Deny window and, where it can be submitted, submits it. */
export async function decideInModal(
  stage: Stage,
  lane: string,
  call: Extract<Click, { kind: 'submit' }>,
): Promise<void> {
  const { agent, slot, who, modal } = call;
  await withCard(stage, lane, call, async (wanted, card) => {
    const [opened] = await clickCard(stage, wanted, { card, action_id: modal, times: 1 });
    if (opened === undefined) return;
    keep(stage, lane, { kind: 'open', agent, slot, who, modal }, opened);
    if (opened.view === null || opened.answer !== 'modal to submit') return;
    if (call.is_altered) await alter(stage, opened.view);
    const heard = await submit(stage, wanted, opened.view, modal === 'deny' ? { reason: call.reason } : {});
    if (heard !== null) keep(stage, lane, call, heard);
  });
}

/** Runs alone on this person's screen, with a copy of the card before them; nothing is clicked where nobody is asked. */
async function withCard(
  stage: Stage,
  lane: string,
  call: Click,
  work: (wanted: Wanted, card: Message) => Promise<void>,
): Promise<void> {
  const found = stage.found.get(nameOf(call));
  // Only what somebody is asked about has an end of its own, and a card.
  if (found === undefined || found.expires_at_ms === null) return;
  // While the worker is away there are no new cards to wait for.
  const card = stage.is_worker_away
    ? cardsIn(await stage.product.slack.state(), found.id)[0]
    : await cardOf(stage, found);
  if (card === undefined) return;
  await stage.alone(call.who, () => work({ lane, who: call.who }, card));
}

/** The card of a request, as soon as it is there. */
export function cardOf(stage: Stage, { id }: { readonly id: string }): Promise<Message> {
  return seen(stage, `a card of ${id}`, (state) => cardsIn(state, id)[0]);
}

/** Clicks as one whose screen may be a moment behind, and waits for as many answers. */
async function clickCard(
  stage: Stage,
  { who }: Wanted,
  { card, action_id, times }: { readonly card: Message; readonly action_id: string; readonly times: 1 | 2 },
): Promise<Heard[]> {
  const { slack } = stage.product;
  const as = stage.cast.slackId(who);
  const before = seenBy(await slack.state(), as);
  const begin = clock();
  const click = () => slack.click({ as, channel: card.channel, ts: card.ts, action_id, stale: true });
  const acts = await Promise.all(Array.from({ length: times }, click));
  const delivered = acts.filter((act) => act.delivered).length;
  if (delivered === 0) return [];
  const news = await seen(stage, `${delivered} answers to ${who}`, (state) => {
    const now = seenBy(state, as).filter(({ id }) => !before.some((old) => old.id === id));
    return now.length >= delivered && now;
  });
  const end = clock();
  const told = news.map(({ blocks, view }): Told => {
    const opened = view === null ? null : view.submit ? 'modal to submit' : 'modal';
    return { answer: opened ?? sentenceOf(stage, blocks), view };
  });
  const isToldTwice = stage.product.logged.some((line) => line.includes(NOT_TAKEN) && line.includes(as));
  return answersTo(delivered, told, isToldTwice).map((each) => ({ begin, end, ...each }));
}

/**
 * One answer for each click that arrived. Once an answer went to somebody in a second way, the first may still have come,
 * so that nobody knows which click an answer to them belongs to.
 */
export function answersTo(clicks: number, told: readonly Told[], isToldTwice: boolean): readonly Told[] {
  if (!isToldTwice) return told;
  return told.slice(0, clicks).map(() => ({ answer: TOLD_TWICE, view: null }));
}

/** Puts another digest into a modal that is open, as somebody who holds the app's token could. */
async function alter({ product }: Stage, { id: view_id, private_metadata, ...view }: View): Promise<void> {
  const { botToken: token, apiUrl } = product.playground;
  const altered = private_metadata.replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`);
  const { type, callback_id, title, submit, close, blocks } = view;
  const changed = { type, callback_id, title, submit, close, blocks, private_metadata: altered };
  await createSlackClient({ token, api_url: apiUrl }).apiCall('views.update', { view_id, view: changed });
}

async function submit(
  stage: Stage,
  { who }: Wanted,
  { id: view_id }: View,
  values: Record<string, string>,
): Promise<Heard | null> {
  const { slack } = stage.product;
  const as = stage.cast.slackId(who);
  const begin = clock();
  const act = await slack.submit({ as, view_id, values });
  if (!act.delivered) return null;
  const shown = await seen(stage, `an answer in the modal of ${who}`, ({ views }) => {
    const view = views[as]?.find(({ id }) => id === view_id);
    const isAnswer = view?.callback_id === 'notice' && !sentenceOf(stage, view.blocks).startsWith(STILL_WORKING);
    return isAnswer && view;
  });
  return { begin, end: clock(), answer: sentenceOf(stage, shown.blocks), view: shown };
}

async function seen<T>(
  { product }: Stage,
  what: string,
  look: (state: PlaygroundState) => T | false | undefined,
): Promise<T> {
  try {
    return await product.slack.waitFor(look, WAIT_MS_MAX);
  } catch (error) {
    const { channels, views } = await product.slack.state();
    const told = channels.flatMap(({ ephemerals }) => ephemerals).slice(-5);
    const shown = Object.values(views).flatMap((stack) => stack.slice(-1));
    const last = [...told, ...shown].map((thing) => words(thing).slice(0, SHOWN_CHARACTERS));
    throw new Error(`waited in vain for ${what}; last words:\n${last.join('\n')}`, { cause: error });
  }
}

type SeenThing = { readonly id: string; readonly blocks: Message['blocks']; readonly view: View | null };

/** What this person was told or is shown, in private. */
function seenBy({ channels, views }: PlaygroundState, as: string): SeenThing[] {
  const told = channels
    .flatMap(({ ephemerals }) => ephemerals)
    .filter(({ ephemeral_to }) => ephemeral_to === as)
    .map(({ channel, ts, blocks }) => ({ id: `${channel}/${ts}`, blocks, view: null }));
  const shown = (views[as] ?? []).map((view) => ({ id: view.id, blocks: view.blocks, view }));
  return [...told, ...shown];
}

/** The first block is the answer; what follows only names the request. */
function sentenceOf({ cast }: Stage, blocks: Message['blocks']): string {
  return cast.plain(words({ blocks: blocks.slice(0, 1) }));
}
