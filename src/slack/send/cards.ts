// Cards: one in each group's channel, always drawn from the record. Safe to run again.

import { liveCopies, staleCards } from '../../domain/work/pending-work.ts';
import { drawCard } from '../draw/card.ts';
import { drawMinimalCard } from '../draw/small-cards.ts';
import { tieBehind } from './behind.ts';
import { closeCopy, deliverOnce } from './deliver.ts';
import { type Deliver, deliverEach } from './snapshot.ts';

/** Posts the cards that are missing and draws those again that show an earlier moment. */
export const deliverCards: Deliver = async (deps, snapshot, until_ms) => {
  const { record, messages, now } = snapshot;
  // Before anybody is asked: who is behind the request stays so under whatever address.
  if (snapshot.together?.is_tied !== true && !messages.some(({ kind }) => kind === 'card'))
    await tieBehind(deps, snapshot, until_ms);
  const message = { card: drawCard(record, now), minimal: drawMinimalCard(record, now) };
  const cards = await deliverEach(staleCards(record, messages, now), until_ms, (destination) =>
    deliverOnce(deps, snapshot, {
      kind: 'card',
      destination,
      post: (id) => deps.messenger.postCard({ channel_id: destination, id }, message),
      find: (id, since) => deps.messenger.findPosts({ channel_id: destination, thread_ts: null, id, since }),
      redraw: (place) => deps.messenger.updateCard(place, message),
    }),
  );
  return [
    ...cards,
    ...(await deliverEach(liveCopies(record, messages, now), until_ms, (at) => closeCopy(deps, snapshot, at))),
  ];
};
