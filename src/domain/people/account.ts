// Which Slack account may stand for a person at all, before any group is looked at. Pure; fails closed.

/** What Slack says of an account right now (users.info), in our words. */
export type SlackProfile = {
  /** The workspace that Placet is installed in. */
  readonly installed_team_id: string;
  /** The account's own workspace; for a Slack Connect member it is another one. */
  readonly team_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly email: string | null;
  readonly is_email_confirmed: boolean;
  readonly is_bot: boolean;
  readonly is_deactivated: boolean;
  readonly is_guest: boolean;
  readonly is_stranger: boolean;
};

export type AccountRefusal = 'outsider' | 'bot' | 'deactivated' | 'guest';

/** Why this account may not decide, or null. A guest may only when the policy file names the very account. */
export function accountRefusal(
  profile: SlackProfile,
  known: { readonly allowed_team_ids: readonly string[]; readonly is_named_in_policy: boolean },
): AccountRefusal | null {
  if (profile.is_deactivated) return 'deactivated';
  if (profile.is_bot) return 'bot';
  if (profile.is_stranger || !known.allowed_team_ids.includes(profile.team_id)) return 'outsider';
  if (profile.is_guest && !known.is_named_in_policy) return 'guest';
  return null;
}

/** True when the profile's e-mail may link the account to the person of that e-mail, once. */
export function mayLinkByEmail(profile: SlackProfile): boolean {
  return profile.email !== null && profile.is_email_confirmed && !profile.is_guest;
}
