// An approver before the playground: finds cards by what a person reads, clicks, fills in, reads the answers. Whatever acts as
// a person in Slack does it by this one driver. It decides nothing, and what an answer means is for its reader to say.
import type { PlaygroundClient, Predicate } from './client.ts';
import { PAYMENTS } from './core/seed.ts';
import type { ActResult, FormValues, Message, PlaygroundState, View } from './protocol.ts';
import { words } from './words.ts';

/** All of it happens within a second or two; a busy machine may take longer. */
const WAIT_MS_MAX = 20_000;
/** Of a message, where a failure tells what stood there. */
const SHOWN_CHARACTERS = 200;
/** Of each channel. */
const SHOWN_MESSAGES = 2;
const SHOWN_ANSWERS = 4;

/** Where approvers act, and how long they wait for what must come. */
export type Screen = { readonly slack: PlaygroundClient; readonly wait_ms_max?: number };

/** Where a card stands. */
export type CardPlace = Pick<Message, 'channel' | 'ts'>;

type Named = { readonly id: string };

/** Waits until the card of the request in that channel says these words and, where told, has those buttons. */
export function cardOf(
  screen: Screen,
  { id }: Named,
  wanted: { readonly says?: string; readonly channel?: string; readonly buttons?: readonly string[] } = {},
): Promise<Message> {
  const { says = '', channel = PAYMENTS, buttons } = wanted;
  return waitFor(screen, `a card of ${id} in ${channel} that says "${says}"`, (state) =>
    cardsIn(state, id).find(
      (card) =>
        card.channel === channel &&
        words(card).includes(says) &&
        (buttons === undefined || buttonsOf(card).join() === buttons.join()),
    ),
  );
}

/** Every copy of the request's card, in every channel, also those that are out of date; a reminder in a thread is none. */
export function cardsIn(state: PlaygroundState, request_id: string): Message[] {
  return state.channels
    .filter(({ is_im }) => !is_im)
    .flatMap(({ messages }) => messages)
    .filter(({ ts, thread_ts = ts, blocks }) => thread_ts === ts && JSON.stringify(blocks).includes(request_id));
}

/** Waits until the person's DM about the request says these words. */
export function dmOf(screen: Screen, as: string, { id }: Named, says = ''): Promise<Message> {
  return waitFor(screen, `a DM to ${as} about ${id} that says "${says}"`, (state) =>
    state.channels
      .filter(({ is_im, user }) => is_im && user === as)
      .flatMap(({ messages }) => messages)
      .find((message) => JSON.stringify(message.blocks).includes(id) && words(message).includes(says)),
  );
}

/** Clicks a button of a card as that person. */
export function click({ slack }: Screen, as: string, card: CardPlace, action_id = 'approve'): Promise<ActResult> {
  return slack.click({ as, channel: card.channel, ts: card.ts, action_id });
}

/** Clicks as one whose screen is a moment behind: the button, the account or the membership may be gone already. */
export function clickLate({ slack }: Screen, as: string, card: CardPlace, action_id = 'approve'): Promise<ActResult> {
  return slack.click({ as, channel: card.channel, ts: card.ts, action_id, stale: true });
}

/** Clicks where nothing may go wrong: throws when there is no such button, or when Slack would show a warning. */
export async function press(screen: Screen, as: string, card: CardPlace, action_id = 'approve'): Promise<void> {
  taken(await click(screen, as, card, action_id));
}

/** Waits until the person was told these words in private about the request. */
export function answerTo(screen: Screen, as: string, about: Named, says: string): Promise<string> {
  return waitFor(screen, `an answer to ${as} that says "${says}"`, (state) =>
    answersIn(state, as, about).find((answer) => answer.includes(says)),
  );
}

/** Everything that the person was told in private about the request, also where they may not look any more. */
export function answersIn(state: PlaygroundState, as: string, about: Named): string[] {
  return toldTo(state, as)
    .map(words)
    .filter((answer) => answer.includes(endOf(about)));
}

/** All that the person was told in private, in every channel. */
export function toldTo({ channels }: PlaygroundState, as: string): Message[] {
  return channels.flatMap(({ ephemerals }) => ephemerals).filter(({ ephemeral_to }) => ephemeral_to === as);
}

/** What a card and a list show of the request's id, and an answer's whole id ends with. */
export function endOf({ id }: Named): string {
  return id.slice(-8);
}

/** Presses Deny… on the card, gives the reason, submits; answers what the modal then shows. */
export async function deny(screen: Screen, as: string, card: CardPlace, reason: string): Promise<string> {
  await press(screen, as, card, 'deny');
  const modal = await openModalOf(screen, as);
  taken(await submit(screen, as, modal, { reason }));
  const shown = words(await openModalOf(screen, as));
  await screen.slack.closeView({ as, view_id: modal.id });
  return shown;
}

/** The modal that lies on top for this person, as soon as there is one. */
export function openModalOf(screen: Screen, as: string): Promise<View> {
  return waitFor(screen, `a modal of ${as}`, ({ views }) => views[as]?.at(-1));
}

/** Submits a modal that this person has open, with what they wrote into it. */
export function submit({ slack }: Screen, as: string, { id }: Named, values: FormValues = {}): Promise<ActResult> {
  return slack.submit({ as, view_id: id, values });
}

/** Closes all that this person has open. */
export async function closeModals({ slack }: Screen, as: string): Promise<void> {
  for (const { id: view_id } of await slack.views(as)) await slack.closeView({ as, view_id });
}

/** The ids of a message's or view's buttons. */
export function buttonsOf({ blocks }: Pick<Message, 'blocks'>): string[] {
  const all = blocks.flatMap((block) =>
    block['type'] === 'actions' ? (block['elements'] as { action_id: string }[]).map(({ action_id }) => action_id) : [],
  );
  return all.filter((action_id) => action_id !== 'revoke');
}

/** Like the client's own waitFor, but its failure says what was waited for, and what stood there instead. */
export async function waitFor<T>(screen: Screen, what: string, predicate: Predicate<T>): Promise<T> {
  const { slack, wait_ms_max = WAIT_MS_MAX } = screen;
  try {
    return await slack.waitFor(predicate, wait_ms_max);
  } catch (cause) {
    throw new Error(`waited in vain for ${what}; last words:\n${lastWords(await slack.state()).join('\n')}`, { cause });
  }
}

function lastWords({ channels, views }: PlaygroundState): string[] {
  const said = channels.flatMap(({ name, messages }) =>
    messages.slice(-SHOWN_MESSAGES).map((each) => `#${name}: ${words(each).slice(-SHOWN_CHARACTERS)}`),
  );
  const told = channels
    .flatMap(({ ephemerals }) => ephemerals.slice(-SHOWN_ANSWERS))
    .map((each) => `to ${each.ephemeral_to}: ${words(each).slice(0, SHOWN_CHARACTERS)}`);
  const open = Object.entries(views).flatMap(([as, stack]) =>
    stack.slice(-1).map((view) => `before ${as}: ${words(view).slice(0, SHOWN_CHARACTERS)}`),
  );
  return [...said, ...told, ...open];
}

function taken({ ok, error, message }: ActResult): void {
  if (!ok) throw new Error(`Slack would warn: ${message ?? error ?? 'it was not taken'}`);
}
