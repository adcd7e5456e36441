// `placet doctor` asks Slack little: the token once, the channel of those who run Placet, and never against a limit.

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, type PlaygroundClient, startPlayground } from '@placet/playground';
import { buildAdmin } from '../../src/process/admin.ts';
import { requireConfig } from '../../src/process/config.ts';
import { OPERATOR } from '../support/builders.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { goodSettings, KNOWN_PEOPLE, runDoctor } from './support.ts';

let database: TestDatabase;
let playground: Playground;
let slack: PlaygroundClient;
beforeAll(async () => {
  [database, playground] = await Promise.all([createTestDatabase(), startPlayground({})]);
  slack = createPlaygroundClient(playground.url);
  const admin = buildAdmin(() => requireConfig(goodSettings(database, playground)));
  await admin.applyPolicy({ document: KNOWN_PEOPLE, source: '', operator: OPERATOR });
});
beforeEach(async () => {
  await slack.clearFaults();
  await slack.clearCalls();
});
afterAll(() => Promise.all([database.drop(), playground.close()]));

const examine = (environment: NodeJS.ProcessEnv = {}) =>
  runDoctor({ ...goodSettings(database, playground), ...environment });

test('the token is asked for once, whatever is examined', async () => {
  const lines = await examine();
  expect(lines.get('Clock')?.detail).toMatch(/^\d s from Slack's$/);
  expect(await slack.calls({ method: 'auth.test' })).toHaveLength(1);
});

test('who is refused is told the time all the same', async () => {
  const lines = await examine({ SLACK_BOT_TOKEN: 'xoxb-of-somebody-else' });
  expect(lines.get('Clock')).toMatchObject({ ok: true, detail: expect.stringMatching(/^\d s from Slack's$/) });
  for (const name of ['Approver groups', 'People']) {
    expect(lines.get(name)).toMatchObject({ ok: true, detail: 'Slack can be asked once the token is good' });
  }
});

test.each([
  ['none is named', '', {}, true, 'PLACET_ADMIN_CHANNEL is not set'],
  ['the app is in it', 'C0PAYMENTS', {}, true, 'C0PAYMENTS takes messages'],
  ['it is unknown', 'C0NOWHERE', {}, false, 'C0NOWHERE: An API error occurred: channel_not_found'],
  ['it is archived', 'C0DBA', { is_archived: true }, false, 'C0DBA is archived'],
  ['another company reads it', 'C0DBA', { is_ext_shared: true }, false, 'C0DBA is shared with another company'],
  ['the app is not in it', 'C0OUTSIDE', { members: ['U0FINLEAD'] }, false, 'the app is not in C0OUTSIDE'],
] as const)('of the channel for those who run it: %s', async (_what, PLACET_ADMIN_CHANNEL, change, ok, detail) => {
  const { members = null, ...changes } = change as { members?: string[] };
  if (Object.keys(change).length > 0) {
    await slack.setChannel(PLACET_ADMIN_CHANNEL, members === null ? changes : { ...changes, members });
  }
  const line = (await examine({ PLACET_ADMIN_CHANNEL })).get('Admin channel');
  expect(line).toMatchObject({ ok, detail: expect.stringContaining(detail) });
  if (!ok) expect(line?.remedy).toContain('PLACET_ADMIN_CHANNEL');
  await slack.reset();
});

test.each([
  ['auth.test', 'Slack token'],
  ['auth.test', 'Approver groups'],
  ['apps.connections.open', 'Slack app token'],
  ['conversations.info', 'Approver groups'],
  ['conversations.info', 'Admin channel'],
  ['usergroups.users.list', 'Approver groups'],
  ['users.list', 'People'],
])('where Slack limits %s, %s is left out, and nothing is ill', async (method, name) => {
  await slack.faults({ kind: 'rate_limited', method, retry_after: 30 });
  const lines = await examine({ PLACET_ADMIN_CHANNEL: 'C0PAYMENTS' });
  expect(lines.get(name)).toMatchObject({ ok: true, detail: 'asked too often, try in a minute' });
  expect([...lines.values()].filter(({ ok }) => !ok)).toEqual([]);
});
