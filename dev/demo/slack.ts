// The approvers' hands in the demo: finds cards and buttons by what a person reads, and clicks. Decides nothing.

import type { DemoMessage, DemoPlayground, DemoState } from './demo-stack.ts';

/** Everything in the demo happens within a second or two; past this something is broken. */
const WAIT_MS = 20_000;

export const CHANNEL = 'C0PAYMENTS';
export const FINANCE_LEAD = 'U0FINLEAD';
export const TREASURER = 'U0TREASURER';
/** The owner of the demo agent. */
export const SUPPORT = 'U0SUPPORT';
/** A colleague who is in the channel but in no approver group. */
export const COLLEAGUE = 'U0MEMBER';
/** Somebody of another organisation, in the channel through Slack Connect. */
export const OUTSIDER = 'U0OUTSIDE';

type Element = { readonly text?: { readonly text?: string }; readonly action_id?: string };
type Block = { readonly type?: string; readonly block_id?: string; readonly elements?: readonly Element[] };

/** Waits until the card of a request says these words, and answers it. */
export function waitForCard(slack: DemoPlayground, request_id: string, words = ''): Promise<DemoMessage> {
  return waitFor(slack, `a card of ${request_id} that says "${words}"`, (state) => {
    const card = messagesOf(state).find((message) => isCardOf(message, request_id));
    return card !== undefined && JSON.stringify(card).includes(words) ? card : null;
  });
}

/** Waits until no card of the request has a button left. */
export async function waitForDeadButtons(slack: DemoPlayground, request_id: string): Promise<void> {
  await waitFor(slack, `cards of ${request_id} without buttons`, (state) => {
    const cards = messagesOf(state).filter((message) => isCardOf(message, request_id));
    return cards.length > 0 && cards.every((card) => buttonsOf(card).length === 0);
  });
}

/** Clicks the button that bears this label. Throws when the card has none, or when Slack would show a warning. */
export async function clickLabel(
  slack: DemoPlayground,
  click: { readonly as: string; readonly card: DemoMessage; readonly label: string },
): Promise<void> {
  const button = buttonsOf(click.card).find(({ label }) => label.startsWith(click.label));
  if (button === undefined) throw new Error(`the card has no button "${click.label}"`);
  const { action_id, block_id } = button;
  const result = await slack.click({ as: click.as, channel: CHANNEL, ts: click.card.ts, action_id, block_id });
  if (!result.ok) throw new Error(`Slack would warn: ${result.error ?? 'the click was not answered'}`);
}

/** Clicks, then waits until the person was told something in private that holds these words. */
export async function clickAndRead(
  slack: DemoPlayground,
  click: { readonly as: string; readonly card: DemoMessage; readonly label: string; readonly words: string },
): Promise<void> {
  const before = (await slack.ephemerals(click.as)).length;
  await clickLabel(slack, click);
  await waitFor(slack, `an answer to ${click.as} that says "${click.words}"`, async () => {
    const answers = (await slack.ephemerals(click.as)).slice(before);
    return answers.some((answer) => JSON.stringify(answer).includes(click.words));
  });
}

/** Fills the only input of the modal that this person has open, and submits it. */
export async function submitModal(slack: DemoPlayground, as: string, text: string): Promise<void> {
  const view = await waitFor(slack, `an open modal of ${as}`, (state) => state.views[as]?.at(-1));
  const input = (view.blocks as readonly Block[]).find((block) => block.type === 'input');
  if (input?.block_id === undefined) throw new Error('the modal has no input');
  const result = await slack.submit({ as, view_id: view.id, values: { [input.block_id]: text } });
  if (!result.ok) throw new Error(`Slack would warn: ${result.error ?? 'the modal was not taken'}`);
}

async function waitFor<T>(
  slack: DemoPlayground,
  what: string,
  predicate: (state: DemoState) => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  try {
    return await slack.waitFor(predicate, WAIT_MS);
  } catch (error) {
    throw new Error(`waited in vain for ${what}`, { cause: error });
  }
}

function messagesOf(state: DemoState): readonly DemoMessage[] {
  return state.channels.find((channel) => channel.id === CHANNEL)?.messages ?? [];
}

/** A reply in the thread, such as a reminder, is no card; a card that got one bears its own time as the thread's. */
function isCardOf(message: DemoMessage, request_id: string): boolean {
  const isReply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
  return !isReply && JSON.stringify(message.blocks).includes(request_id);
}

function buttonsOf(message: DemoMessage): { label: string; action_id: string; block_id: string }[] {
  return (message.blocks as readonly Block[]).flatMap((block) =>
    (block.type === 'actions' ? (block.elements ?? []) : []).map((element) => ({
      label: element.text?.text ?? '',
      action_id: element.action_id ?? '',
      block_id: block.block_id ?? '',
    })),
  );
}
