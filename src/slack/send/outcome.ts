// The outcome: one direct message to the owner of the agent, kept true while its words still change.

import { isOutcomeStale } from '../../domain/work/pending-work.ts';
import type { PostAnswer } from './web-api.ts';
import { drawOutcome } from '../draw/small-cards.ts';
import { type SayDeps, type Seen, sayOnce } from './deliver.ts';
import type { Say } from './snapshot.ts';

/** Tells the owner how the request ended, or draws that message again; an owner without a Slack account is recorded as such. */
export const sayOutcome: Say = async (deps, seen) => {
  const { record, messages, now } = seen;
  if (!isOutcomeStale(record, messages, now)) return [];
  const message = drawOutcome(record, now);
  const said = await sayOnce(deps, seen, {
    kind: 'outcome',
    destination: record.agent.owner.id,
    post: async (): Promise<PostAnswer> => {
      const user_id = await ownerAccount(deps, seen);
      if (user_id === null) return { kind: 'permanent', code: 'users_not_found' };
      return deps.messenger.postDm(user_id, message);
    },
    redraw: (place) => deps.messenger.updateCard(place, { card: message, minimal: message }),
  });
  return [said];
};

/** The account that the record links to the owner in our team, or the one of the owner's e-mail there. */
async function ownerAccount(deps: SayDeps, { tenant_id, record, team_id }: Seen): Promise<string | null> {
  const { owner } = record.agent;
  const accounts = await deps.transact(tenant_id, (tx) => deps.store.people.listAccounts(tx, [owner.id]));
  const linked = accounts.find((account) => account.team_id === team_id);
  return linked?.user_id ?? deps.messenger.findByEmail(owner.email);
}
