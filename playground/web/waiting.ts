// Which card waits for a decision, and what a newcomer does next. Pure: it reads the state and says words.
import type { Channel, JsonObject, Message, PlaygroundState, User } from '../src/protocol.ts';
import { listAt, textAt, wordsAt } from './json.ts';
import { nameOf } from './viewer.ts';

/** Whether the message is the app's and still has buttons to press. */
export function isWaiting(message: Message): boolean {
  return message.bot_id !== undefined && mainButton(message) !== null;
}

/** The cards of a channel that wait, oldest first. */
export function waitingCards(channel: Channel): Message[] {
  return channel.is_im ? [] : channel.messages.filter(isWaiting);
}

export type NextStep =
  | { kind: 'no_app' }
  | { kind: 'no_card' }
  | { kind: 'go'; channel: Channel; count: number }
  | { kind: 'act_as'; user: User; button: string }
  | { kind: 'press'; ts: string; button: string };

/** What to do now: `done` holds `ts/user` of the buttons pressed here already. */
export function nextStep(state: PlaygroundState, as: string, at: string, done: ReadonlySet<string>): NextStep {
  if (state.delivery.mode === 'socket' && state.delivery.sockets.length === 0) return { kind: 'no_app' };
  const channels = state.channels.filter((channel) => waitingCards(channel).length > 0);
  const here = channels.find((channel) => channel.id === at) ?? channels[0];
  const card = here === undefined ? undefined : waitingCards(here).at(-1);
  if (here === undefined || card === undefined) return { kind: 'no_card' };
  if (here.id !== at) return { kind: 'go', channel: here, count: waitingCards(here).length };
  const button = wordsAt(mainButton(card), 'text');
  const open = here.members
    .map((id) => state.users.find((user) => user.id === id))
    .filter((user) => user !== undefined)
    .filter((user) => roleOf(user) === 'member' && !done.has(`${card.ts}/${user.id}`));
  if (open.length === 0 || open.some((user) => user.id === as)) return { kind: 'press', ts: card.ts, button };
  const user = open[0];
  return user === undefined ? { kind: 'press', ts: card.ts, button } : { kind: 'act_as', user, button };
}

/** The message's main button: the primary one, else the first; null when there is none to press. */
export function mainButton(message: Message): JsonObject | null {
  const buttons = message.blocks
    .filter((block) => textAt(block, 'type') === 'actions')
    .flatMap((block) => listAt(block, 'elements'))
    .filter((element) => textAt(element, 'type') === 'button' && textAt(element, 'url') === '');
  return buttons.find((button) => textAt(button, 'style') === 'primary') ?? buttons[0] ?? null;
}

export type Role = 'member' | 'guest' | 'outside' | 'deactivated' | 'bot';

/** What kind of account it is, as the switcher's badge says. */
export function roleOf(user: User): Role {
  if (user.is_bot) return 'bot';
  if (user.deleted) return 'deactivated';
  if (user.is_stranger) return 'outside';
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member';
}

/** The people one can act as: all but bots. */
export function actorsOf(state: PlaygroundState): User[] {
  const order: Role[] = ['member', 'guest', 'outside', 'deactivated'];
  return state.users
    .filter((user) => !user.is_bot)
    .toSorted((a, b) => order.indexOf(roleOf(a)) - order.indexOf(roleOf(b)));
}

/** One line for screen readers about a new message. */
export function announcement(state: PlaygroundState, channel: Channel, message: Message): string {
  const who = message.username ?? nameOf(state, message.user);
  const where = channel.is_im ? 'a direct message' : `#${channel.name}`;
  const visibility = message.is_ephemeral === true ? ', only visible to you' : '';
  return `${who} in ${where}${visibility}: ${message.text.slice(0, 300)}`;
}
