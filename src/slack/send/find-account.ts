// Asks Slack which account shows an address. Never throws: who cannot be asked is told as such.

import { accountName } from '../../domain/people/principal.ts';
import type { FindAccount, FoundAccount } from '../../service/admin/owner.ts';
import { createSlackClient, type SlackClient } from './web-api.ts';

/** Answers of users.lookupByEmail that mean "nobody here": https://docs.slack.dev/reference/methods/users.lookupByEmail */
const NOBODY_CODES: readonly string[] = ['users_not_found', 'user_not_found', 'user_not_visible'];

/** Looks accounts up with the bot token; null as token means that there is no Slack to ask. */
export function createFindAccount(options: { readonly token: string | null; readonly api_url: string }): FindAccount {
  const { token, api_url } = options;
  if (token === null) return async () => ({ kind: 'not_asked' });
  const client = createSlackClient({ token, api_url });
  return (address) => findAccount(client, address);
}

async function findAccount(client: SlackClient, address: string): Promise<FoundAccount> {
  try {
    const { user } = await client.users.lookupByEmail({ email: address });
    const { id: user_id, team_id } = user ?? {};
    if (user_id === undefined || team_id === undefined) return { kind: 'not_asked' };
    // Of one who left, of a bot, and of an address that nobody confirmed, Slack says nothing that could be relied on.
    const isPerson = user?.deleted !== true && user?.is_bot !== true && user?.is_email_confirmed === true;
    if (!isPerson) return { kind: 'none' };
    return { kind: 'found', account: { provider: 'slack', subject: accountName({ team_id, user_id }) } };
  } catch (error) {
    const code = (error as { readonly data?: { readonly error?: unknown } }).data?.error;
    return { kind: NOBODY_CODES.includes(String(code)) ? 'none' : 'not_asked' };
  }
}
