// The settings: what is refused, what follows from what, and the manual.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { describeFaults, readConfig, requireConfig } from '../../src/process/config.ts';
import { settings } from '../../src/process/settings.ts';
import { describeSettings } from '../../src/process/settings-manual.ts';

function faults(environment: Record<string, string>): readonly string[] {
  const result = readConfig(environment);
  return result.kind === 'invalid' ? result.faults : [];
}

const bot = { SLACK_BOT_TOKEN: 'xoxb-1-2-3' };
const secret = 'a-signing-secret-of-slack';

test('an empty environment is a valid start that listens on this machine only', () => {
  const config = requireConfig({});
  expect(config.host).toBe('127.0.0.1');
  expect(config.public_url).toBe('http://127.0.0.1:8420');
  expect(config.slack).toEqual({ kind: 'none' });
});

test('an empty variable counts as not set', () => {
  expect(requireConfig({ PLACET_PORT: '', SLACK_BOT_TOKEN: ' ' }).port).toBe(8420);
});

test('a misspelt setting is a fault; the variables that the README gives to agents are not', () => {
  expect(faults({ PLACET_PROT: '1' })).toEqual([expect.stringContaining('PLACET_PROT is not a setting')]);
  expect(faults({ PLACET_URL: 'http://127.0.0.1:8420', PLACET_AGENT_KEY: 'plk_x' })).toEqual([]);
});

test('a config cannot be changed', () => {
  const config = requireConfig({});
  expect(() => Object.assign(config, { host: '0.0.0.0' })).toThrow(TypeError);
});

test('one message names every fault at once', () => {
  const found = faults({ PLACET_PORT: 'http', DATABASE_URL: 'mysql://x', PLACET_PROT: '1', SLACK_APP_ID: 'nope' });
  expect(found).toHaveLength(4);
  const message = describeFaults(found);
  for (const name of ['PLACET_PORT', 'DATABASE_URL', 'PLACET_PROT', 'SLACK_APP_ID']) expect(message).toContain(name);
});

test('a fault never repeats the value, which may be a secret', () => {
  const canary = 'canary-5f2d';
  const everySetting = Object.fromEntries(
    Object.values(settings).map(({ variable }) => [variable, `${canary} ${canary}`]),
  );
  expect(describeFaults(faults(everySetting))).not.toContain(canary);
});

describe('a number that is not taken says from where to where it may go', () => {
  const bounds = {
    PLACET_RATE_LIMIT_PER_MINUTE: ['1', '1000000', 'from 1 to 1,000,000'],
    DATABASE_CONNECTIONS_MAX: ['2', '500', 'from 2 to 500'],
    PLACET_PORT: ['0', '65535', 'from 0 to 65,535'],
    PLACET_UNDELIVERABLE_AFTER_SECONDS: ['1', '86400', 'from 1 to 86,400'],
    PLACET_METRICS_PORT: ['0', '65535', 'from 0 to 65,535'],
    SLACK_PORT: ['0', '65535', 'from 0 to 65,535'],
  } as const;
  const numbers = Object.entries(bounds);

  test('every setting that is a number is among these', () => {
    const all = Object.values(settings).filter(({ type }) => type === 'number' || type === 'port');
    expect(numbers.map(([name]) => name).sort()).toEqual(all.map(({ variable }) => variable).sort());
  });

  test.each(numbers)('%s takes both bounds', (name, [min, max]) => {
    for (const value of [min, max, `0${max}`]) expect([value, faults({ [name]: value })]).toEqual([value, []]);
  });

  test.each(numbers)('%s refuses what lies beyond, and what is no whole number', (name, [min, max, range]) => {
    const beyond = [String(Number(max) + 1), String(Number(min) - 1), '999999999', '1e300', '99999999999999999999'];
    const others = ['-1', '1.5', '1e3', '0x10', '1,000', '1_000', 'many', 'NaN', 'Infinity', '٣', '10 000'];
    for (const value of [...beyond, ...others]) {
      expect([value, faults({ [name]: value })]).toEqual([
        value,
        [`${name} must be a whole number ${range}, in digits`],
      ]);
    }
  });
});

describe('unsafe combinations are refused', () => {
  test.each([
    ['a bot token without a way to hear Slack', bot, 'SLACK_BOT_TOKEN needs'],
    ['a signing secret without a bot token', { SLACK_SIGNING_SECRET: secret }, 'need SLACK_BOT_TOKEN'],
    ['an issuer without TLS', { PLACET_PUBLIC_URL: 'http://placet.example' }, 'must be https'],
    ['an issuer with a query', { PLACET_PUBLIC_URL: 'https://placet.example/a?b' }, 'no query'],
    ['a Slack API without TLS', { SLACK_API_URL: 'http://slack.example/api/' }, 'must be https'],
    ['a public address without an issuer', { PLACET_HOST: '0.0.0.0' }, 'PLACET_PUBLIC_URL is needed'],
    ['an owner without the application', { DATABASE_OWNER_URL: 'postgres://a:1@db/x' }, 'needs DATABASE_URL'],
    [
      'one login for the application and its owner',
      { DATABASE_URL: 'postgres://a:1@db/x', DATABASE_OWNER_URL: 'postgres://a:1@db/x' },
      'different logins',
    ],
    ['a master key that is too short', { PLACET_MASTER_KEY: 'c2hvcnQ' }, '32 random bytes'],
    ['a master key that is a placeholder', { PLACET_MASTER_KEY: 'A'.repeat(43) }, '32 random bytes'],
    ['a master key in words', { PLACET_MASTER_KEY: 'changeme changeme changeme changeme changem' }, '32 random bytes'],
  ])('%s', (_title, environment, text) => {
    expect(faults(environment).join('\n')).toContain(text);
  });
});

test('Slack is heard over Socket Mode with an app token and over signed HTTP with a signing secret', () => {
  expect(requireConfig({ ...bot, SLACK_APP_TOKEN: 'xapp-1' }).slack.kind).toBe('socket');
  expect(requireConfig({ ...bot, SLACK_SIGNING_SECRET: secret }).slack.kind).toBe('http');
  expect(requireConfig({ ...bot, SLACK_APP_TOKEN: 'xapp-1', SLACK_SIGNING_SECRET: secret }).slack.kind).toBe('socket');
});

test('no two tenants have one task queue, whatever it is set to, and that of the default one has the name that was set', () => {
  const queueOf = (environment: NodeJS.ProcessEnv) => requireConfig(environment).temporal_task_queue;
  expect(queueOf({})).toBe('placet');
  expect(queueOf({ PLACET_TENANT: 'acme' })).toBe('placet/acme');
  expect(queueOf({ TEMPORAL_TASK_QUEUE: 'other' })).toBe('other');
  expect(queueOf({ TEMPORAL_TASK_QUEUE: 'other', PLACET_TENANT: 'acme' })).toBe('other/acme');
});

test('team ids are a list', () => {
  expect(requireConfig({ SLACK_TEAM_IDS: 'T0ACME, T0OTHER' }).slack_team_ids).toEqual(['T0ACME', 'T0OTHER']);
});

test('a master key of 32 bytes is taken in base64 and base64url', () => {
  // In base64 with a plus and a slash.
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => (at < 16 ? 251 : at)));
  for (const encoding of ['base64', 'base64url'] as const) {
    expect(requireConfig({ PLACET_MASTER_KEY: bytes.toString(encoding) }).master_key).toEqual(new Uint8Array(bytes));
  }
});

test('docs/configuration.md is what the settings say', () => {
  expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(describeSettings());
});

test.each(['prefer', 'allow', 'on', 'VERIFY-FULL', '"require"', 'true'])(
  'a PGSSLMODE of %s is told once, by its own name, and only where a URL leaves the mode to it',
  (PGSSLMODE) => {
    const base = 'postgres://app:secret@db.example.com/placet';
    const owner = 'postgres://owner:secret@db.example.com/placet';
    const urls = { DATABASE_URL: base, DATABASE_OWNER_URL: owner, DATABASE_LISTEN_URL: base };
    const result = readConfig({ ...urls, PGSSLMODE });
    expect(result).toEqual({
      kind: 'invalid',
      faults: [expect.stringMatching(/^PGSSLMODE (must not have|has an) sslmode/)],
    });
    const own = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, `${url}?sslmode=require`]));
    expect(readConfig({ ...own, PGSSLMODE }).kind).toBe('valid');
  },
);
