// The outcome: one direct message to the owner of the agent, kept true while its words still change.

import { accountParts } from '../../domain/people/principal.ts';
import { dueNotices, isOutcomeStale } from '../../domain/work/pending-work.ts';
import { listAccountsOf } from '../../service/clock/deliveries.ts';
import type { Message } from '../draw/block-kit.ts';
import { drawOutcome, drawUndeliverable } from '../draw/small-cards.ts';
import { deliverOnce } from './deliver.ts';
import type { DeliverDeps, Delivery, Snapshot } from './delivery.ts';
import { type Deliver, deliverEach } from './snapshot.ts';

/** The owner has no account in Slack. */
const NOBODY = { kind: 'refused', code: 'users_not_found' } as const;

/** Tells the owner how the request ended, or draws that message again; an owner without a Slack account is recorded as such. */
export const deliverOutcome: Deliver = async (deps, snapshot, until_ms) => {
  const { record, messages, now } = snapshot;
  if (!isOutcomeStale(record, messages, now)) return deliverNotices(deps, snapshot, until_ms);
  const message = drawOutcome(record, now);
  const delivered = await deliverOnce(deps, snapshot, {
    kind: 'outcome',
    destination: record.agent.owner.id,
    ...toOwner(deps, snapshot, message),
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
        ? toOwner(deps, snapshot, message)
        : toChannel(deps, destination, message)),
      redraw: null,
    }),
  );
};

/** A direct message to the owner, who may have no account. */
function toOwner(deps: DeliverDeps, snapshot: Snapshot, message: Message): Pick<Delivery, 'post' | 'find'> {
  const { messenger } = deps;
  // Asked once, whether it is looked for an earlier post or only posted: others wait for this turn.
  let known: Promise<string | null> | undefined;
  const account = () => (known ??= ownerAccount(deps, snapshot));
  return {
    post: async (id) => {
      const user_id = await account();
      return user_id === null ? NOBODY : messenger.postDm({ user_id, id }, message);
    },
    find: async (id, since) => {
      const user_id = await account();
      return user_id === null ? { kind: 'unknown' } : messenger.findDms({ user_id, id, since });
    },
  };
}

function toChannel({ messenger }: DeliverDeps, channel_id: string, message: Message): Pick<Delivery, 'post' | 'find'> {
  return {
    post: (id) => messenger.postCard({ channel_id, id }, { card: message, minimal: message }),
    find: (id, since) => messenger.findPosts({ channel_id, thread_ts: null, id, since }),
  };
}

/** The account that the record links to the owner in our team, or the one of the owner's e-mail there. */
async function ownerAccount(
  deps: DeliverDeps,
  { tenant_id, record, team_id, together }: Snapshot,
): Promise<string | null> {
  const { owner } = record.agent;
  const accounts = together?.owner_accounts ?? (await listAccountsOf(deps, tenant_id, owner.id));
  const linked = accounts.map(({ subject }) => accountParts(subject)).find((account) => account.team_id === team_id);
  if (linked !== undefined) return linked.user_id;
  return (await deps.messenger.findByEmail(owner.email))?.user_id ?? null;
}
