// People picked in Slack, as the addresses that the policy lists: each is asked of Slack now, and only whom it vouches for is
// taken.

import type { Profile } from '../../domain/people/account.ts';
import type { ListenerContext } from '../receive/listener-context.ts';
import { readProfile } from '../receive/profile.ts';

export type PickedPeople = { readonly addresses: readonly string[]; readonly fault: string | null };

/** Their confirmed addresses, or what is wrong with the first of them that has none. */
export async function addressesOf(context: ListenerContext, user_ids: readonly string[]): Promise<PickedPeople> {
  const profiles = await Promise.all(
    user_ids.map((user_id) => readProfile(context, { user_id, payload_team_id: null })),
  );
  const addresses: string[] = [];
  for (const profile of profiles) {
    const fault = profile === null ? 'Slack could not be asked about one of them; try again.' : faultOf(profile);
    if (profile === null || profile.email === null || fault !== null) return { addresses: [], fault };
    addresses.push(profile.email);
  }
  return { addresses, fault: null };
}

function faultOf(profile: Profile): string | null {
  const { name } = profile;
  if (profile.is_bot) return `${name} is a bot, and only people decide.`;
  if (profile.is_deactivated) return `${name} is deactivated.`;
  if (profile.is_guest) return `${name} is a guest, who decides only where the policy file lists the account.`;
  if (profile.is_stranger || profile.team_id !== profile.installed_team_id)
    return `${name} is of another organisation.`;
  return profile.email !== null && profile.is_email_confirmed ? null : `Slack shows no confirmed address of ${name}.`;
}
