// The checks of `placet doctor` that ask Slack: tokens and scopes, clock, the channels and user groups of the policy.

import { WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import type { Check, Finding } from '../cli/doctor.ts';
import { type MemberSource, sourceOf } from '../domain/people/membership.ts';
import { counted } from '../domain/request/display.ts';
import type { StageGroup } from '../domain/request/record.ts';
import { buildAdmin } from './admin.ts';
import type { Config } from './config.ts';
import { peopleCheck } from './doctor-people.ts';
import { requireWorkspace, slackFault } from './faults.ts';

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
const TIMEOUT_MS = 10_000;

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
  const client = clientWith(slack.bot_token, config);
  return [
    authCheck(client, config),
    ...(slack.kind === 'socket' ? [appTokenCheck(clientWith(slack.app_token, config), config)] : []),
    clockCheck(config, slack.bot_token),
    groupsCheck(client, config),
    peopleCheck(client, config),
  ];
}

function clientWith(token: string, { slack_api_url: slackApiUrl }: Config): WebClient {
  return new WebClient(token, {
    slackApiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
  });
}

function authCheck(client: WebClient, { slack_api_url }: Config): Check {
  const remedy = 'install the app with docs/slack-manifest.yaml and copy its bot token';
  const run = async (): Promise<Finding> => {
    const answer = await client.auth.test().catch((error: unknown) => {
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
    try {
      await client.apps.connections.open({});
      return { kind: 'well', detail: 'opens Socket Mode' };
    } catch (error) {
      // Slack allows few of these calls, and the running process needs them more.
      if (error instanceof WebAPIRateLimitedError)
        return { kind: 'skipped', detail: 'asked too often, try in a minute' };
      throw slackFault(error, 'SLACK_APP_TOKEN', slack_api_url);
    }
  };
  return { name: 'Slack app token', remedy, run };
}

function clockCheck(config: Config, token: string): Check {
  const remedy = 'set the clock of this machine by NTP';
  const run = async (signal: AbortSignal): Promise<Finding> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${config.slack_api_url}auth.test`, { method: 'POST', headers, signal });
    const theirs = Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(theirs)) return { kind: 'skipped', detail: 'Slack told no time' };
    const skew_seconds = Math.round(Math.abs(Date.now() - theirs) / 1_000);
    const detail = `${skew_seconds} s from Slack's`;
    return skew_seconds > CLOCK_SKEW_SECONDS_MAX ? { kind: 'ill', detail, remedy } : { kind: 'well', detail };
  };
  return { name: 'Clock', remedy, run };
}

function groupsCheck(client: WebClient, config: Config): Check {
  const remedy = 'invite the app into each channel (/invite) and name existing user groups in the policy';
  const run = async (): Promise<Finding> => {
    const groups = (await buildAdmin(() => config).listGroups()).filter(({ is_retired }) => !is_retired);
    const isTokenGood = await client.auth.test().then(
      () => true,
      () => false,
    );
    if (!isTokenGood) return { kind: 'skipped', detail: 'Slack can be asked once the token is good' };
    if (groups.length === 0) return { kind: 'skipped', detail: 'no approver groups yet: placet policy apply' };
    const faults = (await Promise.all(groups.map((group) => faultsOf(client, group)))).flat();
    if (faults.length > 0) return { kind: 'ill', detail: faults.join('; '), remedy };
    return { kind: 'well', detail: `${counted(groups.length, 'group')}, each channel and user group is there` };
  };
  return { name: 'Approver groups', remedy, run };
}

async function faultsOf(client: WebClient, { name, channel, ...group }: StageGroup): Promise<string[]> {
  const faults: string[] = [];
  try {
    const answer = await client.conversations.info({ channel });
    if (answer.channel?.is_member !== true) faults.push(`${name}: the app is not in ${channel}`);
    if (answer.channel?.is_archived === true) faults.push(`${name}: ${channel} is archived`);
    if (answer.channel?.is_ext_shared === true) faults.push(`${name}: ${channel} is shared with another company`);
  } catch (error) {
    faults.push(`${name}: ${channel}: ${codeOf(error)}`);
  }
  return [...faults, ...(await sourceFaults(client, name, sourceOf(group)))];
}

/** What keeps the group from having members, where the policy file alone does not say who they are. */
async function sourceFaults(client: WebClient, name: string, source: MemberSource): Promise<string[]> {
  switch (source.kind) {
    case 'listed':
      return [];
    case 'slack_user_group':
      try {
        const answer = await client.usergroups.users.list({ usergroup: source.id });
        return (answer.users ?? []).length === 0 ? [`${name}: ${source.id} has no members`] : [];
      } catch (error) {
        return [`${name}: ${source.id}: ${codeOf(error)}`];
      }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no answer';
}
