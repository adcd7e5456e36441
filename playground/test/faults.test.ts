// Faults and rate limits: what the app sees, and whether the effect happened.
import { describe, expect, test } from '@jest/globals';
import { createClock } from '../src/core/clock.ts';
import { buttonBlock, codeOf, open, socketApp } from './support.ts';

const channel = 'C0PAYMENTS';
const post = { channel, text: 'x' };

describe('faults of the Web API', () => {
  test('a 5xx has no effect, happens as often as said, and only to its method', async () => {
    const { client, web } = await open();
    await client.faults({ kind: 'http_error', method: 'chat.postMessage', status: 503, count: 2 });
    expect(await codeOf(web.auth.test())).toBe('ok');
    for (const code of ['slack_webapi_http_error', 'slack_webapi_http_error', 'ok']) {
      expect(await codeOf(web.chat.postMessage(post))).toBe(code);
    }
    expect(await client.messages(channel)).toHaveLength(1);
    expect(await client.calls({ method: 'chat.postMessage' })).toMatchObject([
      { status: 503, fault: 'http_error', ok: false },
      { status: 503 },
      { status: 200, ok: true },
    ]);
  });

  test('a lost answer has its effect, and the app does not hear of it', async () => {
    const { client, web } = await open();
    await client.faults({ kind: 'lost_answer', method: 'chat.postMessage', count: 1 });
    expect(await codeOf(web.chat.postMessage(post))).toBe('slack_webapi_request_error');
    expect(await client.messages(channel)).toHaveLength(1);
    expect(await client.calls()).toMatchObject([{ status: 0, response: { ok: true } }]);
  });

  test('a slow answer comes when its time is up, after the effect', async () => {
    const clock = createClock(Date.now());
    const { client, web } = await open({ clock });
    await client.faults({ kind: 'slow', method: '*', ms: 60_000, count: 1 });
    const call = codeOf(web.chat.postMessage(post));
    await client.waitFor(async () => (await client.messages(channel)).length === 1);
    clock.advance(60_000);
    expect(await call).toBe('ok');
  });

  test('a 429 names the seconds to wait and can be bound to one channel', async () => {
    const { client, web } = await open();
    await client.faults({ kind: 'rate_limited', method: 'chat.postMessage', channel, retry_after: 7 });
    expect(await codeOf(web.chat.postMessage({ ...post, channel: 'C0DBA' }))).toBe('ok');
    const error = await web.chat.postMessage(post).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 7 });
    await client.clearFaults();
    expect(await codeOf(web.chat.postMessage(post))).toBe('ok');
  });

  test('any error code can be played without its effect', async () => {
    const { client, web } = await open();
    await client.faults({ kind: 'api_error', method: 'chat.postMessage', error: 'fatal_error', count: 1 });
    expect(await codeOf(web.chat.postMessage(post))).toBe('fatal_error');
    expect(await client.messages(channel)).toEqual([]);
  });
});

describe('rate limits', () => {
  test('off by default: a burst passes', async () => {
    const { web } = await open();
    const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(web.chat.postMessage(post))));
    expect(new Set(codes)).toEqual(new Set(['ok']));
  });

  test('strict: one post a second and channel after a short burst, and chat.update by its tier', async () => {
    const clock = createClock(Date.now());
    const { client, web } = await open({ clock, seed: { settings: { rate_limits: 'strict' } } });
    const codes: string[] = [];
    for (let n = 0; n < 7; n += 1) codes.push(await codeOf(web.chat.postMessage(post)));
    const limited = 'slack_webapi_rate_limited_error';
    expect(codes).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', limited, limited]);
    expect(await codeOf(web.chat.postMessage({ ...post, channel: 'C0DBA' }))).toBe('ok');
    clock.advance(1_000);
    expect(await codeOf(web.chat.postMessage(post))).toBe('ok');

    const ts = (await client.messages(channel))[0]?.ts ?? '';
    const updates: string[] = [];
    for (let n = 0; n < 51; n += 1) updates.push(await codeOf(web.chat.update({ channel, ts, text: 'x' })));
    expect(updates.filter((code) => code === 'ok')).toHaveLength(50);
    expect(updates.at(-1)).toBe(limited);
  });
});

describe('faults of delivery', () => {
  async function openWithCounter() {
    const table = await open();
    const handled: string[] = [];
    await socketApp(table.playground, (app) => {
      app.action('approve', async ({ ack, body }) => {
        handled.push((body as { trigger_id: string }).trigger_id);
        await ack();
      });
    });
    const { ts = '' } = await table.web.chat.postMessage({ channel, text: 'x', blocks: [buttonBlock()] });
    const click = () => table.client.click({ as: 'U0FINLEAD', channel, ts, action_id: 'approve' });
    return { ...table, handled, click };
  }

  test('a duplicate delivery brings the same payload twice', async () => {
    const { client, click, handled } = await openWithCounter();
    await client.faults({ kind: 'duplicate_delivery', type: 'interactive', count: 1 });
    await click();
    await client.waitFor(async () => (await client.deliveries()).filter(({ acked }) => acked).length === 2);
    expect(handled).toHaveLength(2);
    expect(handled[0]).toBe(handled[1]);
  });

  test('a delivery to no one is lost and not repeated', async () => {
    const { client, click, handled } = await openWithCounter();
    await client.faults({ kind: 'no_delivery', count: 1 });
    expect(await click()).toMatchObject({ delivered: false, error: 'no_listener' });
    expect(await click()).toMatchObject({ ok: true });
    expect(handled).toHaveLength(1);
  });

  test('a dropped socket loses the click', async () => {
    const { client, click, handled } = await openWithCounter();
    await client.faults({ kind: 'socket_drop', count: 1 });
    expect(await click()).toMatchObject({ ok: false, acked: false });
    expect(handled).toEqual([]);
    expect((await client.state()).delivery.sockets).toEqual([]);
  });
});
