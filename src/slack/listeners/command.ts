// The slash command /placet: a private list of what waits for the person who asked.

import type { Message } from '../draw/block-kit.ts';
import { drawWaitingList } from '../draw/waiting-list.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import type { Actor } from '../receive/payload.ts';
import { readWaiting } from './waiting.ts';

/** Lists what waits for this account. */
export async function listCommand(context: ListenerContext, actor: Actor): Promise<Message> {
  const waiting = await readWaiting(context, actor);
  return waiting.kind === 'listed' ? drawWaitingList(waiting) : waiting.answer;
}
