// Humans with accounts in Slack as time passes: renamed, given recycled addresses and second accounts, in and out of user groups.
// Knows the truth that Placet can only infer; what Placet is told comes from here alone.

import type { FindAccount } from '../../src/service/admin/owner.ts';
import { makeProfile, TEAM } from '../support/builders.ts';

export type SlackAccount = { readonly user_id: string; readonly human: number; address: string; is_deleted: boolean };

export type Humans = {
  readonly accounts: SlackAccount[];
  /** Accounts in the Slack user group. */
  readonly group: Set<string>;
  /** Addresses that somebody had before and nobody has now. */
  readonly free: string[];
  readonly first: (human: number) => SlackAccount;
  readonly humanOf: (subject: string) => number;
  /** Gives the account another address: a new one, or one that was somebody's before. */
  readonly rename: (account: SlackAccount, isRecycled: boolean) => void;
  readonly addSecond: (human: number) => void;
  readonly findAccount: FindAccount;
  readonly profileOf: (account: SlackAccount) => ReturnType<typeof makeProfile>;
};

/** So many humans, each with one account; `tag` tells their addresses from those of other runs. */
export function createHumans(count: number, tag: string): Humans {
  let number = 0;
  const fresh = (): string => {
    number += 1;
    return `h${number}.${tag}@example.com`;
  };
  const accounts: SlackAccount[] = Array.from({ length: count }, (_, human) => {
    return { user_id: `U0${tag.toUpperCase()}H${human}`, human, address: fresh(), is_deleted: false };
  });
  const free: string[] = [];
  const bySubject = (subject: string) => accounts.find(({ user_id }) => subject === `${TEAM}/${user_id}`);
  return {
    accounts,
    group: new Set(),
    free,
    first: (human) => {
      const account = accounts.find((each) => each.human === human);
      if (account === undefined) throw new Error(`there is no human ${human}`);
      return account;
    },
    humanOf: (subject) => bySubject(subject)?.human ?? -1,
    rename: (account, isRecycled) => {
      const former = account.address;
      account.address = (isRecycled ? free.shift() : undefined) ?? fresh();
      free.push(former);
    },
    addSecond: (human) => {
      if (accounts.filter((each) => each.human === human).length > 1) return;
      accounts.push({ user_id: `U0${tag.toUpperCase()}S${human}`, human, address: fresh(), is_deleted: false });
    },
    findAccount: async (address) => {
      const found = accounts.find((each) => each.address === address && !each.is_deleted);
      if (found === undefined) return { kind: 'none' };
      return { kind: 'found', account: { provider: 'slack', subject: `${TEAM}/${found.user_id}` } };
    },
    profileOf: ({ user_id, address, is_deleted }) =>
      makeProfile('somebody', { user_id, email: address, is_deactivated: is_deleted }),
  };
}
