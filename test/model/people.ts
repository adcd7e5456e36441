// The people of a play: their clicks, and the one private answer to each, in the model's words.

import { approver, type Message, type PlaygroundState, type View, words } from '@placet/playground';
import { createSlackClient } from '../../src/slack/send/web-api.ts';
import type { Account, Click } from './calls.ts';
import { TOLD_TWICE } from './history.ts';
import { clock, keep, nameOf, type Play } from './play.ts';

type Answer = { readonly answer: string; readonly view: View | null };
type TimedAnswer = Answer & { readonly begin: number; readonly end: number };
type Wanted = { readonly lane: string; readonly who: Account };

/**
 * A click is answered within a second. But all that it waits for may be slow, up to limits of the product's own: Slack
 * is asked (8 s), a connection and each statement (10 s each), and an answer goes out in up to three ways (27 s).
 */
const WAIT_MS_MAX = 180_000;
/** What the product logs when it takes the second way to somebody. */
const NOT_TAKEN = 'a response_url did not take the answer';
/** The answer while the work goes on; the one that counts takes its place. */
const STILL_WORKING = 'Your decision is being recorded.';

/** Clicks Approve, twice at the same moment when told so; does nothing where there is no such button. */
export async function approve(play: Play, lane: string, call: Extract<Click, { kind: 'approve' }>, times: 1 | 2) {
  await withCard(play, lane, call, async (wanted, card) => {
    const heard = await clickCard(play, wanted, { card, action_id: 'approve', times });
    for (const each of heard) keep(play, lane, call, each);
  });
}

/** Opens the Review or the Deny window and, where it can be submitted, submits it. */
export async function decideInModal(play: Play, lane: string, call: Extract<Click, { kind: 'submit' }>): Promise<void> {
  const { agent, slot, who, modal } = call;
  await withCard(play, lane, call, async (wanted, card) => {
    const [opened] = await clickCard(play, wanted, { card, action_id: modal, times: 1 });
    if (opened === undefined) return;
    keep(play, lane, { kind: 'open', agent, slot, who, modal }, opened);
    if (opened.view === null || opened.answer !== 'modal to submit') return;
    if (call.is_altered) await alter(play, opened.view);
    const heard = await submit(play, wanted, opened.view, modal === 'deny' ? { reason: call.reason } : {});
    if (heard !== null) keep(play, lane, call, heard);
  });
}

/** Runs alone on this person's screen, with a copy of the card before them; nothing is clicked where nobody is asked. */
async function withCard(
  play: Play,
  lane: string,
  call: Click,
  work: (wanted: Wanted, card: Message) => Promise<void>,
): Promise<void> {
  const found = play.found.get(nameOf(call));
  // Only what somebody is asked about has an end of its own, and a card.
  if (found === undefined || found.expires_at_ms === null) return;
  // While the worker is away there are no new cards to wait for.
  const card = play.is_worker_away
    ? approver.cardsIn(await play.product.slack.state(), found.id)[0]
    : await cardOf(play, found);
  if (card === undefined) return;
  await play.alone(call.who, () => work({ lane, who: call.who }, card));
}

/** The card of a request, as soon as it is there. */
export function cardOf(play: Play, { id }: { readonly id: string }): Promise<Message> {
  return seen(play, `a card of ${id}`, (state) => approver.cardsIn(state, id)[0]);
}

/** Clicks as one whose screen may be a moment behind, and waits for as many answers. */
async function clickCard(
  play: Play,
  { who }: Wanted,
  { card, action_id, times }: { readonly card: Message; readonly action_id: string; readonly times: 1 | 2 },
): Promise<TimedAnswer[]> {
  const { slack } = play.product;
  const as = play.cast.slackId(who);
  const before = seenBy(await slack.state(), as);
  const begin = clock();
  const click = () => approver.clickLate(play.product, as, card, action_id);
  const acts = await Promise.all(Array.from({ length: times }, click));
  const delivered = acts.filter((act) => act.delivered).length;
  if (delivered === 0) return [];
  const news = await seen(play, `${delivered} answers to ${who}`, (state) => {
    const now = seenBy(state, as).filter(({ id }) => !before.some((old) => old.id === id));
    return now.length >= delivered && now;
  });
  const end = clock();
  const answers = news.map(({ blocks, view }): Answer => {
    const opened = view === null ? null : view.submit ? 'modal to submit' : 'modal';
    return { answer: opened ?? sentenceOf(play, blocks), view };
  });
  const isToldTwice = play.product.logged.some((line) => line.includes(NOT_TAKEN) && line.includes(as));
  return answersTo(delivered, answers, isToldTwice).map((each) => ({ begin, end, ...each }));
}

/**
 * One answer for each click that arrived. Once an answer went to somebody in a second way, the first may still have come,
 * so that nobody knows which click an answer to them belongs to.
 */
export function answersTo(clicks: number, answers: readonly Answer[], isToldTwice: boolean): readonly Answer[] {
  if (!isToldTwice) return answers;
  return answers.slice(0, clicks).map(() => ({ answer: TOLD_TWICE, view: null }));
}

/** Puts another digest into a modal that is open, as somebody who holds the app's token could. */
async function alter({ product }: Play, { id: view_id, private_metadata, ...view }: View): Promise<void> {
  const { botToken: token, apiUrl } = product.playground;
  const altered = private_metadata.replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`);
  const { type, callback_id, title, submit, close, blocks } = view;
  const changed = { type, callback_id, title, submit, close, blocks, private_metadata: altered };
  await createSlackClient({ token, api_url: apiUrl }).apiCall('views.update', { view_id, view: changed });
}

async function submit(
  play: Play,
  { who }: Wanted,
  modal: View,
  values: Record<string, string>,
): Promise<TimedAnswer | null> {
  const as = play.cast.slackId(who);
  const begin = clock();
  const act = await approver.submit(play.product, as, modal, values);
  if (!act.delivered) return null;
  const shown = await seen(play, `an answer in the modal of ${who}`, ({ views }) => {
    const view = views[as]?.find(({ id }) => id === modal.id);
    const isAnswer = view?.callback_id === 'notice' && !sentenceOf(play, view.blocks).startsWith(STILL_WORKING);
    return isAnswer && view;
  });
  return { begin, end: clock(), answer: sentenceOf(play, shown.blocks), view: shown };
}

function seen<T>(
  { product: { slack } }: Play,
  what: string,
  look: (state: PlaygroundState) => T | false | undefined,
): Promise<T> {
  return approver.waitFor({ slack, wait_ms_max: WAIT_MS_MAX }, what, look);
}

type SeenThing = { readonly id: string; readonly blocks: Message['blocks']; readonly view: View | null };

/** What this person was told or is shown, in private. */
function seenBy(state: PlaygroundState, as: string): SeenThing[] {
  const answers = approver
    .toldTo(state, as)
    .map(({ channel, ts, blocks }) => ({ id: `${channel}/${ts}`, blocks, view: null }));
  const shown = (state.views[as] ?? []).map((view) => ({ id: view.id, blocks: view.blocks, view }));
  return [...answers, ...shown];
}

/** The first block is the answer; what follows only names the request. */
function sentenceOf({ cast }: Play, blocks: Message['blocks']): string {
  return cast.plain(words({ blocks: blocks.slice(0, 1) }));
}
