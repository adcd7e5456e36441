// The outcome: one direct message to the owner of the agent, kept true while its words still change.

import { dueNotices, isOutcomeStale } from '../../domain/work/pending-work.ts';
import type { Message } from '../draw/block-kit.ts';
import { drawOutcome, drawUndeliverable } from '../draw/small-cards.ts';
import { deliverOnce } from './deliver.ts';
import type { DeliverDeps, Delivery } from './delivery.ts';
import { directTo } from './direct.ts';
import { type Deliver, deliverEach } from './snapshot.ts';

/** Tells the owner how the request ended, or draws that message again; an owner without a Slack account is recorded as such. */
export const deliverOutcome: Deliver = async (deps, snapshot, until_ms) => {
  const { record, messages, now } = snapshot;
  if (!isOutcomeStale(record, messages, now)) return deliverNotices(deps, snapshot, until_ms);
  const message = drawOutcome(record, now);
  const delivered = await deliverOnce(deps, snapshot, {
    kind: 'outcome',
    destination: record.agent.owner.id,
    ...directTo(deps, snapshot, { person: record.agent.owner, message }),
    redraw: (place) => deps.messenger.updateCard(place, { card: message, minimal: message }),
  });
  return [delivered];
};

/** Tells the owner, and the channel of the admins, that people cannot be asked: once each. */
const deliverNotices: Deliver = (deps, snapshot, until_ms) => {
  const { record, messages, now } = snapshot;
  const message = drawUndeliverable(record);
  return deliverEach(dueNotices(record, messages, now), until_ms, (destination) =>
    deliverOnce(deps, snapshot, {
      kind: 'undeliverable',
      destination,
      ...(destination === record.agent.owner.id
        ? directTo(deps, snapshot, { person: record.agent.owner, message })
        : toChannel(deps, destination, message)),
      redraw: null,
    }),
  );
};

function toChannel({ messenger }: DeliverDeps, channel_id: string, message: Message): Pick<Delivery, 'post' | 'find'> {
  return {
    post: (id) => messenger.postCard({ channel_id, id }, { card: message, minimal: message }),
    find: (id, since) => messenger.findPosts({ channel_id, thread_ts: null, id, since }),
  };
}
