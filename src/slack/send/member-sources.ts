// Who is in a Slack user group or a private channel right now: asked of Slack for a decision, and again for the claim. Decides
// nothing, and keeps no answer.

import { createHash } from 'node:crypto';
import { PlacetError } from '../../domain/errors.ts';
import type { AskedSource, SourceAnswer } from '../../domain/people/membership.ts';
import { accountName } from '../../domain/people/principal.ts';
import type { AskSources } from '../../service/memberships.ts';
import { shareReads } from '../../service/share.ts';
import { failureOf } from './failures.ts';
import { UNKNOWN_USER_CODES } from './slack-errors.ts';
import { createSlackClient, type SlackClient } from './web-api.ts';

/** The sources that Slack answers for. */
type ChatSource = Exclude<AskedSource, { kind: 'on_call' }>;
type OnCallSource = Extract<AskedSource, { kind: 'on_call' }>;

/** Whose accounts these are, which user is the app itself, and where to ask. */
type Slack = { readonly client: SlackClient; readonly team_id: string; readonly bot_user_id: string | null };

/** Asks who is on call; what fails has nobody, and says why. */
export type AskOnCall = (source: OnCallSource) => Promise<SourceAnswer>;

/** User groups of which Slack says that they are gone or disabled approve nothing. */
const EMPTY_GROUP_CODES: readonly string[] = ['no_such_subteam', 'subteam_disabled'];
const GONE_CHANNEL_CODES: readonly string[] = ['channel_not_found', 'method_not_supported_for_channel_type'];
/** As many as Slack gives at once, and no more pages than a team has that could know each other. */
const PAGE_MEMBERS_MAX = 1_000;
const PAGES_MAX = 5;

type Listed = { readonly user_ids: readonly string[]; readonly fault: string | null };

/** Asks all sources of one request at once; the askers say whom. */
export function askSourcesWith(
  askChat: (source: ChatSource, accounts: readonly string[] | null) => Promise<SourceAnswer>,
  askOnCall: AskOnCall,
): AskSources {
  return (sources, accounts) =>
    Promise.all(sources.map((source) => (source.kind === 'on_call' ? askOnCall(source) : askChat(source, accounts))));
}

/**
 * Asks Slack about one source. Those who ask at one moment share one answer that begins after they came: Slack takes about
 * twenty lists of user groups a minute. Throws what Slack threw.
 */
export function createAskChat(askSlack: () => Promise<Slack>) {
  const listShared = shareReads(
    async ({ slack, source }: { readonly slack: Slack; readonly source: ChatSource }) => {
      const asked_at = new Date();
      const listed =
        source.kind === 'slack_user_group' ? listUserGroup(slack, source.id) : listChannel(slack, source.id);
      return { asked_at, ...(await listed) };
    },
    ({ source }) => `${source.kind}:${source.id}`,
  );
  return async (source: ChatSource, accounts: readonly string[] | null): Promise<SourceAnswer> => {
    const slack = await askSlack();
    const { asked_at, user_ids, fault } = await listShared({ slack, source });
    const all = user_ids.map((user_id) => accountName({ team_id: slack.team_id, user_id }));
    const isChannel = source.kind === 'channel_members';
    const members = isChannel && accounts !== null ? await onlyFull(slack, all, accounts) : all;
    return { source, asked_at, members, digest: digestOf(all), fault };
  };
}

/** Accounts in a Slack user group now; none when it is gone or disabled. Throws what Slack threw. */
async function listUserGroup({ client }: Slack, usergroup: string): Promise<Listed> {
  try {
    return { user_ids: (await client.usergroups.users.list({ usergroup })).users ?? [], fault: null };
  } catch (error) {
    const { code } = failureOf(error, 'usergroups.users.list');
    if (EMPTY_GROUP_CODES.includes(code)) return { user_ids: [], fault: code };
    throw error;
  }
}

/** Accounts in a private channel of our own now, the app's own left out; nobody when it is anything else by now. */
async function listChannel(slack: Slack, channel: string): Promise<Listed> {
  const { client, bot_user_id } = slack;
  try {
    const { channel: found } = await client.conversations.info({ channel });
    const fault = channelFault(found ?? {});
    if (fault !== null) return { user_ids: [], fault };
    const user_ids: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const next = cursor === undefined ? {} : { cursor };
      const answer = await client.conversations.members({ channel, limit: PAGE_MEMBERS_MAX, ...next });
      user_ids.push(...(answer.members ?? []));
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return { user_ids: user_ids.filter((id) => id !== bot_user_id), fault: null };
    }
    return { user_ids: [], fault: 'channel_too_large' };
  } catch (error) {
    const { code } = failureOf(error, 'conversations.members');
    if (GONE_CHANNEL_CODES.includes(code)) return { user_ids: [], fault: code };
    throw error;
  }
}

type Channel = NonNullable<Awaited<ReturnType<SlackClient['conversations']['info']>>['channel']>;

/** Why the members of this channel decide nothing: people whom nobody asked in could be among them. */
function channelFault(channel: Channel): string | null {
  if (channel.is_archived === true) return 'channel_archived';
  const shared = [channel.is_shared, channel.is_ext_shared, channel.is_org_shared, channel.is_pending_ext_shared];
  if (shared.includes(true)) return 'channel_shared';
  if (channel.is_im === true || channel.is_mpim === true) return 'channel_is_direct';
  return channel.is_private === true ? null : 'channel_public';
}

/** Those of the accounts in question that are members and people of our own: no guest, no bot, nobody who left. */
async function onlyFull(slack: Slack, all: readonly string[], accounts: readonly string[]): Promise<readonly string[]> {
  const present = [...new Set(accounts)].filter((account) => all.includes(account));
  const full = await Promise.all(present.map((account) => isFull(slack, account)));
  return present.filter((_account, place) => full[place]);
}

async function isFull({ client, team_id }: Slack, account: string): Promise<boolean> {
  try {
    const { user } = await client.users.info({ user: account.slice(team_id.length + 1) });
    if (user === undefined || (user.team_id !== undefined && user.team_id !== team_id)) return false;
    const { deleted, is_restricted, is_ultra_restricted, is_bot, is_workflow_bot, is_stranger } = user;
    return ![deleted, is_restricted, is_ultra_restricted, is_bot, is_workflow_bot, is_stranger].includes(true);
  } catch (error) {
    if (UNKNOWN_USER_CODES.includes(failureOf(error, 'users.info').code)) return false;
    throw error;
  }
}

/** Of who was listed, whatever the order. */
function digestOf(members: readonly string[]): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify([...members].sort()))
    .digest('hex')}`;
}

/** Asks Slack with the bot token, for the API; null as token means that there is no Slack to ask. Throws `unavailable`. */
export function createAskSlack(options: { readonly token: string | null; readonly api_url: string }) {
  const { token, api_url } = options;
  if (token === null) {
    const remedy = 'set the SLACK_ variables for the role api too: who is in a group of Slack is asked at the claim';
    return (): Promise<SourceAnswer> => Promise.reject(new PlacetError('unavailable', { dependency: 'slack', remedy }));
  }
  const client = createSlackClient({ token, api_url });
  const askTeam = shareReads(async (_: null) => client.auth.test(), String);
  let known: Slack | undefined;
  const askChat = createAskChat(async () => {
    if (known !== undefined) return known;
    const { team_id, user_id } = await askTeam(null);
    if (team_id === undefined) throw new PlacetError('unavailable', { dependency: 'slack' });
    known = { client, team_id, bot_user_id: user_id ?? null };
    return known;
  });
  return (source: ChatSource, accounts: readonly string[] | null): Promise<SourceAnswer> =>
    askChat(source, accounts).catch((error: unknown) => {
      throw error instanceof PlacetError ? error : unavailable(error);
    });
}

/** Slack cannot be asked, so nothing is given out: the agent may try again, not before the time that Slack named. */
function unavailable(error: unknown): PlacetError {
  const failure = failureOf(error, 'usergroups.users.list');
  const retry_after_ms = failure.kind === 'retryable' ? failure.retry_after_ms : null;
  const wait = retry_after_ms === null ? {} : { retry_after_seconds: Math.ceil(retry_after_ms / 1_000) };
  const reason = `Slack does not say who is in a group: ${failure.code}`;
  return new PlacetError('unavailable', { dependency: 'slack', reason, ...wait }, error);
}
