// The oldest messages of a full channel are forgotten: whoever still holds one is answered as for a message that is gone.
import { expect, test } from '@jest/globals';
import { buttonBlock, codeOf, open, type Table } from './support.ts';

const channel = 'C0PAYMENTS';
const MESSAGES_MAX = 20;
const text = 'x';

/** So many messages more. */
async function fill({ web }: Table, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await web.chat.postMessage({ channel, text: `${n}` });
}

test('a full channel keeps its newest messages, and forgets whole threads', async () => {
  const table = await open({ messagesMax: MESSAGES_MAX });
  const { client, web } = table;
  const { ts: parent = '' } = await web.chat.postMessage({ channel, text: 'parent' });
  await web.chat.postMessage({ channel, text: 'reply', thread_ts: parent });
  await fill(table, MESSAGES_MAX - 2);
  expect(await client.messages(channel)).toHaveLength(MESSAGES_MAX);
  await web.chat.postMessage({ channel, text: 'one more' });
  const kept = await client.messages(channel);
  // The thread went as a whole, so there is room for one more before the next goes.
  expect(kept).toHaveLength(MESSAGES_MAX - 1);
  expect(kept.filter((message) => message.ts === parent || message.thread_ts === parent)).toEqual([]);
  expect(kept.at(-1)).toMatchObject({ text: 'one more' });
});

test('a card that waits for a person is forgotten last, and answers as before', async () => {
  const table = await open({ messagesMax: MESSAGES_MAX });
  const { client, web } = table;
  const { ts: waiting = '' } = await web.chat.postMessage({ channel, text, blocks: [buttonBlock()] });
  const { ts: done = '' } = await web.chat.postMessage({ channel, text: 'done' });
  await fill(table, MESSAGES_MAX);
  const kept = (await client.messages(channel)).map(({ ts }) => ts);
  expect([kept.length, kept.includes(waiting), kept.includes(done)]).toEqual([MESSAGES_MAX, true, false]);
  expect(await client.click({ as: 'U0FINLEAD', channel, ts: waiting, action_id: 'approve' })).toMatchObject({
    error: 'no_listener',
  });
  expect(await codeOf(web.chat.update({ channel, ts: waiting, text: 'Approved' }))).toBe('ok');
  // Without its button it waits for nobody any more.
  await fill(table, MESSAGES_MAX);
  expect((await client.messages(channel)).some(({ ts }) => ts === waiting)).toBe(false);
});

test('a forgotten message is answered for as one that is gone, by every way to it, and nothing breaks', async () => {
  const table = await open({ messagesMax: MESSAGES_MAX });
  const { client, web, playground } = table;
  const { ts = '' } = await web.chat.postMessage({ channel, text, blocks: [buttonBlock()] });
  await fill(table, MESSAGES_MAX);
  await web.chat.update({ channel, ts, text: 'no button' });
  await fill(table, 1);
  const act = { as: 'U0FINLEAD', channel, ts, action_id: 'approve' };
  const gone = { ok: false, delivered: false, error: 'message_not_found', message: 'This message is gone.' };
  expect(await client.click(act)).toMatchObject(gone);
  expect(await client.click({ ...act, stale: true })).toMatchObject(gone);
  expect(await codeOf(web.chat.update({ channel, ts, text: 'late' }))).toBe('message_not_found');
  expect(await codeOf(web.chat.delete({ channel, ts }))).toBe('message_not_found');
  expect(await codeOf(web.chat.getPermalink({ channel, message_ts: ts }))).toBe('message_not_found');
  expect(await codeOf(web.chat.postMessage({ channel, text: 'late', thread_ts: ts }))).toBe('cannot_reply_to_message');
  const page = await fetch(`${playground.url}/api/state?as=U0FINLEAD`);
  expect([page.status, (await client.messages(channel)).length]).toEqual([200, MESSAGES_MAX]);
  expect(await codeOf(web.chat.postMessage({ channel, text: 'goes on' }))).toBe('ok');
});
