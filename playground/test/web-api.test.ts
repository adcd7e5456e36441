// The Web API as an app meets it: tokens, scopes, arguments, people, groups, channels.
import { describe, expect, test } from '@jest/globals';
import { codeOf, open, webClient } from './support.ts';

const post = { channel: 'C0PAYMENTS', text: 'hello' };

describe('tokens and scopes', () => {
  test('a call without a token, with an unknown one or with one of the wrong kind is refused with its own code', async () => {
    const { playground, web } = await open();
    expect(await codeOf(webClient(playground, '').auth.test())).toBe('not_authed');
    expect(await codeOf(webClient(playground, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(await codeOf(web.apps.connections.open({}))).toBe('not_allowed_token_type');
    expect(await codeOf(webClient(playground, playground.appToken).chat.postMessage(post))).toBe(
      'not_allowed_token_type',
    );
    expect(await web.auth.test()).toMatchObject({ team_id: 'T0ACME', user_id: 'U0PLACET', bot_id: 'B0PLACET' });
  });

  test('a method whose scope the app lacks names the scope that it needs', async () => {
    const { client, web } = await open();
    await client.settings({ scopes: ['chat:write'] });
    const error = await web.users.info({ user: 'U0DBA' }).catch((caught) => caught);
    expect(error.data).toMatchObject({ error: 'missing_scope', needed: 'users:read', provided: 'chat:write' });
    expect(await codeOf(web.chat.postMessage(post))).toBe('ok');
  });

  test('an unknown method is refused', async () => {
    const { web } = await open();
    expect(await codeOf(web.apiCall('chat.postMesage', post))).toBe('unknown_method');
  });
});

describe('bodies', () => {
  const call = async (apiUrl: string, token: string, type: string, body: string) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    return (await fetch(`${apiUrl}chat.postMessage`, { method: 'POST', headers, body })).json();
  };

  test('JSON and form bodies are both taken; broken ones and other types are refused', async () => {
    const { playground } = await open();
    const { apiUrl, botToken } = playground;
    const form = 'application/x-www-form-urlencoded';
    expect(await call(apiUrl, botToken, 'application/json; charset=utf-8', JSON.stringify(post))).toMatchObject({
      ok: true,
    });
    expect(await call(apiUrl, botToken, form, 'channel=C0PAYMENTS&text=hi')).toMatchObject({ ok: true });
    expect(await call(apiUrl, botToken, 'application/json', '{')).toMatchObject({ error: 'invalid_json' });
    expect(await call(apiUrl, botToken, 'application/json', '[]')).toMatchObject({ error: 'json_not_object' });
    expect(await call(apiUrl, botToken, 'text/plain', 'x')).toMatchObject({ error: 'invalid_post_type' });
    expect(await call(apiUrl, botToken, form, 'channel=C0PAYMENTS&blocks=nonsense')).toMatchObject({
      error: 'invalid_blocks_format',
    });
  });

  test('a token in the form body works and is not kept in the log of calls', async () => {
    const { playground, client } = await open();
    const body = new URLSearchParams({ token: playground.botToken, channel: 'C0PAYMENTS', text: 'hi' });
    const answer = await fetch(`${playground.apiUrl}chat.postMessage`, { method: 'POST', body });
    expect(await answer.json()).toMatchObject({ ok: true });
    expect(JSON.stringify(await client.calls())).not.toContain(playground.botToken);
  });

  test('a call without a required argument says which one', async () => {
    const { playground } = await open();
    const answer = await call(playground.apiUrl, playground.botToken, 'application/json', '{"text":"x"}');
    expect(answer).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: [expect.stringContaining('channel')] },
    });
  });
});

describe('people and groups', () => {
  test('users.info shows team, flags and, by scope, the address', async () => {
    const { client, web } = await open();
    const { user } = await web.users.info({ user: 'U0OUTSIDE' });
    expect(user).toMatchObject({ team_id: 'T0OTHER', is_stranger: true });
    expect(user?.profile?.email).toBeUndefined();
    expect((await web.users.info({ user: 'U0DBA' })).user?.profile?.email).toBe('dba@example.com');
    await client.settings({ scopes: ['users:read'] });
    expect((await web.users.info({ user: 'U0DBA' })).user?.profile?.email).toBeUndefined();
    expect(await codeOf(web.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });

  test('an address finds an active member of the team, and no one else', async () => {
    const { web } = await open();
    expect((await web.users.lookupByEmail({ email: 'DBA@example.com' })).user?.id).toBe('U0DBA');
    for (const email of ['gone@example.com', 'olly@other.example', 'nobody@example.com']) {
      expect(await codeOf(web.users.lookupByEmail({ email }))).toBe('users_not_found');
    }
  });

  test('users.list pages through everyone by cursor', async () => {
    const { web } = await open();
    const seen: (string | undefined)[] = [];
    let cursor = '';
    do {
      const answer = await web.users.list({ limit: 4, ...(cursor ? { cursor } : {}) });
      seen.push(...(answer.members ?? []).map(({ id }) => id));
      cursor = answer.response_metadata?.next_cursor ?? '';
    } while (cursor);
    expect(new Set(seen).size).toBe(10);
    expect(await codeOf(web.users.list({ cursor: 'nonsense' }))).toBe('invalid_cursor');
  });

  test('a user group answers its members, a disabled one no one, and the free plan has none', async () => {
    const { client, web } = await open();
    expect((await web.usergroups.users.list({ usergroup: 'S0DBA' })).users).toEqual(['U0DBA', 'U0TREASURER']);
    await client.setUserGroup('S0DBA', ['U0DBA']);
    expect((await web.usergroups.list({ include_users: true })).usergroups).toMatchObject([{ users: ['U0DBA'] }]);
    await client.setUserGroup('S0DBA', ['U0DBA'], { date_delete: 1 });
    expect(await codeOf(web.usergroups.users.list({ usergroup: 'S0DBA' }))).toBe('no_such_subteam');
    expect((await web.usergroups.list({})).usergroups).toEqual([]);
    await client.settings({ has_paid_plan: false });
    expect(await codeOf(web.usergroups.list({}))).toBe('plan_upgrade_required');
  });
});

describe('channels and DMs', () => {
  test('the app writes only where it is a member, and not into archived channels', async () => {
    const { client, web } = await open();
    expect(await codeOf(web.chat.postMessage({ channel: 'C0GENERAL', text: 'x' }))).toBe('not_in_channel');
    expect(await codeOf(web.chat.postMessage({ channel: 'C0NONE', text: 'x' }))).toBe('channel_not_found');
    await client.setChannel('C0DBA', { is_archived: true });
    expect(await codeOf(web.chat.postMessage({ channel: 'C0DBA', text: 'x' }))).toBe('is_archived');
    await client.setChannel('C0SECRET', { name: 'secret', is_private: true, members: ['U0DBA'] });
    expect(await codeOf(web.conversations.info({ channel: 'C0SECRET' }))).toBe('channel_not_found');
  });

  test('conversations.info and members tell sharing and membership', async () => {
    const { web } = await open();
    const { channel } = await web.conversations.info({ channel: 'C0SHARED', include_num_members: true });
    expect(channel).toMatchObject({ is_ext_shared: true, is_member: true, num_members: 4 });
    expect((await web.conversations.members({ channel: 'C0DBA' })).members).toContain('U0DBA');
    const names = (await web.conversations.list({})).channels?.map(({ name }) => name);
    expect(names).toContain('payments-approvals');
  });

  test('a DM opens for active people only and only that person sees it', async () => {
    const { client, web } = await open();
    const { channel } = await web.conversations.open({ users: 'U0DBA' });
    await web.chat.postMessage({ channel: channel?.id ?? '', text: 'for you' });
    expect((await client.dms('U0DBA')).map(({ text }) => text)).toEqual(['for you']);
    expect((await client.state('U0MEMBER')).channels.some(({ is_im }) => is_im)).toBe(false);
    expect(await codeOf(web.conversations.open({ users: 'U0GONE' }))).toBe('user_disabled');
    expect(await codeOf(web.conversations.open({ users: 'U0OTHERBOT' }))).toBe('cannot_dm_bot');
    expect(await codeOf(web.conversations.open({ users: 'U0NOBODY' }))).toBe('user_not_found');
    await client.setUser('U0DBA', { dm_error: 'messages_tab_disabled' });
    expect(await codeOf(web.chat.postMessage({ channel: channel?.id ?? '', text: 'x' }))).toBe('messages_tab_disabled');
  });
});
