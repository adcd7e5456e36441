// Runs the slack process: Bolt over the approvers' use cases. It signs nothing and holds no key.

import { PlacetError } from '../domain/errors.ts';
import type { Log } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { APPROVER_USE_CASES, bind, SETTINGS_USE_CASES } from '../service/use-cases.ts';
import { fitsCard } from '../slack/draw/card-limits.ts';
import { createSlackApp, type SlackConfig } from '../slack/receive/app.ts';
import { createSlackClient, type SlackClient } from '../slack/send/web-api.ts';
import type { Config } from './config.ts';
import { digestAction, sha256 } from './digests.ts';
import { portFault } from './faults.ts';
import { createAskOnCall } from './member-sources.ts';
import { openProbe } from './probe.ts';
import { retryingEach } from './retry.ts';
import { requireWorkspace, slackFault } from './slack-faults.ts';
import { openService, type Running } from './wiring.ts';

/** Starts listening to Slack; `stop` finishes the clicks that are under way. */
export async function runSlack(config: Config, log: Log): Promise<Running> {
  const { slack } = config;
  if (slack.kind === 'none') {
    throw new PlacetError('unavailable', { dependency: 'slack', remedy: 'set SLACK_BOT_TOKEN, or run npm start' });
  }
  const { database, service } = await openService(config, 'slack', log);
  const client = createSlackClient({ token: slack.bot_token, api_url: config.slack_api_url });
  const team_id = await askTeam(client, config.slack_api_url);
  const made = { sha256, digestAction, fitsCard };
  const deps = { ...service, ...made, allowed_team_ids: config.slack_team_ids ?? [team_id] };
  const metrics = createMetrics();
  const { countDecision } = metrics;
  const app = createSlackApp({
    config: appConfig(config, team_id),
    deps: retryingEach({ ...bind(deps, APPROVER_USE_CASES), ...bind(deps, SETTINGS_USE_CASES) }),
    client,
    askOnCall: createAskOnCall(config, service),
    log,
    countDecision,
  });
  await app.start().catch((error: unknown) => {
    throw startFault(config, error);
  });
  const isReady = async () => app.isConnected() && database.requireWritable().then(() => true);
  const probe = await openProbe(config, log, { metrics, isReady });
  const stop = async () => {
    await app.stop();
    await probe?.close();
    await database.close();
  };
  return { stop };
}

async function askTeam(client: SlackClient, api_url: string): Promise<string> {
  const answer = await client.auth.test().catch((error: unknown) => {
    throw slackFault(error, 'SLACK_BOT_TOKEN', api_url);
  });
  requireWorkspace(answer);
  const { team_id } = answer;
  if (team_id === undefined) throw new PlacetError('unavailable', { dependency: 'slack' });
  return team_id;
}

function startFault({ slack, host, slack_port: port, slack_api_url }: Config, error: unknown): unknown {
  return slack.kind === 'http'
    ? portFault(error, { host, port, variable: 'SLACK_PORT' })
    : slackFault(error, 'SLACK_APP_TOKEN', slack_api_url);
}

function appConfig(config: Config, team_id: string): SlackConfig {
  const { slack, host, slack_port: port } = config;
  if (slack.kind === 'none') throw new PlacetError('internal');
  return {
    tenant_id: config.tenant,
    connection:
      slack.kind === 'socket'
        ? { kind: 'socket', app_token: slack.app_token }
        : { kind: 'http', signing_secret: slack.signing_secret, host, port },
    api_url: config.slack_api_url,
    team_id,
    app_id: config.slack_app_id ?? null,
    ack_after_ms: null,
  };
}
