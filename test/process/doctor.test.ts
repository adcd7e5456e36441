// `placet doctor` of the built program on real servers: all is well where the product can serve, and each fault is told
// with what mends it.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import { OPERATOR } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { runProgram } from '../support/processes.ts';
import { CLOSED_POSTGRES_URL } from '../support/stack.ts';
import { goodSettings, KNOWN_PEOPLE, runDoctor } from './support.ts';

let database: TestDatabase;
let playground: Playground;

beforeAll(async () => {
  [database, playground] = await Promise.all([createTestDatabase(), startPlayground({})]);
  await buildAdmin(() => requireConfig(goodSettings(database, playground))).applyPolicy({
    document: KNOWN_PEOPLE,
    source: JSON.stringify(KNOWN_PEOPLE),
    operator: OPERATOR,
  });
});
afterAll(() => Promise.all([database.drop(), playground.close()]));

const examine = (environment: NodeJS.ProcessEnv = {}) =>
  runDoctor({ ...goodSettings(database, playground), ...environment });

test('all is well where the product can serve', async () => {
  const lines = await examine();
  expect([...lines.values()].filter(({ ok }) => !ok)).toEqual([]);
  expect([...lines.keys()]).toEqual([
    'Node',
    'Disk',
    'Master key',
    'PostgreSQL',
    'Database role',
    'Notifications',
    'Temporal',
    'Slack token',
    'Slack app token',
    'Clock',
    'Approver groups',
    'Admin channel',
    'People',
  ]);
  expect(lines.get('Approver groups')?.detail).toBe('2 groups, each channel and user group is there');
});

test.each([
  ['Slack token', { SLACK_BOT_TOKEN: 'xoxb-of-somebody-else' }, 'into SLACK_BOT_TOKEN'],
  ['Slack app token', { SLACK_APP_TOKEN: 'xapp-of-somebody-else' }, 'into SLACK_APP_TOKEN'],
  ['Temporal', { TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'TEMPORAL_ADDRESS'],
  ['PostgreSQL', { DATABASE_URL: CLOSED_POSTGRES_URL }, 'the host and port in DATABASE_URL'],
] as const)('a setting that cannot work is told by name: %s', async (name, environment, remedy) => {
  const line = (await examine(environment)).get(name);
  expect(line).toMatchObject({ ok: false, remedy: expect.stringContaining(remedy) });
});

test('signed HTTP needs no app-level token, and none is asked for', async () => {
  const lines = await examine({ SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'a-signing-secret-of-tests' });
  expect([...lines.values()].filter(({ ok }) => !ok)).toEqual([]);
  expect(lines.has('Slack app token')).toBe(false);
});

test('a channel that the app is not in is told with its group', async () => {
  const slack = createPlaygroundClient(playground.url);
  await slack.setChannel('C0PAYMENTS', { members: ['U0FINLEAD'] });
  const line = (await examine()).get('Approver groups');
  expect(line).toMatchObject({ ok: false, detail: 'payments: the app is not in C0PAYMENTS' });
  expect(line?.remedy).toContain('/invite');
});

test('a reader that has seen enough, such as head, ends a command quietly', async () => {
  expect(await runProgram(['--help'], {}, false)).toEqual({ code: 0, out: '', err: '' });
});

test('a schema that a later version made is told by name', async () => {
  await database.asSuperuser("insert into placet_migrations.applied (name, run_on) values ('9999_later', now())");
  expect((await examine()).get('PostgreSQL')).toMatchObject({
    ok: false,
    detail: 'schema has 9999_later too',
    remedy: 'use the version of Placet that migrated this database',
  });
  await database.asSuperuser("delete from placet_migrations.applied where name = '9999_later'");
});

test('triggers that were switched off and on again are told: the record is to be read once', async () => {
  for (const how of ['disable', 'enable always'])
    await database.asSuperuser(`alter table placet.decisions ${how} trigger watch_decision`);
  expect((await examine()).get('PostgreSQL')).toMatchObject({
    ok: false,
    detail: 'triggers were switched off or replaced since the record was last read as a whole',
    remedy: 'run placet migrate with DATABASE_OWNER_URL set',
  });
  await database.asSuperuser('call placet.watch_all()');
  expect((await examine()).get('PostgreSQL')).toMatchObject({ ok: true });
});
