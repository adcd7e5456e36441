// Long polls: a thousand at once, ended by the decision, by the client, by a close; never by surprise.
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createWaits } from '../../src/http/api/waits.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import { aView, KEY, REQUEST_ID } from './samples.ts';
import { withApi } from './support.ts';

const PATH = `/v1/approval-requests/${REQUEST_ID}?wait_seconds=60`;
const AGENTS = 1_000;

/** A service that answers a wait when told, or when the signal fires: with the state as it is then. */
function fakeService() {
  const waiting = new Set<() => void>();
  const arrivals: { count: number; done: () => void }[] = [];
  let state: 'pending' | 'approved' = 'pending';
  let aborted = 0;
  const awaitDecision: ApiDeps['awaitDecision'] = async (_caller, { signal }) => {
    await new Promise<void>((resolve) => {
      const onAbort = () => {
        aborted += 1;
        resolve();
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
      waiting.add(resolve);
      for (const { count, done } of arrivals) if (waiting.size >= count) done();
    });
    return aView({ state });
  };
  return {
    deps: { awaitDecision, readRequest: async () => aView() },
    arrived: (count: number) =>
      new Promise<void>((done) => void (waiting.size >= count ? done() : arrivals.push({ count, done }))),
    decide: () => {
      state = 'approved';
      for (const answer of waiting) answer();
    },
    countAborted: () => aborted,
  };
}

async function poll(
  port: number,
  agent: Agent,
): Promise<{ status: number | undefined; state: string; connection: string | undefined }> {
  const request = get({ host: '127.0.0.1', port, path: PATH, agent, headers: { authorization: `Bearer ${KEY}` } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const { state } = JSON.parse(text) as { state: string };
  return { status: response.statusCode, state, connection: response.headers.connection };
}

test('a thousand agents wait at once on one process, others are served meanwhile, and the decision answers them all', async () => {
  const service = fakeService();
  await withApi({ deps: service.deps }, async ({ port, send, metrics }) => {
    const agent = new Agent({ maxSockets: AGENTS, keepAlive: false });
    const polls = Array.from({ length: AGENTS }, () => poll(port, agent));
    await service.arrived(AGENTS);
    expect(await metrics()).toContain(`placet_long_polls_waiting ${AGENTS}`);
    expect((await send('GET', '/livez')).status).toBe(200);
    expect((await send('GET', `/v1/approval-requests/${REQUEST_ID}`)).status).toBe(200);
    service.decide();
    const answers = await Promise.all(polls);
    expect(answers.filter(({ status, state }) => status === 200 && state === 'approved')).toHaveLength(AGENTS);
    expect(service.countAborted()).toBe(0);
    expect(await metrics()).toContain('placet_long_polls_waiting 0');
  });
});

test('a client that hangs up ends its wait in the service', async () => {
  const service = fakeService();
  let ended: () => void = () => undefined;
  const isEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const awaitDecision: ApiDeps['awaitDecision'] = async (caller, input) => {
    input.signal.addEventListener('abort', ended);
    return service.deps.awaitDecision(caller, input);
  };
  await withApi({ deps: { awaitDecision } }, async ({ port }) => {
    const request = get({ host: '127.0.0.1', port, path: PATH, headers: { authorization: `Bearer ${KEY}` } });
    request.on('error', () => undefined);
    await service.arrived(1);
    request.destroy();
    await isEnded;
    expect(service.countAborted()).toBe(1);
  });
});

test('a closing server answers its waiting agents with the state as it is, then lets go of them', async () => {
  const service = fakeService();
  const answers = await withApi({ deps: service.deps, isAlone: true }, async ({ app, port }) => {
    const agent = new Agent({ keepAlive: true });
    const polls = [poll(port, agent), poll(port, agent), poll(port, agent)];
    await service.arrived(3);
    await app.close();
    return Promise.all(polls);
  });
  expect(answers).toEqual(Array(3).fill({ status: 200, state: 'pending', connection: 'close' }));
});

test('a service that never answers does not keep a closing server open', async () => {
  let arrived: () => void = () => undefined;
  const isThere = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const readRequest = () => {
    arrived();
    return new Promise<never>(() => undefined);
  };
  await withApi({ deps: { readRequest }, close_ms_max: 1 }, async ({ app, send }) => {
    const cut = expect(send('GET', `/v1/approval-requests/${REQUEST_ID}`)).rejects.toThrow();
    await isThere;
    await app.close();
    await cut;
  });
});

test('without wait_seconds nothing waits', async () => {
  const awaitDecision = async () => Promise.reject(new Error('waited'));
  await withApi({ deps: { awaitDecision } }, async ({ send }) => {
    for (const query of ['', '?wait_seconds=0']) {
      expect((await send('GET', `/v1/approval-requests/${REQUEST_ID}${query}`)).status).toBe(200);
    }
  });
});

describe('the waits of one process', () => {
  const response = { destroyed: false, once: () => undefined, off: () => undefined } as unknown as Parameters<
    ReturnType<typeof createWaits>['run']
  >[0];

  test('have a limit, and the one too many is told to come back', async () => {
    const waits = createWaits(() => undefined, 1);
    let release: () => void = () => undefined;
    const first = waits.run(
      response,
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await expect(waits.run(response, async () => undefined)).rejects.toMatchObject({ code: 'unavailable' });
    release();
    await first;
    await expect(waits.run(response, async () => 'again')).resolves.toBe('again');
  });

  test('end at once when the client is gone already or the server is closing', async () => {
    const waits = createWaits(() => undefined);
    const gone = { ...response, destroyed: true } as typeof response;
    expect(await waits.run(gone, async (signal) => signal.aborted)).toBe(true);
    expect(await waits.run(response, async (signal) => signal.aborted)).toBe(false);
    waits.endAll();
    expect(await waits.run(response, async (signal) => signal.aborted)).toBe(true);
  });
});
