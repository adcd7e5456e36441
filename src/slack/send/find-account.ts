// Which account shows an address in Slack: one look-up, for the owner of a new agent and for the people behind a request.

import { type Account, accountName } from '../../domain/people/principal.ts';
import type { FindAccount } from '../../service/admin/owner.ts';
import { failureOf } from './failures.ts';
import { UNKNOWN_USER_CODES } from './slack-errors.ts';
import { createSlackClient, type SlackClient } from './web-api.ts';

export type ShownAccount = {
  readonly user_id: string;
  readonly account: Account;
  /** Slack says that it is the person's: of one who left, of a bot and of an address that nobody confirmed it does not. */
  readonly is_vouched: boolean;
};

/** Looks accounts up with the bot token; null as token means that there is no Slack to ask. Never throws. */
export function createFindAccount(options: { readonly token: string | null; readonly api_url: string }): FindAccount {
  const { token, api_url } = options;
  if (token === null) return async () => ({ kind: 'not_asked' });
  const client = createSlackClient({ token, api_url });
  return async (address) => {
    try {
      const shown = await findShown(client, address);
      return shown?.is_vouched === true ? { kind: 'found', account: shown.account } : { kind: 'none' };
    } catch {
      return { kind: 'not_asked' };
    }
  };
}

/** The account that shows the address; null when nobody does. Throws what Slack threw. */
export async function findShown(client: SlackClient, email: string): Promise<ShownAccount | null> {
  const user = await lookUp(client, email);
  const { id: user_id, team_id } = user ?? {};
  if (user_id === undefined || team_id === undefined) return null;
  const is_vouched = user?.deleted !== true && user?.is_bot !== true && user?.is_email_confirmed === true;
  return { user_id, account: { provider: 'slack', subject: accountName({ team_id, user_id }) }, is_vouched };
}

async function lookUp(client: SlackClient, email: string) {
  try {
    return (await client.users.lookupByEmail({ email })).user ?? null;
  } catch (error) {
    if (UNKNOWN_USER_CODES.includes(failureOf(error, 'users.lookupByEmail').code)) return null;
    throw error;
  }
}
