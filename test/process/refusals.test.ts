// A process that cannot serve says once why and which setting to look at, and ends: the built program, real servers.
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Playground, startPlayground } from '@placet/playground';
import { freePort } from '../../dev/ports.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import { databaseFault } from '../../src/process/faults.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { runProgram } from '../support/processes.ts';
import { CLOSED_POSTGRES_URL } from '../support/stack.ts';
import { goodSettings } from './support.ts';

let database: TestDatabase;
let empty: Awaited<ReturnType<typeof createEmptyDatabase>>;
let playground: Playground;
let taken: Server;
let takenPort: number;

beforeAll(async () => {
  [database, empty, playground] = await Promise.all([createTestDatabase(), createEmptyDatabase(), startPlayground({})]);
  takenPort = await freePort();
  taken = createServer().listen(takenPort, '127.0.0.1');
});

afterAll(async () => {
  taken.close();
  await Promise.all([database.drop(), empty.drop(), playground.close()]);
});

const changed = (url: string, change: Partial<URL>): string => Object.assign(new URL(url), change).href;

const serve = (role: string, environment: NodeJS.ProcessEnv) =>
  runProgram(['serve', '--role', role], { ...goodSettings(database, playground), ...environment });

type Case = readonly [what: string, role: string, settings: () => NodeJS.ProcessEnv, remedy: string];

const http = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'a-signing-secret-of-tests' };

const cases: readonly Case[] = [
  ['no PostgreSQL', 'api', () => ({ DATABASE_URL: CLOSED_POSTGRES_URL }), 'the host and port in DATABASE_URL'],
  ['no PostgreSQL', 'worker', () => ({ DATABASE_URL: CLOSED_POSTGRES_URL }), 'the host and port in DATABASE_URL'],
  ['no PostgreSQL', 'slack', () => ({ DATABASE_URL: CLOSED_POSTGRES_URL }), 'the host and port in DATABASE_URL'],
  [
    'a wrong password',
    'api',
    () => ({ DATABASE_URL: changed(database.app_url, { password: 'wrong' }) }),
    'correct the login and the password in DATABASE_URL',
  ],
  [
    'a database that is not there',
    'api',
    () => ({ DATABASE_URL: changed(database.app_url, { pathname: '/nowhere' }) }),
    'correct its name in DATABASE_URL',
  ],
  ['a database of others', 'api', () => ({ DATABASE_URL: empty.app_url }), 'run placet migrate'],
  [
    'the login of the owner',
    'api',
    () => ({ DATABASE_URL: database.owner_url }),
    'remedy: use the login that placet migrate made',
  ],
  ['no Temporal', 'worker', () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }), 'correct TEMPORAL_ADDRESS'],
  ['a strange namespace', 'worker', () => ({ TEMPORAL_NAMESPACE: 'nowhere' }), 'correct TEMPORAL_NAMESPACE'],
  ['a wrong bot token', 'slack', () => ({ SLACK_BOT_TOKEN: 'xoxb-1' }), 'into SLACK_BOT_TOKEN'],
  ['a wrong app-level token', 'slack', () => ({ SLACK_APP_TOKEN: 'xapp-1' }), 'into SLACK_APP_TOKEN'],
  ['no Slack', 'slack', () => ({ SLACK_API_URL: 'http://127.0.0.1:1' }), 'SLACK_API_URL'],
  ['a taken PLACET_PORT', 'api', () => ({ PLACET_PORT: String(takenPort) }), 'set PLACET_PORT'],
  ['a taken SLACK_PORT', 'slack', () => ({ ...http, SLACK_PORT: String(takenPort) }), 'set SLACK_PORT'],
  ['a probe for all', 'all', () => ({ PLACET_METRICS_PORT: String(takenPort) }), 'start each role by itself'],
  ['a taken probe', 'worker', () => ({ PLACET_METRICS_PORT: String(takenPort) }), 'set PLACET_METRICS_PORT'],
];

test.each(cases)('%s: %s ends with 1 and one message for people', async (_what, role, settings, remedy) => {
  const { code, err: text } = await serve(role, settings());
  expect(text.split(remedy)).toHaveLength(2);
  expect(text).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
});

test.each([
  ['53100', 'could not extend file: No space left on device', 'free space'],
  ['53300', 'sorry, too many clients already', 'max_connections'],
])('a PostgreSQL that is at its limits (%s) is not called wrong or stopped', (code, reason, remedy) => {
  const fault = databaseFault(Object.assign(new Error(reason), { code }), 'DATABASE_URL');
  expect(fault).toMatchObject({ details: { reason, remedy: expect.stringContaining(remedy) } });
});

test('a fault of the database that says its remedy already keeps it', () => {
  const text = new PlacetError('unavailable', { dependency: 'database', remedy: 'set DATABASE_URL' });
  expect(databaseFault(text, 'DATABASE_URL')).toBe(text);
});

test('a script says the reason and the remedy of a fault too', async () => {
  const scripts = await import('../../scripts/fault.mjs' as string);
  const fault = databaseFault(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'DATABASE_URL');
  expect(scripts.describeFault(fault, '/elsewhere')).toBe(
    'database: refused\n  remedy: start PostgreSQL, or correct the host and port in DATABASE_URL',
  );
});
