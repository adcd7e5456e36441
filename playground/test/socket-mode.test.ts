// A real Bolt app over Socket Mode: clicks, modals, commands, Home, sockets.
import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { afterwards } from '../../test/support/afterwards.ts';
import { later } from '../../test/support/later.ts';
import { createClock } from '../src/core/clock.ts';
import { buttonBlock, codeOf, open, reasonModal, socketApp, webClient } from './support.ts';

test('a Bolt app gets a click, answers in time and opens a modal whose submission it reads', async () => {
  const { playground, client, web } = await open();
  const reasons: unknown[] = [];
  await socketApp(playground, (app) => {
    app.action('approve', async ({ ack, body, client: slack }) => {
      await ack();
      await slack.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view: reasonModal() });
    });
    app.view('deny', async ({ ack, view, body }) => {
      reasons.push([body.user.id, view.state.values['reason']?.['text']?.value]);
      await ack();
    });
  });
  const { ts } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'Refund?', blocks: [buttonBlock()] });
  const clicked = await client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts: ts ?? '', action_id: 'approve' });
  expect(clicked).toMatchObject({ ok: true, delivered: true, acked: true });

  const view = await client.waitFor((state) => state.views['U0FINLEAD']?.[0]);
  const submitted = await client.submit({ as: 'U0FINLEAD', view_id: view.id, values: { text: 'too much' } });
  expect(submitted).toMatchObject({ ok: true, view: null });
  expect(reasons).toEqual([['U0FINLEAD', 'too much']]);
});

test('each payload goes to one socket, by turns', async () => {
  const { playground, client, web } = await open();
  const seen: string[] = [];
  for (const name of ['first', 'second']) {
    await socketApp(playground, (app) => {
      app.action('approve', async ({ ack }) => {
        seen.push(name);
        await ack();
      });
    });
  }
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'x', blocks: [buttonBlock()] });
  for (let n = 0; n < 4; n += 1)
    await client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts, action_id: 'approve' });
  expect(seen.toSorted()).toEqual(['first', 'first', 'second', 'second']);
});

test('an acknowledgement after three seconds is none: the person sees a timeout', async () => {
  const clock = createClock(Date.now());
  const { playground, client, web } = await open({ clock });
  const arrived = later<() => Promise<void>>();
  await socketApp(playground, (app) => {
    app.action('approve', async ({ ack }) => arrived.resolve(() => ack()));
  });
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'x', blocks: [buttonBlock()] });
  const click = client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts, action_id: 'approve' });
  const ack = await arrived.promise;
  clock.advance(3_000);
  await ack();
  expect(await click).toMatchObject({ ok: false, delivered: true, acked: false, error: 'operation_timed_out' });
  expect((await client.state('U0FINLEAD')).notices).toMatchObject([{ code: 'operation_timed_out', ts }]);
  expect((await client.state('U0MEMBER')).notices).toEqual([]);
});

test('without any socket a click reaches no one', async () => {
  const { client, web } = await open();
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'x', blocks: [buttonBlock()] });
  const clicked = await client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts, action_id: 'approve' });
  expect(clicked).toMatchObject({ delivered: false, acked: false, error: 'no_listener' });
});

test('a socket URL works once, an app holds ten sockets, and the eleventh is too_many_websockets', async () => {
  const { playground } = await open();
  const apps = webClient(playground, playground.appToken).apps.connections;
  const { url = '' } = await apps.open({});
  expect(await connect(url)).toBe('hello');
  expect(await connect(url)).toBe('refused');
  for (let n = 2; n <= 10; n += 1) expect(await connect((await apps.open({})).url ?? '')).toBe('hello');
  expect(await codeOf(apps.open({}))).toBe('too_many_websockets');
});

test('an acknowledgement counts only on the socket that got the envelope', async () => {
  const clock = createClock(Date.now());
  const { playground, client, web } = await open({ clock });
  const apps = webClient(playground, playground.appToken).apps.connections;
  const [one, two] = [rawSocket((await apps.open({})).url ?? ''), rawSocket((await apps.open({})).url ?? '')];
  const envelope = Promise.race([one, two].map((socket) => envelopeOf(socket)));
  await client.waitFor((state) => state.delivery.sockets.length === 2);
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'x', blocks: [buttonBlock()] });
  const click = client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts, action_id: 'approve' });
  const { id, socket } = await envelope;
  const other = socket === one ? two : one;
  // The pong shows that the acknowledgement before it was read.
  await new Promise((resolve) =>
    other.once('pong', resolve).send(JSON.stringify({ envelope_id: id }), () => other.ping()),
  );
  clock.advance(3_000);
  expect(await click).toMatchObject({ acked: false, error: 'operation_timed_out' });
});

test('app_rate_limited comes before the next payload and has no inner event', async () => {
  const { playground, client, web } = await open();
  const { url = '' } = await webClient(playground, playground.appToken).apps.connections.open({});
  const socket = rawSocket(url);
  const payloads: { type: string; event?: object }[] = [];
  socket.on('message', (data) => {
    const { envelope_id, payload } = JSON.parse(String(data));
    if (!envelope_id) return;
    payloads.push(payload);
    socket.send(JSON.stringify({ envelope_id }));
  });
  await client.waitFor((state) => state.delivery.sockets.length === 1);
  await client.faults({ kind: 'app_rate_limited', count: 1 });
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'x', blocks: [buttonBlock()] });
  await client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts, action_id: 'approve' });
  expect(payloads.map(({ type }) => type)).toEqual(['app_rate_limited', 'block_actions']);
  expect(payloads[0]?.event).toBeUndefined();
});

test('a refresh makes the app connect again, and a click in the gap is lost', async () => {
  const { playground, client, web } = await open();
  await socketApp(playground, (app) => app.action('approve', ({ ack }) => ack()), { clientPingTimeout: 200 });
  const { ts = '' } = await web.chat.postMessage({ channel: 'C0PAYMENTS', text: 'x', blocks: [buttonBlock()] });
  const click = () => client.click({ as: 'U0FINLEAD', channel: 'C0PAYMENTS', ts, action_id: 'approve' });
  await client.sockets({ act: 'refresh' });
  await client.waitFor((state) => state.delivery.sockets.length === 0);
  expect(await click()).toMatchObject({ error: 'no_listener' });
  await client.waitFor((state) => state.delivery.sockets[0] === 2);
  expect(await click()).toMatchObject({ ok: true });
});

function rawSocket(url: string): WebSocket {
  const socket = new WebSocket(url);
  afterwards(async () => socket.terminate());
  return socket;
}

function connect(url: string): Promise<string> {
  const socket = rawSocket(url);
  return new Promise((resolve) => {
    socket.once('message', (data) => resolve((JSON.parse(String(data)) as { type: string }).type));
    socket.once('error', () => resolve('refused'));
  });
}

function envelopeOf(socket: WebSocket): Promise<{ id: string; socket: WebSocket }> {
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      const id = (JSON.parse(String(data)) as { envelope_id?: string }).envelope_id;
      if (id) resolve({ id, socket });
    });
  });
}
