// Cards: one in each group's channel, always drawn from the record. Safe to run again.

import type { ApprovalInput } from '../src/domain/protocol.ts';
import { staleCards } from '../src/domain/situation.ts';
import { drawCard } from '../src/notify/card.ts';
import { drawMinimalCard } from '../src/notify/small-cards.ts';
import { type SayDeps, sayOnce } from './say.ts';
import { sayEach, see } from './see.ts';

/** Posts the cards that are missing and draws those again that show an earlier moment. */
export async function syncCards(deps: SayDeps, input: ApprovalInput): Promise<void> {
  const seen = await see(deps, input);
  const { dossier, messages, now } = seen;
  const message = { card: drawCard(dossier, now), minimal: drawMinimalCard(dossier, now) };
  await sayEach(staleCards(dossier, messages, now), (destination) =>
    sayOnce(deps, seen, {
      kind: 'card',
      destination,
      post: () => deps.messenger.postCard(destination, message),
      redraw: (place) => deps.messenger.updateCard(place, message),
    }),
  );
}
