// The checks of `placet doctor` that ask Slack: tokens and scopes, clock, the channels and user groups of the policy.

import type { WebClient } from '@slack/web-api';
import type { Check, Finding } from '../cli/doctor.ts';
import type { NamedGroup } from '../db/groups.ts';
import type { MemberSource } from '../domain/people/membership.ts';
import { counted } from '../domain/request/display.ts';
import { buildAdmin } from './admin.ts';
import type { Config } from './config.ts';
import { peopleCheck } from './doctor-people.ts';
import {
  clientWith,
  isRateLimit,
  isTokenGood,
  openSlack,
  patient,
  type SlackCheckDeps,
  TOKEN_FIRST,
} from './doctor-token.ts';
import { requireWorkspace, slackFault } from './slack-faults.ts';

/** Least scopes, as in docs/slack-manifest.yaml. */
const SCOPES = [
  'chat:write',
  'commands',
  'im:write',
  'users:read',
  'users:read.email',
  'usergroups:read',
  'channels:read',
  'groups:read',
];
/** Slack refuses signatures that are five minutes off; a minute is a warning in time. */
const CLOCK_SKEW_SECONDS_MAX = 60;

/** The Slack checks; without Slack settings they are skipped and say so. */
export function slackChecks(config: Config): Check[] {
  const { slack } = config;
  const missing = 'set SLACK_BOT_TOKEN with SLACK_APP_TOKEN or SLACK_SIGNING_SECRET: docs/slack-setup.md';
  if (slack.kind === 'none') {
    return [
      {
        name: 'Slack',
        remedy: missing,
        run: async () => ({ kind: 'ill', detail: 'no Slack settings', remedy: missing }),
      },
    ];
  }
  const deps = openSlack(slack.bot_token, config);
  const checks = [
    authCheck(deps, config),
    ...(slack.kind === 'socket' ? [appTokenCheck(clientWith(slack.app_token, config), config)] : []),
    clockCheck(deps),
    groupsCheck(deps, config),
    adminChannelCheck(deps, config),
    peopleCheck(deps, config),
  ];
  return checks.map(patient);
}

function authCheck({ auth }: SlackCheckDeps, { slack_api_url }: Config): Check {
  const remedy = 'install the app with docs/slack-manifest.yaml and copy its bot token';
  const run = async (): Promise<Finding> => {
    const answer = await auth().catch((error: unknown) => {
      throw slackFault(error, 'SLACK_BOT_TOKEN', slack_api_url);
    });
    requireWorkspace(answer);
    const granted = answer.response_metadata?.scopes ?? [];
    const lacking = granted.length === 0 ? [] : SCOPES.filter((scope) => !granted.includes(scope));
    if (lacking.length > 0) return { kind: 'ill', detail: `the token lacks ${lacking.join(', ')}`, remedy };
    return { kind: 'well', detail: `${answer.team} as ${answer.user}` };
  };
  return { name: 'Slack token', remedy, run };
}

/** Asks for a connection of Socket Mode and does not open it. */
function appTokenCheck(client: WebClient, { slack_api_url }: Config): Check {
  const remedy = 'generate an app-level token with connections:write: docs/slack-setup.md';
  const run = async (): Promise<Finding> => {
    await client.apps.connections.open({}).catch((error: unknown) => {
      throw slackFault(error, 'SLACK_APP_TOKEN', slack_api_url);
    });
    return { kind: 'well', detail: 'opens Socket Mode' };
  };
  return { name: 'Slack app token', remedy, run };
}

function clockCheck({ auth, skewSeconds }: SlackCheckDeps): Check {
  const remedy = 'set the clock of this machine by NTP';
  const run = async (): Promise<Finding> => {
    await isTokenGood(auth); // Also who is refused is told the time.
    const skew_seconds = skewSeconds();
    if (skew_seconds === null) return { kind: 'skipped', detail: 'Slack told no time' };
    const detail = `${skew_seconds} s from Slack's`;
    return skew_seconds > CLOCK_SKEW_SECONDS_MAX ? { kind: 'ill', detail, remedy } : { kind: 'well', detail };
  };
  return { name: 'Clock', remedy, run };
}

function groupsCheck({ client, auth }: SlackCheckDeps, config: Config): Check {
  const remedy = 'invite the app into each channel (/invite) and name existing user groups in the policy';
  const run = async (): Promise<Finding> => {
    const groups = (await buildAdmin(() => config).listGroups()).filter(({ is_retired }) => !is_retired);
    if (!(await isTokenGood(auth))) return TOKEN_FIRST;
    if (groups.length === 0) return { kind: 'skipped', detail: 'no approver groups yet: placet policy apply' };
    const faults = (await Promise.all(groups.map((group) => faultsOf(client, group)))).flat();
    if (faults.length > 0) return { kind: 'ill', detail: faults.join('; '), remedy };
    return { kind: 'well', detail: `${counted(groups.length, 'group')}, each channel and user group is there` };
  };
  return { name: 'Approver groups', remedy, run };
}

/** The channel for those who run Placet, where one is named. */
function adminChannelCheck({ client, auth }: SlackCheckDeps, { admin_channel: channel }: Config): Check {
  const remedy = 'invite the app into the channel PLACET_ADMIN_CHANNEL (/invite), or name another one by its id';
  const run = async (): Promise<Finding> => {
    if (channel === undefined) return { kind: 'skipped', detail: 'PLACET_ADMIN_CHANNEL is not set' };
    if (!(await isTokenGood(auth))) return TOKEN_FIRST;
    const faults = await channelFaults(client, channel);
    if (faults.length > 0) return { kind: 'ill', detail: faults.join('; '), remedy };
    return { kind: 'well', detail: `${channel} takes messages` };
  };
  return { name: 'Admin channel', remedy, run };
}

async function faultsOf(client: WebClient, { name, channel, source }: NamedGroup): Promise<string[]> {
  const faults = [...(await channelFaults(client, channel)), ...(await sourceFaults(client, source))];
  return faults.map((fault) => `${name}: ${fault}`);
}

/** What keeps messages from a channel, or must not read them there. */
async function channelFaults(client: WebClient, channel: string): Promise<string[]> {
  try {
    const { channel: found } = await client.conversations.info({ channel });
    const faults: string[] = [];
    if (found?.is_member !== true) faults.push(`the app is not in ${channel}`);
    if (found?.is_archived === true) faults.push(`${channel} is archived`);
    if (found?.is_ext_shared === true) faults.push(`${channel} is shared with another company`);
    return faults;
  } catch (error) {
    if (isRateLimit(error)) throw error;
    return [`${channel}: ${codeOf(error)}`];
  }
}

/** What keeps the members of a channel from counting: it must be private and our own. */
async function privateChannelFaults(client: WebClient, channel: string): Promise<string[]> {
  const faults = await channelFaults(client, channel);
  if (faults.length > 0) return faults;
  const { channel: found } = await client.conversations.info({ channel });
  return found?.is_private === true ? [] : [`${channel} is public, so its members do not count`];
}

/** What keeps the group from having members, where the policy file alone does not say who they are. */
async function sourceFaults(client: WebClient, source: MemberSource): Promise<string[]> {
  switch (source.kind) {
    case 'listed':
    case 'groups':
    case 'on_call':
      return [];
    case 'channel_members':
      return privateChannelFaults(client, source.id);
    case 'slack_user_group':
      try {
        const answer = await client.usergroups.users.list({ usergroup: source.id });
        return (answer.users ?? []).length === 0 ? [`${source.id} has no members`] : [];
      } catch (error) {
        if (isRateLimit(error)) throw error;
        return [`${source.id}: ${codeOf(error)}`];
      }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no answer';
}
