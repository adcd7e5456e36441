// Clicks and commands: who can act, what the payload says, response_url.
import { describe, expect, test } from '@jest/globals';
import type bolt from '@slack/bolt';
import { createClock } from '../src/core/clock.ts';
import type { PlaygroundOptions } from '../src/start.ts';
import { buttonBlock, open, socketApp } from './support.ts';

const channel = 'C0PAYMENTS';

async function openWithCard(options: PlaygroundOptions = {}, prepare: (app: bolt.App) => void = () => undefined) {
  const table = await open(options);
  await socketApp(table.playground, (app) => {
    app.action(/.*/, ({ ack }) => ack());
    prepare(app);
  });
  const post = async (where: string) =>
    (await table.web.chat.postMessage({ channel: where, text: 'card', blocks: [buttonBlock()] })).ts ?? '';
  const lastPayload = async () => (await table.client.deliveries()).at(-1)?.payload ?? {};
  return { ...table, ts: await post(channel), post, lastPayload };
}

describe('the payload of a click', () => {
  test('it names person, team, place, message and button as Slack does', async () => {
    const { client, ts, lastPayload } = await openWithCard();
    await client.click({ as: 'U0FINLEAD', channel, ts, action_id: 'approve' });
    expect(await lastPayload()).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0FINLEAD', username: 'finance.lead', name: 'finance.lead', team_id: 'T0ACME' },
      api_app_id: 'A0PLACET',
      team: { id: 'T0ACME', domain: 'acme' },
      enterprise: null,
      is_enterprise_install: false,
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'payments-approvals' },
      message: { ts, text: 'card', bot_id: 'B0PLACET', app_id: 'A0PLACET', blocks: [{ type: 'actions' }] },
      state: { values: {} },
      actions: [
        {
          action_id: 'approve',
          block_id: 'decide',
          type: 'button',
          value: 'v1',
          style: 'primary',
          text: { text: 'Approve' },
        },
      ],
    });
  });

  test('of an outsider it names their home team as theirs and the installation as the team', async () => {
    const { client, post, lastPayload } = await openWithCard();
    const ts = await post('C0SHARED');
    await client.click({ as: 'U0OUTSIDE', channel: 'C0SHARED', ts, action_id: 'approve' });
    expect(await lastPayload()).toMatchObject({ user: { team_id: 'T0OTHER' }, team: { id: 'T0ACME' } });
  });

  test('of an ephemeral message it has no message, and of a private channel no name', async () => {
    const { client, web, post, lastPayload } = await openWithCard();
    await web.chat.postEphemeral({ channel, user: 'U0MEMBER', text: 'x', blocks: [buttonBlock()] });
    const [note] = await client.ephemerals('U0MEMBER');
    const act = { channel, ts: note?.ts ?? '', action_id: 'approve' };
    expect(await client.click({ as: 'U0FINLEAD', ...act })).toMatchObject({ error: 'message_not_found' });
    await client.click({ as: 'U0MEMBER', ...act });
    expect(await lastPayload()).toMatchObject({ container: { is_ephemeral: true } });
    expect((await lastPayload())['message']).toBeUndefined();
    await client.setChannel('C0DBA', { is_private: true });
    await client.click({ as: 'U0DBA', channel: 'C0DBA', ts: await post('C0DBA'), action_id: 'approve' });
    expect(await lastPayload()).toMatchObject({ channel: { name: 'privategroup' } });
  });
});

describe('who can click', () => {
  test('the deactivated, bots, and those who can not see the channel are refused by the client itself', async () => {
    const { client, ts, post } = await openWithCard();
    const error = async (as: string) => (await client.click({ as, channel, ts, action_id: 'approve' })).error;
    expect(await error('U0GONE')).toBe('user_deactivated');
    expect(await error('U0OTHERBOT')).toBe('user_is_bot');
    expect(await error('U0OUTSIDE')).toBe('not_in_channel');
    expect(await error('U0NOBODY')).toBe('user_not_found');
    const inDba = await post('C0DBA');
    const guest = await client.click({ as: 'U0GUEST', channel: 'C0DBA', ts: inDba, action_id: 'approve' });
    expect(guest.error).toBe('not_in_channel');
    expect(await client.deliveries()).toEqual([]);
  });

  test('staff can click in a public channel that they have not joined', async () => {
    const { client, ts } = await openWithCard();
    expect(await client.click({ as: 'U0DBA', channel, ts, action_id: 'approve' })).toMatchObject({ ok: true });
  });

  test('a button that an update took away can be clicked only as one who has not seen the update', async () => {
    const { client, web, ts, lastPayload } = await openWithCard();
    await web.chat.update({ channel, ts, text: 'decided', blocks: [{ type: 'divider' }] });
    const act = { as: 'U0FINLEAD', channel, ts, action_id: 'approve' };
    expect(await client.click(act)).toMatchObject({ delivered: false, error: 'action_not_found' });
    expect(await client.click({ ...act, stale: true })).toMatchObject({ ok: true });
    expect(await lastPayload()).toMatchObject({
      actions: [{ value: 'v1' }],
      message: { blocks: [{ type: 'actions' }] },
    });
    await client.setUser('U0FINLEAD', { deleted: true });
    expect(await client.click({ ...act, stale: true })).toMatchObject({ ok: true });
  });
});

describe('commands', () => {
  test('a command carries its text and shows the answer of the acknowledgement to its sender', async () => {
    const { client, lastPayload } = await openWithCard({}, (app) => {
      app.command('/placet', ({ ack, command }) => ack(`you said ${command.text}`));
    });
    const sent = await client.command({ as: 'U0MEMBER', channel, command: 'placet', text: ' list ' });
    expect(sent).toMatchObject({ ok: true });
    expect(await lastPayload()).toMatchObject({
      command: '/placet',
      text: 'list',
      channel_id: channel,
      user_id: 'U0MEMBER',
    });
    expect((await client.ephemerals('U0MEMBER')).map(({ text }) => text)).toEqual(['you said list']);
  });

  test('an unknown command, a stranger’s and one outside the channel are refused', async () => {
    const { client } = await openWithCard();
    const send = async (as: string, where: string, name = '/placet') =>
      (await client.command({ as, channel: where, command: name })).error;
    expect(await send('U0MEMBER', channel, '/other')).toBe('unknown_command');
    expect(await send('U0OUTSIDE', 'C0SHARED')).toBe('app_not_visible');
    expect(await send('U0DBA', channel)).toBe('not_in_channel');
  });
});

describe('response_url', () => {
  const respond = async (url: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return [answer.status, answer.status === 200 ? '' : ((await answer.json()) as { error: string }).error];
  };
  const urlOf = (payload: object) => (payload as { response_url: string }).response_url;

  async function clicked(options: PlaygroundOptions = {}) {
    const table = await openWithCard(options);
    await table.client.click({ as: 'U0FINLEAD', channel, ts: table.ts, action_id: 'approve' });
    return { ...table, url: urlOf(await table.lastPayload()) };
  }

  test('it answers privately by default, publicly on request, and works five times', async () => {
    const { client, url } = await clicked();
    expect(await respond(url, { text: 'not you' })).toEqual([200, '']);
    expect((await client.ephemerals('U0FINLEAD')).map(({ text }) => text)).toEqual(['not you']);
    expect(await respond(url, { text: 'all', response_type: 'in_channel' })).toEqual([200, '']);
    expect((await client.messages(channel)).map(({ text }) => text)).toEqual(['card', 'all']);
    for (let use = 3; use <= 5; use += 1) expect(await respond(url, { text: 'x' })).toEqual([200, '']);
    expect(await respond(url, { text: 'x' })).toEqual([404, 'used_url']);
  });

  test('it ends after thirty minutes', async () => {
    const clock = createClock(Date.now());
    const { url } = await clicked({ clock });
    clock.advance(30 * 60_000 - 1);
    expect(await respond(url, { text: 'x' })).toEqual([200, '']);
    clock.advance(1);
    expect(await respond(url, { text: 'x' })).toEqual([404, 'expired_url']);
  });

  test('it replaces or deletes the message that was clicked, and refuses broken blocks', async () => {
    const { client, url } = await clicked();
    expect(await respond(url, { text: 'x', blocks: [{ type: 'sektion' }] })).toEqual([400, 'invalid_blocks']);
    expect(await respond(url, { text: 'done', replace_original: true })).toEqual([200, '']);
    expect(await client.messages(channel)).toMatchObject([{ text: 'done', blocks: [], revision: 2 }]);
    expect(await respond(url, { delete_original: true })).toEqual([200, '']);
    expect(await client.messages(channel)).toEqual([]);
  });
});
