// The model's Slack user group: what was learned of it, and what of that is kept of one person.

import type { Account, Person, UserGroup } from './calls.ts';
import { linkedPerson, type State } from './world.ts';

/** What a click or a claim has learned of Slack before anything is recorded; Slack and the record have no common moment. */
export type Looked = {
  /** Which Slack user group dba was when its members were asked for. */
  readonly group?: UserGroup | null;
  readonly members?: readonly Account[];
  readonly is_off?: boolean;
  /** The worker: ann's addresses without an account, each the new one or not, and the accounts that show them. */
  readonly untied?: readonly boolean[];
  readonly shown?: readonly Account[];
};

/** What Slack said a moment ago of one person is kept; what it said of another user group is not. */
export function syncMember(state: State, person: Person, { group = null, members = [] }: Looked): State {
  const { dba } = state;
  if (dba.slack === null) return state;
  const isMember = group === dba.slack && accountsOf(state, person).some((account) => members.includes(account));
  const others = dba.members.filter((other) => other !== person);
  return { ...state, dba: { ...dba, members: isMember ? [...others, person].sort() : others } };
}

/** The accounts that are linked to a person. */
export function accountsOf(state: State, person: Person): readonly Account[] {
  return (Object.keys(state.links) as Account[]).filter((account) => linkedPerson(state, account) === person);
}
