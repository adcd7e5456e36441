// The one reminder at half time: a reply in the thread of each card.

import { dueReminders } from '../../domain/work/pending-work.ts';
import type { SlackMessage } from '../../service/clock/deliveries.ts';
import { drawReminder } from '../draw/small-cards.ts';
import { deliverOnce, lose } from './deliver.ts';
import type { DeliverDeps, Snapshot } from './delivery.ts';
import { SlackUnavailable } from './failures.ts';
import { type Deliver, deliverEach } from './snapshot.ts';

/** Reminds in each channel that was not reminded yet; nothing once the request is no longer pending. */
export const deliverReminders: Deliver = async (deps, snapshot, until_ms) => {
  const channels = dueReminders(snapshot.record, snapshot.messages, snapshot.now);
  const delivered = await deliverEach(channels, until_ms, (channel) => remindIn(deps, snapshot, channel));
  return delivered.filter((message) => message !== null);
};

async function remindIn(deps: DeliverDeps, snapshot: Snapshot, destination: string): Promise<SlackMessage | null> {
  const card = snapshot.messages.find(
    ({ kind, destination: channel, state }) => kind === 'card' && channel === destination && state === 'posted',
  );
  if (card === undefined || card.channel_id === null || card.ts === null) return null;
  const place = { channel_id: card.channel_id, ts: card.ts };
  // A card that was taken away is posted anew before anybody is reminded of it.
  const found = await deps.messenger.findMessage(place);
  if (found.kind === 'retryable') throw new SlackUnavailable(found.code, found.retry_after_ms);
  if (found.kind === 'gone') return lose(deps, snapshot, card, 'message_not_found');
  const { channel_id, ts: thread_ts } = place;
  return deliverOnce(deps, snapshot, {
    kind: 'reminder',
    destination,
    post: (id) => deps.messenger.postReply({ ...place, id }, drawReminder(snapshot.record)),
    find: (id, since) => deps.messenger.findPosts({ channel_id, thread_ts, id, since }),
    redraw: null,
  });
}
