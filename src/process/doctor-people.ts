// The check of `placet doctor` for people: whom the policy names and who owns an agent, but whom Slack does not know.

import type { WebClient } from '@slack/web-api';
import type { Check, Finding } from '../cli/doctor.ts';
import { addressOf } from '../domain/people/address.ts';
import { accountName } from '../domain/people/principal.ts';
import { listNamed, type NamedPerson } from '../service/admin/named.ts';
import { withService } from './admin.ts';
import type { Config } from './config.ts';
import { isTokenGood, type SlackCheckDeps, TOKEN_FIRST } from './doctor-token.ts';

/** The most that Slack gives at once. */
const PAGE_SIZE = 1_000;
/** Slack allows about twenty such calls a minute; half of them are left to others. */
const PAGES_MAX = 10;
/** More names than anybody reads in one line. */
const NAMES_MAX = 20;

/** What Slack has: addresses that it vouches for, and accounts that somebody uses. */
type Known = { readonly addresses: ReadonlySet<string>; readonly accounts: ReadonlySet<string> };

/** Names each person of the policy, and each owner of an agent, for whom Slack shows no account. */
export function peopleCheck({ client, auth }: SlackCheckDeps, config: Config): Check {
  const remedy =
    'correct the address in the policy file, or join the person to the one that Slack shows: placet person merge, ' +
    'placet person move-address';
  const run = async (): Promise<Finding> => {
    const people = await withService(config, listNamed);
    const team = (await isTokenGood(auth)) ? ((await auth()).team_id ?? null) : null;
    if (team === null) return TOKEN_FIRST;
    if (people.length === 0) return { kind: 'skipped', detail: 'nobody is named yet: placet policy apply' };
    const known = await readKnown(client);
    if (known === null) {
      return {
        kind: 'skipped',
        detail: `Slack has more than ${PAGE_SIZE * PAGES_MAX} accounts, too many to be asked for`,
      };
    }
    const unknown = people.filter((person) => !isKnown(person, known, team));
    if (unknown.length > 0) return { kind: 'ill', detail: detailOf(unknown), remedy };
    return { kind: 'well', detail: `Slack knows all ${people.length} of the policy and the owners of agents` };
  };
  return { name: 'People', remedy, run };
}

/** Every account of the workspace, or null when there are too many. */
async function readKnown(client: WebClient): Promise<Known | null> {
  const addresses = new Set<string>();
  const accounts = new Set<string>();
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await client.users.list({ limit: PAGE_SIZE, ...(cursor === '' ? {} : { cursor }) });
    for (const { id: user_id, team_id, deleted, is_bot, is_email_confirmed, profile } of answer.members ?? []) {
      if (user_id === undefined || team_id === undefined || deleted === true || is_bot === true) continue;
      accounts.add(accountName({ team_id, user_id }));
      if (is_email_confirmed === true && profile?.email !== undefined) addresses.add(addressOf(profile.email));
    }
    cursor = answer.response_metadata?.next_cursor ?? '';
    if (cursor === '') return { addresses, accounts };
  }
  return null;
}

/** Of an account in another workspace Slack says too little here: at the click it is asked for by itself. */
function isKnown({ address, accounts }: NamedPerson, known: Known, team: string): boolean {
  return (
    known.addresses.has(address) ||
    accounts.some((account) => known.accounts.has(account) || !account.startsWith(`${team}/`))
  );
}

function detailOf(unknown: readonly NamedPerson[]): string {
  const names = unknown
    .slice(0, NAMES_MAX)
    .map(({ address, agents }) => (agents.length === 0 ? address : `${address} (owner of ${agents.join(', ')})`));
  const rest = unknown.length - names.length;
  return `Slack does not know ${names.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}
