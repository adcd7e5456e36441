// What each person has read, in this browser only: the playground itself keeps no read marks.
import type { Channel } from '../src/protocol.ts';

const KEY = 'placet-playground-read';

/** Whether the channel holds a message that the person has not seen. */
export function isUnread(as: string, channel: Channel): boolean {
  return newest(channel) > (marks()[`${as}/${channel.id}`] ?? '');
}

/** Notes that the person sees the channel's end. */
export function markRead(as: string, channel: Channel): void {
  const key = `${as}/${channel.id}`;
  const all = marks();
  if (newest(channel) <= (all[key] ?? '')) return;
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...all, [key]: newest(channel) }));
  } catch {
    // Storage may be full or forbidden; then channels merely stay bold.
  }
}

/** The ts of the last message or ephemeral; ts have one length, so they compare as text. */
function newest(channel: Channel): string {
  const last = [channel.messages.at(-1), channel.ephemerals.at(-1)].map((message) => message?.ts ?? '');
  return last.toSorted().at(-1) ?? '';
}

function marks(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}
