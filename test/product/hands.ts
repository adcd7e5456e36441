// The hands and eyes of the product's tests: asks as an agent, finds cards by what a person reads, clicks, reads answers.
import type { ActResult, Message, PlaygroundState, View } from '@placet/playground';
import type { ApprovalRequest } from '@placet/sdk';
import type { Agent, Ground } from '../support/product.ts';
import { words } from '../support/shown.ts';

export const FINANCE_LEAD = 'U0FINLEAD';
export const TREASURER = 'U0TREASURER';
/** Owns the agents. */
export const SUPPORT = 'U0SUPPORT';
export const DANA = 'U0DBA';
export const MEMBER = 'U0MEMBER';
export const PAYMENTS = 'C0PAYMENTS';
export const DBA = 'C0DBA';

/** All of it happens within a second or two; a busy machine may take longer. */
const WAIT_MS = 15_000;
/** Of a message, where a failure tells what stood there. */
const SHOWN_CHARACTERS = 200;

type Place = Pick<Message, 'channel' | 'ts'>;
type Ask = Parameters<Agent['request']>[0];
type At = Pick<Ground, 'slack'>;

/** Asks for a refund, with what the test changes. */
export function ask({ agent }: Pick<Ground, 'agent'>, changes: Partial<Ask> = {}): Promise<ApprovalRequest> {
  return agent.request({
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR' },
    justification: 'The parcel was lost on the way.',
    ...changes,
  });
}

/** Waits until the card of the request in that channel says these words and, where told, has those buttons. */
export function cardOf(
  { slack }: At,
  { id }: Pick<ApprovalRequest, 'id'>,
  wanted: { readonly says?: string; readonly channel?: string; readonly buttons?: readonly string[] } = {},
): Promise<Message> {
  const { says = '', channel = PAYMENTS, buttons } = wanted;
  return waitFor(slack, `a card of ${id} that says "${says}"`, (state) =>
    cardsIn(state, id).find(
      (card) =>
        card.channel === channel &&
        words(card).includes(says) &&
        (buttons === undefined || buttonsOf(card).join() === buttons.join()),
    ),
  );
}

/** Every copy of the request's card, in every channel, also those that are out of date. */
export function cardsIn(state: PlaygroundState, request_id: string): Message[] {
  return state.channels
    .filter(({ is_im }) => !is_im)
    .flatMap(({ messages }) => messages)
    .filter(({ ts, thread_ts = ts, blocks }) => thread_ts === ts && JSON.stringify(blocks).includes(request_id));
}

/** Waits until the person's DM about the request says these words. */
export function dmOf({ slack }: At, as: string, { id }: Pick<ApprovalRequest, 'id'>, says = ''): Promise<Message> {
  return waitFor(slack, `a DM to ${as} about ${id} that says "${says}"`, (state) =>
    state.channels
      .filter(({ is_im, user }) => is_im && user === as)
      .flatMap(({ messages }) => messages)
      .find((message) => JSON.stringify(message.blocks).includes(id) && words(message).includes(says)),
  );
}

/** Clicks a button of a card as that person. */
export function click({ slack }: At, as: string, card: Place, action_id = 'approve'): Promise<ActResult> {
  return slack.click({ as, channel: card.channel, ts: card.ts, action_id });
}

/** Clicks as one whose screen is a moment behind: the button, the account or the membership may be gone already. */
export function clickLate({ slack }: At, as: string, card: Place, action_id = 'approve'): Promise<ActResult> {
  return slack.click({ as, channel: card.channel, ts: card.ts, action_id, stale: true });
}

/** Waits until the person was told these words in private about the request. */
export function answerTo({ slack }: At, as: string, about: { readonly id: string }, says: string): Promise<string> {
  return waitFor(slack, `an answer to ${as} that says "${says}"`, (state) =>
    answersIn(state, as, about).find((answer) => answer.includes(says)),
  );
}

/** Everything that the person was told in private about the request, also where they may not look any more. */
export function answersIn({ channels }: PlaygroundState, as: string, about: { readonly id: string }): string[] {
  const told = channels.flatMap(({ ephemerals }) => ephemerals).filter(({ ephemeral_to }) => ephemeral_to === as);
  return told.map(words).filter((answer) => answer.includes(endOf(about)));
}

/** What a card and a list show of the request's id, and an answer's whole id ends with. */
export function endOf({ id }: { readonly id: string }): string {
  return id.slice(-8);
}

/** Presses Deny… on the card, gives the reason, submits; answers what the modal then shows. */
export async function deny(at: At, as: string, card: Place, reason: string): Promise<string> {
  await click(at, as, card, 'deny');
  const modal = await openModalOf(at, as);
  const submitted = await at.slack.submit({ as, view_id: modal.id, values: { reason } });
  if (!submitted.ok) throw new Error(`the modal was not taken: ${submitted.error}`);
  const shown = words(await openModalOf(at, as));
  await at.slack.closeView({ as, view_id: modal.id });
  return shown;
}

/** The modal that lies on top for this person, as soon as there is one. */
export function openModalOf({ slack }: At, as: string): Promise<View> {
  return waitFor(slack, `a modal of ${as}`, (state) => state.views[as]?.at(-1));
}

/** The ids of a message's or view's buttons. */
export function buttonsOf({ blocks }: Pick<Message, 'blocks'>): string[] {
  return blocks.flatMap((block) =>
    block['type'] === 'actions' ? (block['elements'] as { action_id: string }[]).map(({ action_id }) => action_id) : [],
  );
}

/** Like the client's own waitFor, but its failure says what was waited for, and what stood there instead. */
export async function waitFor<T>(
  slack: Ground['slack'],
  what: string,
  predicate: (state: PlaygroundState) => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  try {
    return await slack.waitFor(predicate, WAIT_MS);
  } catch (error) {
    const { channels } = await slack.state();
    const shown = channels.flatMap(({ name, messages }) =>
      messages.slice(-2).map((each) => `#${name}: ${words(each).slice(-SHOWN_CHARACTERS)}`),
    );
    const told = channels.flatMap(({ ephemerals }) => ephemerals.slice(-4));
    shown.push(...told.map((each) => `to ${each.ephemeral_to}: ${words(each)}`));
    throw new Error(`waited in vain for ${what}; last words:\n${shown.join('\n')}`, { cause: String(error) });
  }
}
