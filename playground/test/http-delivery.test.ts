// Signed HTTP delivery, to a real Bolt receiver and to a bare server.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import bolt from '@slack/bolt';
import { afterwards } from '../../test/support/afterwards.ts';
import { later } from '../../test/support/later.ts';
import { createClock } from '../src/core/clock.ts';
import type { Playground } from '../src/start.ts';
import { buttonBlock, open, QUIET } from './support.ts';

const SECRET = 'a-signing-secret';
const channel = 'C0PAYMENTS';

/** A Bolt app behind signed HTTP; the answer is its request URL. */
async function httpApp(playground: Playground, secret: string, prepare: (app: bolt.App) => void): Promise<string> {
  const receiver = new bolt.HTTPReceiver({ signingSecret: secret, logger: QUIET });
  const clientOptions = { slackApiUrl: playground.apiUrl };
  const app = new bolt.App({ token: playground.botToken, receiver, logger: QUIET, clientOptions });
  prepare(app);
  const server = (await app.start({ port: 0, host: '127.0.0.1' } as never)) as unknown as Server;
  afterwards(() => app.stop());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** A bare request URL. */
async function bareUrl(handle: Handler): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    handle(request, body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('clicks, commands and events reach a Bolt app over signed HTTP and come back acknowledged', async () => {
  const { playground, client, web } = await open({ signingSecret: SECRET });
  const events: string[] = [];
  const url = await httpApp(playground, SECRET, (app) => {
    app.action('approve', ({ ack }) => ack());
    app.command('/placet', ({ ack, command }) => ack({ response_type: 'in_channel', text: command.text }));
    app.event('app_home_opened', async ({ event }) => void events.push(event.user));
  });
  await client.settings({ events_url: url });
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'x', blocks: [buttonBlock()] });
  expect(await client.click({ as: 'U0FINLEAD', channel, ts, action_id: 'approve' })).toMatchObject({ ok: true });
  expect(await client.command({ as: 'U0FINLEAD', channel, command: '/placet', text: 'a & b=c' })).toMatchObject({
    ok: true,
  });
  expect((await client.messages(channel)).at(-1)?.text).toBe('a & b=c');
  expect(await client.openHome({ as: 'U0DBA' })).toMatchObject({ ok: true });
  expect(events).toEqual(['U0DBA']);
});

test('an app with another signing secret refuses every delivery', async () => {
  const { playground, client, web } = await open({ signingSecret: SECRET });
  const url = await httpApp(playground, 'another-secret', (app) => app.action('approve', ({ ack }) => ack()));
  await client.settings({ events_url: url });
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'x', blocks: [buttonBlock()] });
  const clicked = await client.click({ as: 'U0FINLEAD', channel, ts, action_id: 'approve' });
  expect(clicked).toMatchObject({ ok: false, acked: false, error: 'http_error' });
  expect(await client.openHome({ as: 'U0DBA' })).toMatchObject({ delivered: false, error: 'http_error' });
});

test('an interaction without an answer is given up after three seconds', async () => {
  const clock = createClock(Date.now());
  const arrived = later<void>();
  const eventsUrl = await bareUrl(() => arrived.resolve());
  const { client, web } = await open({ clock, eventsUrl });
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'x', blocks: [buttonBlock()] });
  const click = client.click({ as: 'U0FINLEAD', channel, ts, action_id: 'approve' });
  await arrived.promise;
  clock.advance(3_000);
  expect(await click).toMatchObject({ ok: false, delivered: true, error: 'operation_timed_out' });
});

test('an interaction is never sent again', async () => {
  const clock = createClock(Date.now());
  let requests = 0;
  const eventsUrl = await bareUrl((_request, _body, response) => {
    requests += 1;
    response.writeHead(500).end();
  });
  const { client, web } = await open({ clock, eventsUrl });
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'x', blocks: [buttonBlock()] });
  const click = () => client.click({ as: 'U0FINLEAD', channel, ts, action_id: 'approve' });
  expect(await click()).toMatchObject({ delivered: true, acked: false, error: 'http_error' });
  clock.advance(0);
  await click();
  clock.advance(60_000);
  await click();
  expect(requests).toBe(3);
});

test('an event is tried again at once, after a minute and after five, with its retry headers, and then no more', async () => {
  const clock = createClock(Date.now());
  const retries: unknown[] = [];
  const eventsUrl = await bareUrl((request, body, response) => {
    const { type, challenge } = JSON.parse(body) as { type: string; challenge?: string };
    if (type === 'url_verification') return response.end(challenge);
    retries.push([request.headers['x-slack-retry-num'], request.headers['x-slack-retry-reason']]);
    return response.writeHead(500).end();
  });
  const { client } = await open({ clock, eventsUrl });
  expect(await client.openHome({ as: 'U0DBA' })).toMatchObject({ acked: false, error: 'http_error' });
  for (const [count, wait] of [
    [2, 0],
    [3, 60_000],
    [4, 300_000],
  ] as const) {
    clock.advance(wait);
    await client.waitFor(async () => (await client.deliveries()).length === count);
  }
  clock.advance(3_600_000);
  expect(retries).toEqual([
    [undefined, undefined],
    ['1', 'http_error'],
    ['2', 'http_error'],
    ['3', 'http_error'],
  ]);
  const ids = (await client.deliveries()).map(({ payload }) => payload['event_id']);
  expect(new Set(ids).size).toBe(1);
});

test('x-slack-no-retry ends the retries of an event', async () => {
  const clock = createClock(Date.now());
  const eventsUrl = await bareUrl((_request, body, response) => {
    const { challenge } = JSON.parse(body) as { challenge?: string };
    if (challenge) return response.end(challenge);
    return response.writeHead(500, { 'x-slack-no-retry': '1' }).end();
  });
  const { client } = await open({ clock, eventsUrl });
  await client.openHome({ as: 'U0DBA' });
  clock.advance(600_000);
  expect(await client.deliveries()).toHaveLength(1);
});

test('a request URL that does not echo the challenge gets no events', async () => {
  const bodies: string[] = [];
  const eventsUrl = await bareUrl((_request, body, response) => {
    bodies.push(body);
    response.end('hello');
  });
  const { client } = await open({ clock: createClock(Date.now()), eventsUrl });
  expect(await client.openHome({ as: 'U0DBA' })).toMatchObject({ delivered: false, error: 'http_error' });
  expect(bodies.map((body) => (JSON.parse(body) as { type: string }).type)).toEqual(['url_verification']);
});
