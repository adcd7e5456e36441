// The anchor that is a Slack channel: what the app posted there is read back to the byte, once for each size that it follows.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Playground, type PlaygroundClient, startPlayground } from '@placet/playground';
import type { Anchor } from '../../src/audit/anchor.ts';
import { openAnchors } from '../../src/process/anchors.ts';
import { requireConfig } from '../../src/process/config.ts';
import { createSlackClient } from '../../src/slack/send/web-api.ts';
import { forgeLog, ORIGIN } from '../support/forged-log.ts';

const CHANNEL = 'C0PAYMENTS';
let playground: Playground;
let slack: PlaygroundClient;
let note: string;
/** As two processes open it. */
let anchor: Anchor;
let other: Anchor;

beforeAll(async () => {
  playground = await startPlayground();
  slack = createPlaygroundClient(playground.url);
  note = (await forgeLog([{ type: 'signing_key.created' }])).note;
});
afterAll(() => playground.close());
beforeEach(async () => {
  await slack.reset();
  const { settings } = await slack.state();
  await slack.settings({ scopes: [...settings.scopes, 'channels:history'] });
  [anchor, other] = [open(), open()];
});

function open(api_url = playground.apiUrl): Anchor {
  const [opened] = openAnchors(
    requireConfig({
      SLACK_BOT_TOKEN: playground.botToken,
      SLACK_APP_TOKEN: playground.appToken,
      SLACK_API_URL: api_url,
      DATABASE_URL: 'postgres://placet@127.0.0.1/placet',
      PLACET_LOG_ANCHORS: `slack:${CHANNEL}`,
    }),
  );
  if (opened === undefined) throw new Error('no anchor was opened');
  return opened;
}
const at = (size: number, after: number, origin = ORIGIN) => ({
  origin,
  note: note.replace('\n1\n', `\n${size}\n`),
  size,
  after,
});
const client = () => createSlackClient({ token: playground.botToken, api_url: playground.apiUrl });

test('holds nothing at first, and then the last note to the byte, whichever process asks', async () => {
  expect(await anchor.read(ORIGIN)).toEqual([]);
  expect(await anchor.write(at(3, 0))).toBe(true);
  expect(await anchor.write(at(7, 3))).toBe(true);
  expect(await other.read(ORIGIN)).toEqual([at(7, 3).note]);
  expect(await other.read('placet.example/other')).toEqual([]);
  const [last] = await slack.messages(CHANNEL);
  expect(last?.text).toContain(`Checkpoint of the audit log ${ORIGIN}`);
});

describe('gives one size one follower', () => {
  test('a second one is refused, and nothing is posted', async () => {
    await anchor.write(at(3, 0));
    expect(await other.write(at(5, 0))).toBe(false);
    expect(await anchor.write(at(3, 0))).toBe(false);
    expect(await slack.messages(CHANNEL)).toHaveLength(1);
  });

  test('of two that are posted in the same moment the earlier one counts, for both', async () => {
    const answers = await Promise.all([anchor.write(at(3, 0)), other.write(at(4, 0))]);
    expect(answers.filter((isFirst) => isFirst)).toHaveLength(1);
    const [winner, loser] = answers[0] === true ? [at(3, 0), at(4, 0)] : [at(4, 0), at(3, 0)];
    // Who reads sees both, where both were posted: they may be of two logs.
    const read = await anchor.read(ORIGIN);
    expect(read[0]).toBe(winner.note);
    expect([winner.note, loser.note]).toEqual(expect.arrayContaining([...read]));
  });

  test('two that stand there are both read, so that a fork is seen', async () => {
    await anchor.write(at(3, 0));
    const payload = at(4, 0);
    const metadata = { event_type: 'placet_checkpoint', event_payload: payload };
    await client().chat.postMessage({ channel: CHANNEL, text: 'as a copy of this installation would', metadata });
    expect(await anchor.read(ORIGIN)).toEqual([at(3, 0).note, payload.note]);
    expect(await anchor.write(at(9, 3))).toBe(true);
    expect(await anchor.read(ORIGIN)).toEqual([at(9, 3).note]);
  });

  test('one whose answer was lost stands, and is found', async () => {
    await slack.faults({ kind: 'lost_answer', method: 'chat.postMessage', count: 1 });
    await expect(anchor.write(at(3, 0))).rejects.toThrow();
    expect(await anchor.read(ORIGIN)).toEqual([at(3, 0).note]);
  });
});

test('what others write between is passed over, and a message that somebody took away is missed', async () => {
  await anchor.write(at(3, 0));
  await anchor.write(at(7, 3));
  const metadata = { event_type: 'placet_checkpoint', event_payload: { origin: ORIGIN, note: 'forged', size: 9 } };
  await client().chat.postMessage({ channel: CHANNEL, text: 'not a checkpoint', metadata });
  for (let count = 0; count < 120; count += 1)
    await client().chat.postMessage({ channel: CHANNEL, text: `talk ${count}` });
  expect(await anchor.read(ORIGIN)).toEqual([at(7, 3).note]);
  const last = (await slack.messages(CHANNEL)).find(({ text }) => text.includes('at 7 events'));
  await client().chat.delete({ channel: CHANNEL, ts: last?.ts ?? '' });
  expect(await anchor.read(ORIGIN)).toEqual([at(3, 0).note]);
});

test('says of a log that has not grown that its last checkpoint still is the last, and keeps its note', async () => {
  await anchor.confirm(ORIGIN);
  await anchor.write(at(3, 0));
  await anchor.confirm(ORIGIN);
  expect((await slack.messages(CHANNEL))[0]?.text).toContain('It was still the last one at 2');
  expect(await anchor.read(ORIGIN)).toEqual([at(3, 0).note]);
});

test('whose checkpoint lies too far back, or whose token is of no bot, is an error, and never looks empty', async () => {
  let bot: object = { bot_id: 'B1' };
  const slackSide = createServer((request, response) => {
    const page = { ok: true, messages: [], response_metadata: { next_cursor: 'more' } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url?.endsWith('auth.test') === true ? { ok: true, ...bot } : page));
  });
  await once(slackSide.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = slackSide.address() as AddressInfo;
    const crowded = open(`http://127.0.0.1:${port}/api/`);
    await expect(crowded.read(ORIGIN)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(crowded.write(at(3, 0))).rejects.toMatchObject({ code: 'unavailable' });
    bot = {};
    await expect(crowded.read(ORIGIN)).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    slackSide.closeAllConnections();
    slackSide.close();
  }
});

test('that cannot be read is an error, and never looks empty', async () => {
  await anchor.write(at(3, 0));
  const { settings } = await slack.state();
  await slack.settings({ scopes: settings.scopes.filter((scope) => scope !== 'channels:history') });
  await expect(anchor.read(ORIGIN)).rejects.toThrow('missing_scope');
  await expect(anchor.write(at(5, 3))).rejects.toThrow('missing_scope');
  const nobody = openAnchors({
    ...requireConfig({ DATABASE_URL: 'postgres://placet@127.0.0.1/placet' }),
    log_anchors: [`slack:${CHANNEL}`],
  });
  await expect(nobody[0]?.read(ORIGIN)).rejects.toMatchObject({ code: 'unavailable' });
});
