// A direct message to a person: to the account that the record links to them in our team, or the one that shows their address
// there.

import { accountParts } from '../../domain/people/principal.ts';
import { listAccountsOf } from '../../service/clock/deliveries.ts';
import type { Message } from '../draw/block-kit.ts';
import type { DeliverDeps, Delivery, Snapshot } from './delivery.ts';

/** The person has no account in Slack. */
const NOBODY = { kind: 'refused', code: 'users_not_found' } as const;

type Recipient = { readonly id: string; readonly email: string };

/** How to post it, and how to find it again; a person without an account is recorded as such. */
export function directTo(
  deps: DeliverDeps,
  snapshot: Snapshot,
  { person, message }: { readonly person: Recipient; readonly message: Message },
): Pick<Delivery, 'post' | 'find'> {
  const { messenger } = deps;
  // Asked once, whether it is looked for an earlier post or only posted: others wait for this turn.
  let known: Promise<string | null> | undefined;
  const account = () => (known ??= accountFor(deps, snapshot, person));
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

async function accountFor(
  deps: DeliverDeps,
  { tenant_id, team_id, record, together }: Snapshot,
  person: Recipient,
): Promise<string | null> {
  const read = person.id === record.agent.owner.id ? (together?.owner_accounts ?? null) : null;
  const accounts = read ?? (await listAccountsOf(deps, tenant_id, person.id));
  const linked = accounts.map(({ subject }) => accountParts(subject)).find((account) => account.team_id === team_id);
  if (linked !== undefined) return linked.user_id;
  return (await deps.messenger.findByEmail(person.email))?.user_id ?? null;
}
