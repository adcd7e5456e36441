// Messages: posting, updating, deleting, threads, ephemeral ones, links, who sees what.
import { expect, test } from '@jest/globals';
import { buttonBlock, codeOf, open } from './support.ts';

const channel = 'C0PAYMENTS';
const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
const richText = {
  type: 'rich_text' as const,
  elements: [{ type: 'rich_text_preformatted' as const, elements: [{ type: 'text' as const, text: '{}' }] }],
};

test('a posted message carries the bot, its blocks with ids filled in, and its text', async () => {
  const { client, web } = await open();
  const posted = await web.chat.postMessage({ channel, text: 'Refund?', blocks: [section('*Refund*'), buttonBlock()] });
  expect(posted.message).toMatchObject({ bot_id: 'B0PLACET', app_id: 'A0PLACET', user: 'U0PLACET', text: 'Refund?' });
  const [message] = await client.messages(channel, 'U0FINLEAD');
  expect(message?.blocks.map((block) => typeof block['block_id'])).toEqual(['string', 'string']);
  expect(message).toMatchObject({ ts: posted.ts, revision: 1 });
});

test('timestamps grow also within one millisecond', async () => {
  const { web } = await open();
  const posts = await Promise.all(
    Array.from({ length: 20 }, (_, n) => web.chat.postMessage({ channel, text: `${n}` })),
  );
  expect(new Set(posts.map(({ ts }) => ts)).size).toBe(20);
});

test('an update with text alone drops the blocks and marks the message as edited', async () => {
  const { client, web } = await open();
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'a', blocks: [section('a')] });
  await web.chat.update({ channel, ts, text: 'b', blocks: [section('b')] });
  expect((await client.messages(channel))[0]).toMatchObject({ revision: 2, blocks: [{ text: { text: 'b' } }] });
  expect((await client.messages(channel))[0]?.edited).toBeUndefined();
  await web.chat.update({ channel, ts, text: 'c' });
  expect((await client.messages(channel))[0]).toMatchObject({
    revision: 3,
    blocks: [],
    text: 'c',
    edited: { ts: expect.any(String) },
  });
});

test('updates fail with the code of their cause', async () => {
  const { client, web } = await open();
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'a', blocks: [richText] });
  const update = (more: object) => codeOf(web.chat.update({ channel, ts, text: 'x', ...more }));
  expect(await update({ ts: '1.000001' })).toBe('message_not_found');
  expect(await update({ text: 'x'.repeat(4001) })).toBe('msg_too_long');
  expect(await update({ blocks: [section('no rich text any more')] })).toBe('block_mismatch');
  expect(await update({ blocks: [{ type: 'section' }] })).toBe('invalid_blocks');
  const said = await client.say({ as: 'U0FINLEAD', channel, text: 'mine' });
  expect(await update({ ts: said.ts })).toBe('cant_update_message');
  expect(await codeOf(web.chat.delete({ channel, ts: said.ts }))).toBe('cant_delete_message');
  await client.setChannel(channel, { members: ['U0FINLEAD'] });
  expect(await update({ blocks: [richText] })).toBe('not_in_channel');
});

test('a deleted message is gone, and a message without text or blocks is refused', async () => {
  const { client, web } = await open();
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'a' });
  await web.chat.delete({ channel, ts });
  expect(await client.messages(channel)).toEqual([]);
  expect(await codeOf(web.chat.postMessage({ channel, text: '' }))).toBe('no_text');
});

test('replies stand in their thread; a reply to a reply or to nothing is refused', async () => {
  const { client, web } = await open();
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'parent' });
  const reply = await web.chat.postMessage({ channel, text: 'reply', thread_ts: ts });
  expect((await client.thread(channel, ts)).map(({ text }) => text)).toEqual(['parent', 'reply']);
  expect((await client.messages(channel))[0]).toMatchObject({ reply_count: 1, latest_reply: reply.ts });
  for (const wrong of [reply.ts ?? '', '1.000001']) {
    expect(await codeOf(web.chat.postMessage({ channel, text: 'x', thread_ts: wrong }))).toBe(
      'cannot_reply_to_message',
    );
  }
});

test('only its addressee sees an ephemeral message, and only members get one', async () => {
  const { client, web } = await open();
  await web.chat.postEphemeral({ channel, user: 'U0MEMBER', text: 'psst' });
  expect((await client.ephemerals('U0MEMBER')).map(({ text }) => text)).toEqual(['psst']);
  expect(await client.ephemerals('U0FINLEAD')).toEqual([]);
  expect(await codeOf(web.chat.postEphemeral({ channel, user: 'U0DBA', text: 'x' }))).toBe('user_not_in_channel');
});

test('a permalink leads to the playground page, with the thread when there is one', async () => {
  const { playground, web } = await open();
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'a' });
  const { permalink } = await web.chat.getPermalink({ channel, message_ts: ts });
  expect(permalink).toBe(`${playground.url}/archives/${channel}/p${ts.replace('.', '')}`);
  expect(await codeOf(web.chat.getPermalink({ channel, message_ts: '1.1' }))).toBe('message_not_found');
});

test('an outsider and a guest see only the channels that they are in', async () => {
  const { client } = await open();
  const names = async (as: string) => (await client.state(as)).channels.map(({ id }) => id);
  expect(await names('U0OUTSIDE')).toEqual(['C0SHARED']);
  expect(await names('U0GUEST')).toEqual(['C0PAYMENTS']);
  expect(await names('U0DBA')).toEqual(['C0PAYMENTS', 'C0DBA', 'C0GENERAL', 'C0SHARED']);
});
