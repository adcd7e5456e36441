// Turns an environment into one frozen Config, parsed once. It opens nothing and prints nothing: the caller shows the
// faults.
import type { z } from 'zod';
import { isLoopback, settings, TENANT_DEFAULT } from './settings.ts';

type Settings = typeof settings;
type Parsed = { readonly [Key in keyof Settings]: z.output<Settings[Key]['schema']> };

/** How Slack is heard, when it is. */
export type SlackConnection =
  | { readonly kind: 'none' }
  | { readonly kind: 'socket'; readonly botToken: string; readonly appToken: string }
  | { readonly kind: 'http'; readonly botToken: string; readonly signingSecret: string };

/** The settings of one process, with what follows from them. */
export interface Config extends Omit<Parsed, 'publicUrl'> {
  readonly publicUrl: string;
  readonly slack: SlackConnection;
}

/** A Config, or every fault of the environment in plain words. */
export type ConfigResult =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

/** Variables that belong to the tests and are no settings. */
const TEST_PREFIX = 'PLACET_TEST_';
/** Variables that README and examples give to agents: in the same shell they are no fault of ours. */
const OF_AGENTS: ReadonlySet<string> = new Set(['PLACET_URL', 'PLACET_AGENT_KEY']);

function unknownSettings(environment: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>(Object.values(settings).map(({ variable }) => variable));
  return Object.keys(environment)
    .filter((name) => name.startsWith('PLACET_') && !name.startsWith(TEST_PREFIX))
    .filter((name) => !known.has(name) && !OF_AGENTS.has(name))
    .map((name) => `${name} is not a setting; docs/configuration.md lists them all`);
}

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

function connectSlack({ slackBotToken, slackAppToken, slackSigningSecret }: Parsed): SlackConnection {
  if (slackBotToken === undefined) return { kind: 'none' };
  if (slackAppToken !== undefined) return { kind: 'socket', botToken: slackBotToken, appToken: slackAppToken };
  if (slackSigningSecret === undefined) return { kind: 'none' };
  return { kind: 'http', botToken: slackBotToken, signingSecret: slackSigningSecret };
}

/** No worker may get another tenant's tasks, also where both share a namespace and were given the same queue. */
function taskQueueOf({ temporalTaskQueue, tenant }: Parsed): string {
  return tenant === TENANT_DEFAULT ? temporalTaskQueue : `${temporalTaskQueue}/${tenant}`;
}

const loginOf = (url: string): string => `${new URL(url).username}@${new URL(url).host}`;

/** Combinations that would run, but not safely. */
function unsafeCombinations(parsed: Parsed): string[] {
  const { slackBotToken, slackAppToken, slackSigningSecret, databaseUrl, databaseOwnerUrl, host, publicUrl } = parsed;
  const hasListener = slackAppToken !== undefined || slackSigningSecret !== undefined;
  const faults: string[] = [];
  if (slackBotToken !== undefined && !hasListener) {
    faults.push('SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP) beside it');
  }
  if (slackBotToken === undefined && hasListener) {
    faults.push('SLACK_APP_TOKEN and SLACK_SIGNING_SECRET need SLACK_BOT_TOKEN beside them');
  }
  if (databaseUrl === undefined && databaseOwnerUrl !== undefined) {
    faults.push('DATABASE_OWNER_URL needs DATABASE_URL beside it: the login that the application uses');
  }
  if (
    databaseUrl !== undefined &&
    databaseOwnerUrl !== undefined &&
    loginOf(databaseUrl) === loginOf(databaseOwnerUrl)
  ) {
    faults.push(
      'DATABASE_URL and DATABASE_OWNER_URL must use different logins: the application may not own its tables',
    );
  }
  if (host !== undefined && !isLoopback(host) && publicUrl === undefined) {
    faults.push(
      'PLACET_PUBLIC_URL is needed when PLACET_HOST is not a loopback address: it is the issuer of credentials',
    );
  }
  return faults;
}

/** The environment of this process, for those who start programs in it; settings are read with readConfig. */
export const processEnvironment = (): NodeJS.ProcessEnv => process.env;

/** Reads an environment; empty variables count as not set, and no fault ever repeats a value. */
export function readConfig(environment: NodeJS.ProcessEnv): ConfigResult {
  const { parsed, faults } = parseEach(environment);
  const all = [...faults, ...unknownSettings(environment), ...unsafeCombinations(parsed)];
  if (all.length > 0) return { kind: 'invalid', faults: all };
  const publicUrl = parsed.publicUrl ?? `http://127.0.0.1:${parsed.port}`;
  const temporalTaskQueue = taskQueueOf(parsed);
  const slack = Object.freeze(connectSlack(parsed));
  return { kind: 'valid', config: Object.freeze({ ...parsed, publicUrl, temporalTaskQueue, slack }) };
}

/** The same for who cannot go on without one: throws all faults as one error, settings_invalid. */
export function requireConfig(environment: NodeJS.ProcessEnv): Config {
  const result = readConfig(environment);
  if (result.kind === 'valid') return result.config;
  throw Object.assign(new Error(describeFaults(result.faults)), { code: 'settings_invalid' });
}

/** Puts all faults of an environment into one message. */
export const describeFaults = (faults: readonly string[]): string =>
  ['Placet cannot start with these settings:', ...faults.map((fault) => `  - ${fault}`)].join('\n');
