// The outcome: one direct message to the owner of the agent, kept true while its words still change.

import { isOutcomeStale } from '../../domain/work/pending-work.ts';
import { listAccountsOf } from '../../service/clock/deliveries.ts';
import { drawOutcome } from '../draw/small-cards.ts';
import { type DeliverDeps, deliverOnce, type Snapshot } from './deliver.ts';
import type { Deliver } from './snapshot.ts';
import type { PostAnswer } from './web-api.ts';

/** Tells the owner how the request ended, or draws that message again; an owner without a Slack account is recorded as such. */
export const deliverOutcome: Deliver = async (deps, snapshot) => {
  const { record, messages, now } = snapshot;
  if (!isOutcomeStale(record, messages, now)) return [];
  const message = drawOutcome(record, now);
  const delivered = await deliverOnce(deps, snapshot, {
    kind: 'outcome',
    destination: record.agent.owner.id,
    post: async (): Promise<PostAnswer> => {
      const user_id = await ownerAccount(deps, snapshot);
      if (user_id === null) return { kind: 'permanent', code: 'users_not_found' };
      return deps.messenger.postDm(user_id, message);
    },
    redraw: (place) => deps.messenger.updateCard(place, { card: message, minimal: message }),
  });
  return [delivered];
};

/** The account that the record links to the owner in our team, or the one of the owner's e-mail there. */
async function ownerAccount(deps: DeliverDeps, { tenant_id, record, team_id }: Snapshot): Promise<string | null> {
  const { owner } = record.agent;
  const accounts = await listAccountsOf(deps, tenant_id, owner.id);
  const linked = accounts.find(({ subject }) => subject.startsWith(`${team_id}/`));
  if (linked !== undefined) return linked.subject.slice(team_id.length + 1);
  return (await deps.messenger.findByEmail(owner.email))?.user_id ?? null;
}
