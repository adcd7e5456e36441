// Every setting: its variable, how it is read, what the manual says about it. The combinations are judged in config.ts.

import { z } from 'zod';
import { UNDELIVERABLE_AFTER_SECONDS_DEFAULT } from '../domain/request/undeliverable.ts';
import { databaseSettings } from './database-settings.ts';
import { isHost, isLoopback, withoutBrackets } from './host.ts';
import { setting } from './setting.ts';
import { temporalSettings } from './temporal-settings.ts';

const PORT_MAX = 65_535;
const MASTER_KEY_BYTES = 32;
/** 32 random bytes are nearly all different; a placeholder such as a row of zeros holds one. */
const DIFFERENT_BYTES_MIN = 8;
const LIST_ITEMS_MAX = 100;
/** Whose processes they are that name no tenant. */
export const TENANT_DEFAULT = 'default';

function isPlainHttpAllowed({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname);
}

const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must look like postgres://login:password@host:5432/database',
});
/** A Service of Kubernetes that is called like our prefix writes its own address into our variable. */
const KUBERNETES = 'was set by Kubernetes for a Service of that name: set enableServiceLinks: false for the pod';

/** In digits: Number() also takes "1e3", "0x10" and the empty text. Whatever is wrong, the bounds are said. */
function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max.toLocaleString('en')}, in digits`;
  return z
    .string()
    .regex(/^(?!\w+:\/\/)/, { error: KUBERNETES, abort: true })
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.number().min(min, error).max(max, error));
}

const port = wholeNumber(0, PORT_MAX);
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL', abort: true })
  .refine((url) => isPlainHttpAllowed(new URL(url)), 'must be https, except for localhost');

/** One spelling only: issuers are compared letter by letter. */
function isBase(url: string): boolean {
  const { origin, pathname, href } = new URL(url);
  return href.replace(/\/$/, '') === url && `${origin}${pathname.replace(/\/$/, '')}` === url;
}

/** What stands between commas. */
function listOf(item: z.ZodString, count_max: number) {
  const parts = (text: string) => text.split(',').flatMap((part) => part.trim() || []);
  return z.string().transform(parts).pipe(z.array(item).max(count_max));
}

function prefixed(prefix: string) {
  return z.string().startsWith(prefix, `must start with ${prefix}`);
}

function decodeMasterKey(text: string, context: z.RefinementCtx): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64url'));
  const isWhole = bytes.length === MASTER_KEY_BYTES && /^[A-Za-z0-9+/_-]+=*$/.test(text);
  if (isWhole && new Set(bytes).size >= DIFFERENT_BYTES_MIN) return bytes;
  context.addIssue('must be 32 random bytes in base64url (make one: openssl rand -base64 32)');
  return z.NEVER;
}

const ANCHOR = /^(file:\/\/\/.|postgres(ql)?:\/\/.|slack:[CG][A-Z0-9]+$)/;

/** Every setting there is, in the order of the manual. */
export const settings = {
  database_url: setting(
    'DATABASE_URL',
    postgresUrl.optional(),
    'The application login of PostgreSQL, 15 or later: never an owner, never a superuser.',
    { type: 'URL', is_secret: true },
  ),
  database_owner_url: setting(
    'DATABASE_OWNER_URL',
    postgresUrl.optional(),
    'The login that `placet migrate` uses to create the schema. Only needed there.',
    { type: 'URL', is_secret: true },
  ),
  database_connections_max: setting(
    'DATABASE_CONNECTIONS_MAX',
    wholeNumber(2, 500).default(10),
    'How many connections one process opens at most.',
    { type: 'number', fallback: '10' },
  ),
  database_listen_url: setting(
    'DATABASE_LISTEN_URL',
    postgresUrl.optional(),
    'The same database and login without a pooler in between, for notifications. Needed behind one that pools transactions.',
    { type: 'URL', is_secret: true },
  ),
  ...databaseSettings,
  ...temporalSettings,
  slack_bot_token: setting(
    'SLACK_BOT_TOKEN',
    prefixed('xoxb-').optional(),
    'The bot token of the Slack app. Without it, `npm start` opens the playground.',
    { type: 'text', is_secret: true },
  ),
  slack_app_token: setting(
    'SLACK_APP_TOKEN',
    prefixed('xapp-').optional(),
    'The app-level token with `connections:write`: Slack is heard over Socket Mode.',
    { type: 'text', is_secret: true },
  ),
  slack_signing_secret: setting(
    'SLACK_SIGNING_SECRET',
    z.string().min(16, 'must have at least 16 characters').optional(),
    'The signing secret: Slack is heard over signed HTTP on SLACK_PORT. Not used when SLACK_APP_TOKEN is set.',
    { type: 'text', is_secret: true },
  ),
  slack_api_url: setting(
    'SLACK_API_URL',
    httpUrl.transform((url) => (url.endsWith('/') ? url : `${url}/`)).default('https://slack.com/api/'),
    'Where the Slack Web API and Socket Mode are reached.',
    { type: 'URL', fallback: 'https://slack.com/api/' },
  ),
  slack_port: setting('SLACK_PORT', port.default(3000), 'The port for signed HTTP from Slack; 0 takes a free one.', {
    type: 'port',
    fallback: '3000',
  }),
  slack_team_ids: setting(
    'SLACK_TEAM_IDS',
    listOf(
      z.string().regex(/^[TE][A-Z0-9]+$/, 'must be team ids such as T0ACME, separated by commas'),
      LIST_ITEMS_MAX,
    ).optional(),
    'The Slack teams whose people may click. Without it: the team that the bot belongs to.',
    { type: 'list of team ids' },
  ),
  slack_app_id: setting(
    'SLACK_APP_ID',
    z
      .string()
      .regex(/^A[A-Z0-9]+$/, 'must be an app id such as A0PLACET')
      .optional(),
    'The id of the Slack app; events of another app are then refused.',
    { type: 'text' },
  ),
  admin_channel: setting(
    'PLACET_ADMIN_CHANNEL',
    z
      .string()
      .regex(/^[CG][A-Z0-9]+$/, 'must be a channel id such as C0ADMINS')
      .optional(),
    'The Slack channel where it is told, once for each request, that people cannot be asked. The app must be in it.',
    { type: 'channel id' },
  ),
  log_anchors: setting(
    'PLACET_LOG_ANCHORS',
    listOf(z.string().regex(ANCHOR, 'must list file:///folder, postgres:// or slack:C0CHANNEL'), 5)
      .optional()
      .transform((urls) => urls ?? []),
    'Where checkpoints of the audit log stand outside of the database: folders (file:///mnt/other/placet), other PostgreSQLs and ' +
      'Slack channels of their own (slack:C0AUDIT), with commas. The first is read back before each signature; without one no checkpoint is signed.',
    { type: 'URLs', is_secret: true },
  ),
  admin_token: setting(
    'PLACET_ADMIN_TOKEN',
    prefixed('plt_').optional(),
    'The admin token with which `placet group set` and `delete` change the policy over the API. Only needed there.',
    { type: 'token', is_secret: true },
  ),
  undeliverable_after_seconds: setting(
    'PLACET_UNDELIVERABLE_AFTER_SECONDS',
    wholeNumber(1, 86_400).default(UNDELIVERABLE_AFTER_SECONDS_DEFAULT),
    'After how long without a card the owner of the agent, the admins and the agent are told that people cannot be asked.',
    { type: 'number', fallback: String(UNDELIVERABLE_AFTER_SECONDS_DEFAULT) },
  ),
  tenant: setting(
    'PLACET_TENANT',
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens')
      .default(TENANT_DEFAULT),
    'The tenant that these processes serve. What belongs to another one is not touched: it has processes of its own.',
    { type: 'text', fallback: TENANT_DEFAULT },
  ),
  host: setting(
    'PLACET_HOST',
    z
      .string()
      .max(255)
      .transform((text) => withoutBrackets(text).toLowerCase())
      .refine(isHost, 'must be an address or a name, without a port: 127.0.0.1, ::1, 0.0.0.0, or :: for both kinds')
      .default('127.0.0.1'),
    'The address that the servers listen on. `::` is every address of IPv6 and IPv4, `localhost` both of this machine.',
    { type: 'address', fallback: '127.0.0.1' },
  ),
  port: setting(
    'PLACET_PORT',
    port.default(8420),
    'The port of the API; 0 takes a free one. Unset, `npm start` takes its last one, or any when 8420 is taken.',
    {
      type: 'port',
      fallback: '8420',
    },
  ),
  public_url: setting(
    'PLACET_PUBLIC_URL',
    httpUrl
      .transform((url) => url.replace(/\/$/, ''))
      .refine(isBase, 'must have no query, fragment or login, and be written as browsers write it')
      .optional(),
    'The URL under which agents and tools reach the API, with its path behind a proxy. It is the issuer in every credential.',
    { type: 'URL', fallback: '`http://127.0.0.1:PLACET_PORT`; an address of IPv6 as it is' },
  ),
  master_key: setting(
    'PLACET_MASTER_KEY',
    z.string().transform(decodeMasterKey).optional(),
    'Seals at rest: keys that sign, salts of masks, secrets of sources. `npm start` keeps one under `.placet/`.',
    { type: '32 bytes, base64url', is_secret: true },
  ),
  private_hosts: setting(
    'PLACET_PRIVATE_HOSTS',
    listOf(
      z.string().regex(/^[a-z0-9.:[\]-]{1,260}$/, 'must be hosts in lower case, separated by commas'),
      LIST_ITEMS_MAX,
    ).optional(),
    'Hosts that the policy may name as the source of a group although their addresses are private. Others are not asked.',
    { type: 'list', fallback: 'none' },
  ),
  cache: setting('PLACET_CACHE', z.string().optional(), 'Where the Temporal server for development is kept.', {
    type: 'folder',
    fallback: "`placet` in the user's cache directory",
  }),
  log_level: setting(
    'PLACET_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'The least level that is logged.',
    { type: 'trace, debug, info, warn, error, fatal or silent', fallback: 'info' },
  ),
  rate_limit_per_minute: setting(
    'PLACET_RATE_LIMIT_PER_MINUTE',
    wholeNumber(1, 1_000_000).default(600),
    'How many requests one agent may make in a minute, per API process.',
    { type: 'number', fallback: '600' },
  ),
  metrics_port: setting(
    'PLACET_METRICS_PORT',
    port.optional(),
    'A port for `/livez`, `/readyz` and `/metrics` of the slack and worker roles. The API serves its own.',
    { type: 'port' },
  ),
} as const;
