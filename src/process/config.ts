// Turns an environment into one frozen Config, parsed once. It opens nothing and prints nothing: the caller shows the
// faults.

import type { z } from 'zod';
import { tlsFault } from '../db/connect.ts';
import { withTls } from './database-settings.ts';
import { authorityOf, isLoopback } from './host.ts';
import { unknownSettings } from './known-settings.ts';
import { settings, TENANT_DEFAULT } from './settings.ts';
import { unsafeTemporal } from './temporal-settings.ts';

type Settings = typeof settings;
type Parsed = { readonly [Key in keyof Settings]: z.output<Settings[Key]['schema']> };

/** How Slack is heard, when it is. */
export type SlackConnection =
  | { readonly kind: 'none' }
  | { readonly kind: 'socket'; readonly bot_token: string; readonly app_token: string }
  | { readonly kind: 'http'; readonly bot_token: string; readonly signing_secret: string };

/** The settings of one process, with what follows from them. */
export type Config = Omit<Parsed, 'public_url'> & {
  readonly public_url: string;
  readonly slack: SlackConnection;
};

/** A Config, or every fault of the environment in plain words. */
export type ConfigResult =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

function parseEach(environment: NodeJS.ProcessEnv): { parsed: Parsed; faults: string[] } {
  const faults: string[] = [];
  const entries = Object.entries(settings).map(([key, { variable, schema }]) => {
    // An empty variable is how many tools say "not set".
    const result = (schema as z.ZodType).safeParse(environment[variable]?.trim() || undefined);
    if (result.success) return [key, result.data] as const;
    // Never the value: it may be a secret.
    faults.push(`${variable} ${result.error.issues.map(({ message }) => message).join('; ')}`);
    return [key, undefined] as const;
  });
  return { parsed: Object.fromEntries(entries) as Parsed, faults };
}

function connectSlack({ slack_bot_token, slack_app_token, slack_signing_secret }: Parsed): SlackConnection {
  if (slack_bot_token === undefined) return { kind: 'none' };
  if (slack_app_token !== undefined) return { kind: 'socket', bot_token: slack_bot_token, app_token: slack_app_token };
  if (slack_signing_secret === undefined) return { kind: 'none' };
  return { kind: 'http', bot_token: slack_bot_token, signing_secret: slack_signing_secret };
}

/** No worker may get another tenant's tasks, also where both share a namespace and were given the same queue. */
function taskQueueOf({ temporal_task_queue, tenant }: Parsed): string {
  return tenant === TENANT_DEFAULT ? temporal_task_queue : `${temporal_task_queue}/${tenant}`;
}

/** Where this machine reaches the API, when nobody else does; `localhost` listens on 127.0.0.1 too. */
function ownUrl({ host, port }: Parsed): string {
  return `http://${authorityOf(host === 'localhost' ? '127.0.0.1' : host, port)}`;
}

function loginOf(url: string): string {
  const { username, host } = new URL(url);
  return `${username}@${host}`;
}

const URLS = ['database_url', 'database_owner_url', 'database_listen_url'] as const;

/** True for a URL that leaves it to the environment how it is secured. */
function lacksMode(url: string | undefined): boolean {
  if (url === undefined) return false;
  const { searchParams: query } = new URL(url);
  return !query.has('sslmode') && !query.has('ssl');
}

/** The mode of the environment alone. */
function modeOf({ tls_mode }: Parsed) {
  return { tls_mode, tls_root: undefined, tls_certificate: undefined, tls_key: undefined };
}

/** The database URLs with what PostgreSQL's own variables add, and what keeps them from being used. */
function readUrls(parsed: Parsed): { readonly urls: Pick<Parsed, (typeof URLS)[number]>; readonly faults: string[] } {
  const faults: string[] = [];
  // A mode that comes from elsewhere is judged once, by its own name, and then left out.
  const isWanted = URLS.some((key) => lacksMode(parsed[key]));
  const fault = isWanted && parsed.tls_mode !== undefined ? tlsFault(withTls('postgres://host', modeOf(parsed))) : null;
  if (fault !== null) faults.push(`${settings.tls_mode.variable} ${fault}`);
  const sound = fault === null ? parsed : { ...parsed, tls_mode: undefined };
  const entries = URLS.map((key) => {
    const url = parsed[key];
    if (url === undefined) return [key, undefined] as const;
    const full = withTls(url, sound);
    const fault = tlsFault(full);
    if (fault !== null) faults.push(`${settings[key].variable} ${fault}`);
    return [key, full] as const;
  });
  return { urls: Object.fromEntries(entries) as Pick<Parsed, (typeof URLS)[number]>, faults };
}

/** Combinations that would run, but not safely. */
function unsafeCombinations(parsed: Parsed): string[] {
  const { slack_bot_token, slack_app_token, slack_signing_secret, database_url, database_owner_url, host, public_url } =
    parsed;
  const hasListener = slack_app_token !== undefined || slack_signing_secret !== undefined;
  const faults: string[] = [];
  if (slack_bot_token !== undefined && !hasListener) {
    faults.push('SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP) beside it');
  }
  if (slack_bot_token === undefined && hasListener) {
    faults.push('SLACK_APP_TOKEN and SLACK_SIGNING_SECRET need SLACK_BOT_TOKEN beside them');
  }
  if (database_url === undefined && database_owner_url !== undefined) {
    faults.push('DATABASE_OWNER_URL needs DATABASE_URL beside it: the login that the application uses');
  }
  if (database_url === undefined && parsed.database_listen_url !== undefined) {
    faults.push('DATABASE_LISTEN_URL needs DATABASE_URL beside it: the login that the application uses');
  }
  if (
    database_url !== undefined &&
    database_owner_url !== undefined &&
    loginOf(database_url) === loginOf(database_owner_url)
  ) {
    faults.push(
      'DATABASE_URL and DATABASE_OWNER_URL must use different logins: the application may not own its tables',
    );
  }
  if (host !== undefined && !isLoopback(host) && public_url === undefined) {
    faults.push(
      'PLACET_PUBLIC_URL is needed when PLACET_HOST is not a loopback address: it is the issuer of credentials',
    );
  }
  return faults;
}

/** The environment of this process, for those who start programs in it; settings are read with readConfig. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Reads an environment; empty variables count as not set, and no fault ever repeats a value. */
export function readConfig(environment: NodeJS.ProcessEnv): ConfigResult {
  const { parsed, faults } = parseEach(environment);
  const { urls, faults: faultsOfUrls } = readUrls(parsed);
  const unsafe = [...faultsOfUrls, ...unsafeCombinations(parsed), ...unsafeTemporal(parsed)];
  const all = [...faults, ...unknownSettings(environment), ...unsafe];
  if (all.length > 0) return { kind: 'invalid', faults: all };
  const public_url = parsed.public_url ?? ownUrl(parsed);
  const temporal_task_queue = taskQueueOf(parsed);
  const slack = Object.freeze(connectSlack(parsed));
  return { kind: 'valid', config: Object.freeze({ ...parsed, ...urls, public_url, temporal_task_queue, slack }) };
}

/** The same for who cannot go on without one: throws all faults as one error, settings_invalid. */
export function requireConfig(environment: NodeJS.ProcessEnv): Config {
  const result = readConfig(environment);
  if (result.kind === 'valid') return result.config;
  throw settingsFault(result.faults);
}

/** All faults as one error, settings_invalid. */
export function settingsFault(faults: readonly string[]): Error {
  return Object.assign(new Error(describeFaults(faults)), { code: 'settings_invalid' });
}

/** Puts all faults of an environment into one message. */
export function describeFaults(faults: readonly string[]): string {
  return ['Placet cannot start with these settings:', ...faults.map((fault) => `  - ${fault}`)].join('\n');
}
