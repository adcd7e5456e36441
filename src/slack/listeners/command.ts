// The slash command /placet: a private list of what waits for the person who input, or approver groups by words.

import type { Message } from '../draw/block-kit.ts';
import { drawWaitingList } from '../draw/waiting-list.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { type CommandInput, groupCommand } from './group-command.ts';
import { readWaiting } from './waiting.ts';

/** Lists what waits for this account, or does what `group …` says. */
export async function runCommand(context: ListenerContext, input: CommandInput): Promise<Message | null> {
  const [verb = '', ...words] = input.text.trim().split(/\s+/);
  if (verb === 'group' || verb === 'groups') return groupCommand(context, input, words);
  const waiting = await readWaiting(context, input.actor);
  return waiting.kind === 'listed' ? drawWaitingList(waiting) : waiting.answer;
}
