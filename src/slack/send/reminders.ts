// The one reminder at half time: a reply in the thread of each card.

import type { SlackMessage } from '../../db/messages.ts';
import { dueReminders } from '../../domain/work/pending-work.ts';
import { drawReminder } from '../draw/small-cards.ts';
import { type SayDeps, type Seen, sayOnce } from './deliver.ts';
import { type Say, sayEach } from './snapshot.ts';

/** Reminds in each channel that was not reminded yet; nothing once the request is no longer pending. */
export const sayReminders: Say = async (deps, seen, until_ms) => {
  const channels = dueReminders(seen.record, seen.messages, seen.now);
  const said = await sayEach(channels, until_ms, (channel) => remindIn(deps, seen, channel));
  return said.filter((message) => message !== null);
};

async function remindIn(deps: SayDeps, seen: Seen, destination: string): Promise<SlackMessage | null> {
  const card = seen.messages.find(
    ({ kind, destination: channel, state }) => kind === 'card' && channel === destination && state === 'posted',
  );
  if (card === undefined || card.channel_id === null || card.ts === null) return null;
  const place = { channel_id: card.channel_id, ts: card.ts };
  const post = () => deps.messenger.postReply(place, drawReminder(seen.record));
  return sayOnce(deps, seen, { kind: 'reminder', destination, post, redraw: null });
}
