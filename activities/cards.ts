// Cards: one in each group's channel, always drawn from the record. Safe to run again.

import { staleCards } from '../src/domain/situation.ts';
import { drawCard } from '../src/notify/card.ts';
import { drawMinimalCard } from '../src/notify/small-cards.ts';
import { type SayDeps, type Seen, sayOnce } from './say.ts';
import { sayEach } from './see.ts';

/** Posts the cards that are missing and draws those again that show an earlier moment. */
export async function sayCards(deps: SayDeps, seen: Seen, until_ms: number): Promise<void> {
  const { dossier, messages, now } = seen;
  const message = { card: drawCard(dossier, now), minimal: drawMinimalCard(dossier, now) };
  await sayEach(staleCards(dossier, messages, now), until_ms, (destination) =>
    sayOnce(deps, seen, {
      kind: 'card',
      destination,
      post: () => deps.messenger.postCard(destination, message),
      redraw: (place) => deps.messenger.updateCard(place, message),
    }),
  );
}
