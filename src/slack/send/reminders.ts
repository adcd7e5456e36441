// Replies in the thread of a card: the one reminder of each stage, and what is told of a stage where a card stood before.

import { dueReplies, type Reply } from '../../domain/work/reply.ts';
import type { SlackMessage } from '../../service/clock/deliveries.ts';
import type { Message } from '../draw/block-kit.ts';
import { drawReminder, drawStageNotice } from '../draw/small-cards.ts';
import { deliverOnce, lose } from './deliver.ts';
import type { DeliverDeps, Snapshot } from './delivery.ts';
import { SlackUnavailable } from './failures.ts';
import { type Deliver, deliverEach } from './snapshot.ts';

/** Replies in each thread that was not told yet; nothing once the request is no longer pending. */
export const deliverReminders: Deliver = async (deps, snapshot, until_ms) => {
  const replies = dueReplies(snapshot.record, snapshot.messages, snapshot.now);
  const delivered = await deliverEach(replies, until_ms, (reply) => replyIn(deps, snapshot, reply));
  return delivered.filter((message) => message !== null);
};

async function replyIn(deps: DeliverDeps, snapshot: Snapshot, reply: Reply): Promise<SlackMessage | null> {
  const card = snapshot.messages.find(
    ({ kind, destination, state }) => kind === 'card' && destination === reply.channel && state === 'posted',
  );
  if (card === undefined || card.channel_id === null || card.ts === null) return null;
  const place = { channel_id: card.channel_id, ts: card.ts };
  // A card that was taken away is posted anew before anybody is told of it.
  const found = await deps.messenger.findMessage(place);
  if (found.kind === 'retryable') throw new SlackUnavailable(found.code, found.retry_after_ms);
  if (found.kind === 'gone') return lose(deps, snapshot, card, 'message_not_found');
  const { channel_id, ts: thread_ts } = place;
  const { kind, destination } = reply;
  return deliverOnce(deps, snapshot, {
    kind,
    destination,
    post: (id) => deps.messenger.postReply({ ...place, id }, draw(snapshot, reply)),
    find: (id, since) => deps.messenger.findPosts({ channel_id, thread_ts, id, since }),
    redraw: null,
  });
}

function draw({ record }: Snapshot, { about }: Reply): Message {
  return about === 'reminder' ? drawReminder(record) : drawStageNotice(record, about);
}
