// Staying reachable: Socket Mode through refreshes, drops and refusals, signed HTTP, and an orderly stop.

import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { approver } from '@placet/playground';
import { freePort } from '../../dev/ports.ts';
import type { DecideAnswer } from '../../src/service/approver/decide.ts';
import { later } from '../support/later.ts';
import { approvedRecord, makeRecord } from './draw/request-records.ts';
import { answerTo, depsAround, open, post, recorder, type Table } from './support.ts';

const COUNTED = async (): Promise<DecideAnswer> => ({ kind: 'counted', record: approvedRecord() });
const AS = 'U0FINLEAD';

async function approve(table: Table) {
  const at = await post(table, makeRecord());
  return approver.click(table, AS, at);
}

describe('Socket Mode', () => {
  test('is connected once it has started, and not after a stop', async () => {
    const table = await open(depsAround(makeRecord(), { decide: COUNTED }));
    expect(table.app.isConnected()).toBe(true);
    await table.app.stop();
    expect(table.app.isConnected()).toBe(false);
    expect(await table.slack.waitFor(({ delivery }) => delivery.sockets.length === 0)).toBe(true);
  });

  test('opens the next socket before it gives up one that Slack wants refreshed', async () => {
    const table = await open(depsAround(makeRecord(), { decide: COUNTED }));
    const counts: number[] = [];
    const moved = table.slack.waitFor(({ delivery }) => {
      counts.push(delivery.sockets.length);
      return delivery.sockets.includes(2) && !delivery.sockets.includes(1);
    });
    await table.slack.sockets({ act: 'warning' });
    await moved;
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(await approve(table)).toMatchObject({ ok: true });
  });

  test('comes back after the socket was dropped', async () => {
    const table = await open(depsAround(makeRecord(), { decide: COUNTED }));
    await table.slack.sockets({ act: 'drop' });
    await table.slack.waitFor(({ delivery }) => delivery.sockets.includes(2));
    expect(await approve(table)).toMatchObject({ ok: true });
  });

  test('survives app_rate_limited, which is no event', async () => {
    const table = await open(depsAround(makeRecord(), { decide: COUNTED }));
    await table.slack.faults({ kind: 'app_rate_limited', count: 1 });
    expect(await approve(table)).toMatchObject({ ok: true });
    expect(await answerTo(table, AS)).toContain('Your approval counts.');
    expect(table.logged.map(({ msg }) => msg)).toContain('slack limits our events: too many of them this hour');
  });

  test('tries again when Slack refuses the token for a moment', async () => {
    const table = await open(depsAround(makeRecord(), { decide: COUNTED }));
    await table.slack.faults({ kind: 'api_error', method: 'apps.connections.open', error: 'invalid_auth', count: 1 });
    await table.slack.sockets({ act: 'drop' });
    await table.slack.waitFor(({ delivery }) => delivery.sockets.includes(2));
    expect(table.logged.map(({ msg }) => msg)).toContain('slack socket not opened');
    expect(await approve(table)).toMatchObject({ ok: true });
  });

  test('stops in peace while it is trying to come back', async () => {
    const table = await open(depsAround(makeRecord(), { decide: COUNTED }));
    await table.slack.faults({ kind: 'http_error', method: 'apps.connections.open' });
    await table.slack.sockets({ act: 'drop' });
    await table.slack.waitFor(async () => (await table.slack.calls({ method: 'apps.connections.open' })).length >= 2);
    await expect(table.app.stop()).resolves.toBeUndefined();
    expect(table.app.isConnected()).toBe(false);
  });

  test('is started although Slack fails to open the first socket, and says that it is not connected', async () => {
    const table = await open(depsAround(makeRecord()));
    await table.app.stop();
    await table.slack.faults({ kind: 'http_error', method: 'apps.connections.open' });
    await table.app.start();
    expect(table.app.isConnected()).toBe(false);
  });

  test('does not start with a token that Slack refuses', async () => {
    const config = { connection: { kind: 'socket', app_token: 'xapp-1-wrong' } } as const;
    await expect(open(depsAround(makeRecord()), { config })).rejects.toMatchObject({
      data: { error: 'invalid_auth' },
    });
  });

  test('answers what it was working on before a stop is done', async () => {
    const recorded = later<DecideAnswer>();
    const called = later<void>();
    const decide = () => {
      called.resolve();
      return recorded.promise;
    };
    const table = await open(depsAround(makeRecord(), { decide }));
    const act = approve(table);
    await called.promise;
    const stopped = table.app.stop();
    recorded.resolve({ kind: 'counted', record: approvedRecord() });
    await stopped;
    await act;
    expect(await answerTo(table, AS)).toContain('Your approval counts.');
  });

  test('handles an envelope that comes twice without a failure', async () => {
    const { decide, inputs } = recorder(COUNTED);
    const table = await open(depsAround(makeRecord(), { decide }));
    await table.slack.faults({ kind: 'duplicate_delivery', count: 1 });
    expect(await approve(table)).toMatchObject({ ok: true });
    await table.slack.waitFor(() => inputs.length === 2);
    expect(table.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('payloads of others', () => {
  test.each([
    ['another app', { app_id: 'A0OTHER' }],
    ['another workspace', { team_id: 'T0OTHER' }],
  ])('are dropped without an acknowledgement, with their cause: %s', async (whose, config) => {
    const { decide, inputs } = recorder(COUNTED);
    const table = await open(depsAround(makeRecord(), { decide }), { config });
    const act = approve(table);
    expect(await act).toMatchObject({ acked: false, error: 'operation_timed_out' });
    expect(inputs).toEqual([]);
    expect(table.logged.map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining(`a payload was dropped: it is of ${whose}`),
    );
  });
});

const SECRET = 'a-signing-secret-of-tests';

async function openHttp() {
  const port = await freePort();
  const { decide, inputs } = recorder(COUNTED);
  const table = await open(depsAround(makeRecord(), { decide }), {
    playground: { signingSecret: SECRET, eventsUrl: `http://127.0.0.1:${port}/slack/events` },
    config: { connection: { kind: 'http', signing_secret: SECRET, host: '127.0.0.1', port } },
  });
  return { table, inputs, url: `http://127.0.0.1:${port}` };
}

function signed(body: string, seconds: number, secret = SECRET) {
  const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${signature}`,
  };
  return { method: 'POST', headers, body };
}

describe('signed HTTP', () => {
  test('hears clicks and answers them like Socket Mode', async () => {
    const { table, inputs } = await openHttp();
    expect(table.app.isConnected()).toBe(true);
    expect(await approve(table)).toMatchObject({ ok: true, acked: true });
    expect(inputs).toHaveLength(1);
    expect(await answerTo(table, AS)).toContain('Your approval counts.');
    await table.app.stop();
    expect(table.app.isConnected()).toBe(false);
  });

  test.each([
    ['more than a minute ahead', 90, SECRET],
    ['more than five minutes old', -310, SECRET],
    ['signed with another secret', 0, 'another-secret'],
  ])('refuses a payload that is %s', async (_title, offset, secret) => {
    const { inputs, url } = await openHttp();
    const seconds = Math.floor(Date.now() / 1_000) + offset;
    const action = { type: 'block_actions', api_app_id: 'A0PLACET', team: { id: 'T0ACME' }, actions: [] };
    const body = new URLSearchParams({ payload: JSON.stringify(action) }).toString();
    const answer = await fetch(`${url}/slack/events`, signed(body, seconds, secret));
    expect(answer.status).toBe(401);
    expect(inputs).toEqual([]);
  });

  test('has nothing at any other path', async () => {
    const { url } = await openHttp();
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/slack/events`)).status).toBe(404);
  });
});
