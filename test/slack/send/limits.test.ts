// Look-ups by e-mail while Slack limits them: one refused call, whoever asks, until the time that it named.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, startPlayground } from '@placet/playground';
import { withinLimits } from '../../../src/slack/send/limits.ts';
import { createMessenger } from '../../../src/slack/send/messenger.ts';
import { runScript } from '../../support/processes.ts';

let playground: Playground;
beforeAll(async () => {
  playground = await startPlayground({});
});
afterAll(() => playground.close());

test('thirty look-ups at a limit cost one call, each is told how long to wait, and other methods are not held up', async () => {
  const slack = createPlaygroundClient(playground.url);
  const messenger = createMessenger({ token: playground.botToken, api_url: playground.apiUrl });
  await slack.faults({ kind: 'rate_limited', method: 'users.lookupByEmail', retry_after: 30, count: 1 });
  for (let at = 0; at < 30; at += 1) {
    const refused = await messenger.findByEmail(`${at}@example.com`).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ratelimited', retry_after_ms: expect.any(Number) });
  }
  expect(await slack.calls({ method: 'users.lookupByEmail' })).toHaveLength(1);
  expect(await messenger.teamId()).toBe('T0ACME');
});

/** Twenty look-ups of each kind, one after the other, by a client of a process of its own; its last words are their answers. */
const LOOK_UPS = `
import { createSlackClient } from './dist/src/slack/send/web-api.js';
const client = createSlackClient({ token: process.env.TOKEN, api_url: process.env.URL });
const asks = [
  () => client.users.info({ user: 'U0FINLEAD' }),
  () => client.usergroups.users.list({ usergroup: 'S0DBA' }),
  () => client.conversations.history({ channel: 'C0PAYMENTS' }),
  () => client.conversations.open({ users: 'U0FINLEAD' }),
  () => client.chat.getPermalink({ channel: 'C0PAYMENTS', message_ts: '1.000001' }),
];
for (const ask of asks) {
  for (let at = 0; at < 20; at += 1) {
    const waits = await ask().then(() => 'answered', ({ retryAfter }) => retryAfter > 20);
    if (waits !== true) console.log('not limited: ' + waits);
  }
}
console.log('done');
`;

test('two processes at a limit learn of it by one refused call of a method each, and each look-up is told how long to wait', async () => {
  const slack = createPlaygroundClient(playground.url);
  await slack.reset();
  await slack.faults({ kind: 'rate_limited', method: '*', retry_after: 30 });
  const env = { ...process.env, TOKEN: playground.botToken, URL: playground.apiUrl };
  const both = [runScript(LOOK_UPS, env), runScript(LOOK_UPS, env)];
  expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(both.map(({ output }) => output())).toEqual(['done\n', 'done\n']);
  const methods = (await slack.calls()).map(({ method }) => method).sort();
  const each = [
    'chat.getPermalink',
    'conversations.history',
    'conversations.open',
    'usergroups.users.list',
    'users.info',
  ];
  expect(methods).toEqual(each.flatMap((method) => [method, method]));
});

test.each([
  ['a second', 1],
  ['half a minute', 30],
  ['an hour', 3_600],
])('after %s it is called again', async (_what, seconds) => {
  let now = 0;
  let calls = 0;
  const send = withinLimits(
    async () => {
      calls += 1;
      return new Response(
        null,
        calls === 1 ? { status: 429, headers: { 'retry-after': `${seconds}` } } : { status: 200 },
      );
    },
    () => now,
  );
  const ask = async () => (await send('https://slack.com/api/users.lookupByEmail')).status;
  expect([await ask(), await ask()]).toEqual([429, 429]);
  now = seconds * 1_000 - 1;
  const last = await send('https://slack.com/api/users.lookupByEmail');
  expect([last.status, last.headers.get('retry-after'), calls]).toEqual([429, '1', 1]);
  now += 1;
  expect([await ask(), calls]).toEqual([200, 2]);
});

test('a hundred look-ups that wait for the end of a limit cost one refused call at each window, and all get through', async () => {
  const [window_ms, per_window] = [60_000, 20];
  let now = 0;
  const [taken, calls] = [new Map<number, number>(), { refused: 0, all: 0 }];
  const send = withinLimits(
    async () => {
      const window = Math.floor(now / window_ms);
      const count = (taken.get(window) ?? 0) + 1;
      taken.set(window, count);
      calls.all += 1;
      if (count <= per_window) return new Response(null, { status: 200 });
      calls.refused += 1;
      return new Response(null, { status: 429, headers: { 'retry-after': '60' } });
    },
    () => now,
  );
  const ask = async () => (await send(`https://slack.com/api/users.lookupByEmail`)).status;
  // The first ones find no limit, and go at once.
  let left = 100 - (await Promise.all(Array.from({ length: 30 }, ask))).filter((status) => status === 200).length;
  expect([left, calls]).toEqual([80, { refused: 10, all: 30 }]);
  while (left > 0) {
    now += window_ms;
    left -= (await Promise.all(Array.from({ length: left }, ask))).filter((status) => status === 200).length;
  }
  expect(calls).toEqual({ refused: 10 + 3, all: 100 + 10 + 3 });
});
