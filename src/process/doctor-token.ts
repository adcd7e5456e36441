// How the checks of `placet doctor` ask Slack: with the token of the settings, each thing once, and never against a limit.

import { type AuthTestResponse, WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import type { Check, Finding } from '../cli/doctor.ts';
import { PlacetError } from '../domain/errors.ts';
import type { Config } from './config.ts';

const TIMEOUT_MS = 10_000;

/** Slack as all checks ask it: what it says of the token, and the time, is asked for once and shared. */
export type SlackCheckDeps = {
  readonly client: WebClient;
  readonly auth: () => Promise<AuthTestResponse>;
  /** Seconds between its clock and ours, null while it has told no time. */
  readonly skewSeconds: () => number | null;
};

/** Asks with the bot token. */
export function openSlack(token: string, config: Config): SlackCheckDeps {
  let skew_ms: number | null = null;
  const client = clientWith(token, config, async (address, request) => {
    const answer = await fetch(address, request);
    const theirs = Date.parse(answer.headers.get('date') ?? '');
    if (!Number.isNaN(theirs)) skew_ms = Math.abs(Date.now() - theirs);
    return answer;
  });
  let auth: Promise<AuthTestResponse> | undefined;
  return {
    client,
    auth: () => (auth ??= client.auth.test()),
    skewSeconds: () => (skew_ms === null ? null : Math.round(skew_ms / 1_000)),
  };
}

/** A client that answers at once, whatever the answer is. */
export function clientWith(
  token: string,
  { slack_api_url: slackApiUrl }: Config,
  fetcher: typeof fetch = fetch,
): WebClient {
  return new WebClient(token, {
    slackApiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    fetch: fetcher,
  });
}

/** Slack allows few calls, and the running processes need them more: a limit is no fault of anybody's. */
export function patient(check: Check): Check {
  const run = async (signal: AbortSignal): Promise<Finding> => {
    try {
      return await check.run(signal);
    } catch (error) {
      if (isRateLimit(error)) return { kind: 'skipped', detail: 'asked too often, try in a minute' };
      throw error;
    }
  };
  return { ...check, run };
}

/** True for Slack's "too often", also as the cause of what is told of it. */
export function isRateLimit(error: unknown): boolean {
  return error instanceof WebAPIRateLimitedError || (error instanceof PlacetError && isRateLimit(error.cause));
}

/** Whether Slack takes the token; a limit is passed on. */
export async function isTokenGood(auth: SlackCheckDeps['auth']): Promise<boolean> {
  try {
    await auth();
    return true;
  } catch (error) {
    if (isRateLimit(error)) throw error;
    return false;
  }
}

/** What a check finds that needs a good token and has none. */
export const TOKEN_FIRST: Finding = { kind: 'skipped', detail: 'Slack can be asked once the token is good' };
