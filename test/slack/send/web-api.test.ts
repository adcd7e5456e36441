// Sending: one try each, nothing expanded, and what each of Slack's refusals means.

import { afterEach, describe, expect, test } from '@jest/globals';
import { createPlaygroundClient, type Fault, type Playground, startPlayground } from '@placet/playground';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { drawMinimalCard, drawOutcome, drawReminder } from '../../../src/slack/draw/small-cards.ts';
import {
  createSlackClient,
  disableButtons,
  postCard,
  postDm,
  postReply,
  updateCard,
} from '../../../src/slack/send/web-api.ts';
import { buttonsIn } from '../draw/drawn.ts';
import { deniedRecord, makeRecord, NOW } from '../draw/request-records.ts';

const open: Playground[] = [];
afterEach(async () => {
  for (const playground of open.splice(0)) await playground.close();
});

async function setUp() {
  const playground = await startPlayground();
  open.push(playground);
  const client = createSlackClient({ token: playground.botToken, api_url: playground.apiUrl });
  return { client, slack: createPlaygroundClient(playground.url) };
}

const CHANNEL = 'C0PAYMENTS';
const card = (record = makeRecord()) => ({ card: drawCard(record, NOW), minimal: drawMinimalCard(record, NOW) });

describe('sending', () => {
  test('a card is posted, redrawn, answered in its thread, and disabled', async () => {
    const { client, slack } = await setUp();
    const posted = await postCard(client, { channel_id: CHANNEL, id: 'msg_1' }, card());
    if (posted.kind !== 'posted') throw new Error(posted.code);
    expect(posted).toMatchObject({ channel_id: CHANNEL, is_minimal: false });
    expect(await postReply(client, { ...posted, id: 'msg_2' }, drawReminder(makeRecord()))).toMatchObject({
      kind: 'posted',
    });
    expect(await slack.thread(CHANNEL, posted.ts)).toHaveLength(2);
    expect(await updateCard(client, posted, card(deniedRecord()))).toEqual({ kind: 'updated', is_minimal: false });
    expect((await slack.messages(CHANNEL))[0]?.text).toContain('Denied by Treasurer');
    expect(await disableButtons(client, posted, 'apr_1')).toMatchObject({ kind: 'updated' });
    expect((await slack.messages(CHANNEL))[0]?.text).toContain('out of date');
  });

  test('an outcome reaches its owner as a direct message', async () => {
    const { client, slack } = await setUp();
    expect(await postDm(client, { user_id: 'U0SUPPORT', id: 'msg_3' }, drawOutcome(deniedRecord(), NOW))).toMatchObject(
      { kind: 'posted' },
    );
    expect((await slack.dms('U0SUPPORT')).map(({ text }) => text)).toEqual([expect.stringContaining('Denied by')]);
  });

  test('a direct message to one who takes none is refused', async () => {
    const { client, slack } = await setUp();
    await slack.setUser('U0SUPPORT', { dm_error: 'messages_tab_disabled' });
    const answer = await postDm(client, { user_id: 'U0SUPPORT', id: 'msg_3' }, drawOutcome(deniedRecord(), NOW));
    expect(answer).toEqual({ kind: 'refused', code: 'messages_tab_disabled' });
  });

  test('nothing that is sent lets Slack expand links or names', async () => {
    const { client, slack } = await setUp();
    const posted = await postCard(client, { channel_id: CHANNEL, id: 'msg_1' }, card());
    if (posted.kind !== 'posted') throw new Error(posted.code);
    await updateCard(client, posted, card());
    const [first, second] = (await slack.calls()).map(({ args }) => args);
    const flags = (args: Record<string, unknown> = {}) =>
      ['unfurl_links', 'unfurl_media', 'link_names', 'parse'].map((name) => String(args[name]));
    expect(flags(first)).toEqual(['false', 'false', 'false', 'none']);
    expect(flags(second).slice(2)).toEqual(['false', 'none']);
  });

  test.each(['invalid_blocks', 'msg_blocks_too_long'])(
    'blocks that Slack refuses give way to the small card: %s',
    async (error) => {
      const { client, slack } = await setUp();
      await slack.faults({ kind: 'api_error', method: 'chat.postMessage', error, count: 1 });
      expect(await postCard(client, { channel_id: CHANNEL, id: 'msg_1' }, card())).toMatchObject({
        kind: 'posted',
        is_minimal: true,
      });
      const [message] = await slack.messages(CHANNEL);
      const drawn = { text: '', blocks: (message?.blocks ?? []) as never[] };
      expect(buttonsIn(drawn)).toEqual(['review', 'deny']);
    },
  );

  test.each<[Fault, object]>([
    [
      { kind: 'rate_limited', method: 'chat.postMessage', retry_after: 7 },
      { kind: 'retryable', retry_after_ms: 7_000, is_doubtful: false },
    ],
    [
      { kind: 'http_error', method: 'chat.postMessage' },
      { kind: 'retryable', is_doubtful: true },
    ],
    [
      { kind: 'lost_answer', method: 'chat.postMessage' },
      { kind: 'retryable', is_doubtful: true },
    ],
    [
      { kind: 'api_error', method: 'chat.postMessage', error: 'fatal_error' },
      { kind: 'retryable', is_doubtful: true },
    ],
    [
      { kind: 'api_error', method: 'chat.postMessage', error: 'internal_error' },
      { kind: 'retryable', is_doubtful: true },
    ],
    [
      { kind: 'api_error', method: 'chat.postMessage', error: 'invalid_auth' },
      { kind: 'retryable', is_doubtful: false },
    ],
    [
      { kind: 'api_error', method: 'chat.postMessage', error: 'is_archived' },
      { kind: 'refused', code: 'is_archived' },
    ],
  ])('a failure says whether another try can help: %j', async (fault, failure) => {
    const { client, slack } = await setUp();
    await slack.faults(fault);
    expect(await postCard(client, { channel_id: CHANNEL, id: 'msg_1' }, card())).toMatchObject(failure);
    expect(await slack.calls({ method: 'chat.postMessage' })).toHaveLength(1);
  });

  test('a channel that the app is not in is refused', async () => {
    const { client } = await setUp();
    expect(await postCard(client, { channel_id: 'C0GENERAL', id: 'msg_1' }, card())).toEqual({
      kind: 'refused',
      code: 'not_in_channel',
    });
    expect(await updateCard(client, { channel_id: CHANNEL, ts: '1.000001' }, card())).toEqual({
      kind: 'refused',
      code: 'message_not_found',
    });
  });
});
