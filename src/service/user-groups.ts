// Who of the people that count is in a Slack user group, by what Slack says at this moment: at a click and at the claim alike.

import type { Tx } from '../db/database.ts';
import * as groups from '../db/groups.ts';
import * as identities from '../db/identities.ts';
import { inOrder } from '../db/in-order.ts';
import { sourceOf, userGroupOf } from '../domain/people/membership.ts';
import { accountParts } from '../domain/people/principal.ts';
import type { RequestRecord } from '../domain/request/record.ts';

/** Members of Slack user groups as Slack lists them right now, by the id of the user group. */
export type SlackMembers = {
  /** The workspace whose accounts these are. */
  readonly team_id: string;
  readonly user_ids: ReadonlyMap<string, readonly string[]>;
};

type Listed = {
  readonly record: Pick<RequestRecord, 'groups'>;
  readonly listed: SlackMembers;
};

/** Keeps of those who decided on a request whether Slack lists them now, so that they are counted by that. */
export function keepListed(
  tx: Tx,
  record: Pick<RequestRecord, 'groups' | 'decisions'>,
  listed: SlackMembers,
): Promise<void> {
  const person_ids = [...new Set(record.decisions.map(({ person_id }) => person_id))];
  return keepMembers(tx, { record, listed, person_ids });
}

/** Keeps of these people whether Slack lists them in the user groups that decide here. */
export async function keepMembers(
  tx: Tx,
  { record, listed, person_ids }: Listed & { readonly person_ids: readonly string[] },
): Promise<void> {
  const asked_groups = record.groups.flatMap((group) => {
    const user_group = userGroupOf(sourceOf(group));
    return user_group === null ? [] : [{ id: group.id, user_group }];
  });
  if (asked_groups.length === 0) return;
  // Any account of the person in our workspace counts: a click with the second one must not undo the first one's.
  const accounts = await identities.listAccounts(tx, person_ids);
  const kept = person_ids.flatMap((person_id) => {
    const own = accounts.filter((account) => account.person_id === person_id);
    const own_ids = own.flatMap(({ subject }) => userIn(listed.team_id, subject));
    return asked_groups.map(({ id: group_id, user_group }) => {
      // A policy applied since Slack was asked may name another user group: nobody is known to be in that one.
      const user_ids = listed.user_ids.get(user_group) ?? [];
      return { group_id, person_id, is_member: own_ids.some((user_id) => user_ids.includes(user_id)) };
    });
  });
  // Sent together: the request's lock is held meanwhile.
  await inOrder(
    tx,
    kept.map((one) => (tx: Tx) => groups.setClicked(tx, one)),
  );
}

function userIn(team_id: string, subject: string): string[] {
  const account = accountParts(subject);
  return account.team_id === team_id ? [account.user_id] : [];
}
