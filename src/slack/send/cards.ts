// Cards: one in each group's channel, always drawn from the record. Safe to run again.

import { isId } from '../../domain/ids.ts';
import { administratorAddress } from '../../domain/policy/proposal.ts';
import type { CardRecord } from '../../domain/request/record.ts';
import { askedNow } from '../../domain/request/stages.ts';
import { liveCopies, staleCards } from '../../domain/work/pending-work.ts';
import { type CardPlace, drawCard } from '../draw/card.ts';
import { drawMinimalCard } from '../draw/small-cards.ts';
import { tieBehind } from './behind.ts';
import { closeCopy, deliverOnce } from './deliver.ts';
import type { DeliverDeps, Delivery, Snapshot } from './delivery.ts';
import { directTo } from './direct.ts';
import { type Deliver, deliverEach } from './snapshot.ts';
import type { CardToSend } from './web-api.ts';

/** A channel, or the direct messages of somebody who is asked alone. */
function placeOf(
  deps: DeliverDeps,
  snapshot: Snapshot,
  { destination, message }: { readonly destination: string; readonly message: CardToSend },
): Pick<Delivery, 'post' | 'find'> {
  if (isId('person', destination)) {
    const name = snapshot.record.groups.find(({ channel }) => channel === destination)?.name ?? '';
    const person = { id: destination, email: administratorAddress(name) };
    return directTo(deps, snapshot, { person, message: message.card });
  }
  return {
    post: (id) => deps.messenger.postCard({ channel_id: destination, id }, message),
    find: (id, since) => deps.messenger.findPosts({ channel_id: destination, thread_ts: null, id, since }),
  };
}

/** Whom the open stage asks in this channel: nobody, once it is another stage's turn. */
function askedAt({ request, decisions, groups }: CardRecord, destination: string): CardPlace {
  const deciding = askedNow(request, decisions, groups).filter(({ channel }) => channel === destination);
  const user_groups = [...new Set(deciding.flatMap(({ slack_user_group }) => slack_user_group ?? []))];
  return { is_asked: deciding.length > 0, user_groups, has_others: user_groups.length < deciding.length };
}

/** Posts the cards that are missing and draws those again that show an earlier moment. */
export const deliverCards: Deliver = async (deps, snapshot, until_ms) => {
  const { record, messages, now } = snapshot;
  // Before anybody is asked: who is behind the request stays so under whatever address.
  if (snapshot.together?.is_tied !== true && !messages.some(({ kind }) => kind === 'card'))
    await tieBehind(deps, snapshot, until_ms);
  const cards = await deliverEach(staleCards(record, messages, now), until_ms, (destination) => {
    const at = askedAt(record, destination);
    const message = { card: drawCard(record, now, at), minimal: drawMinimalCard(record, now, at.is_asked) };
    return deliverOnce(deps, snapshot, {
      kind: 'card',
      destination,
      ...placeOf(deps, snapshot, { destination, message }),
      redraw: (place) => deps.messenger.updateCard(place, message),
    });
  });
  return [
    ...cards,
    ...(await deliverEach(liveCopies(record, messages, now), until_ms, (at) => closeCopy(deps, snapshot, at))),
  ];
};
