// The door itself: who may pass and how often, paths and methods that do not exist, broken HTTP, headers, health.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { PlacetError } from '../../src/domain/errors.ts';
import { createProbeServer } from '../../src/http/server.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { ADMIN_OPERATIONS } from './admin-operations.ts';
import { OPERATIONS } from './operations.ts';
import { CREDENTIAL, DIGEST, KEY, LEASE_ID, OTHER_KEY, REQUEST_ID } from './samples.ts';
import { withApi } from './support.ts';

const LIST = '/v1/approval-requests';
type Problem = { readonly code: string; readonly detail?: string };
const codeOf = (json: unknown) => (json as Problem).code;

describe('without a valid key there is one answer', () => {
  const others = ['use_lease', 'list_jwks', 'read_log_key', 'read_policy_schema'];
  const withKey = OPERATIONS.filter(({ operation }) => !others.includes(operation));
  test.each(withKey)('$operation', async ({ method, path, sent }) => {
    const refused = ADMIN_OPERATIONS.some((each) => each.path === path) ? 'admin_token_invalid' : 'agent_key_invalid';
    await withApi({}, async ({ send }) => {
      for (const key of [null, 'plk_unknown', '', 'a b', `${KEY},${KEY}`]) {
        const { status, json } = await send(method, path, { ...sent, key });
        expect([status, codeOf(json)]).toEqual([401, refused]);
      }
      const basic = await send(method, path, {
        ...sent,
        key: null,
        headers: { ...sent.headers, authorization: `Basic ${KEY}` },
      });
      expect(basic.status).toBe(401);
    });
  });

  test('and the body of a stranger is never read', async () => {
    await withApi({}, async ({ send }) => {
      const raw = '{"a":1,"a":2}';
      expect((await send('POST', LIST, { key: 'plk_unknown', raw })).status).toBe(401);
    });
  });
});

describe('how often', () => {
  test('an agent that asks too much is told when to come back, and the others go on', async () => {
    await withApi({ rate_limit_per_minute: 3 }, async ({ send }) => {
      for (let i = 0; i < 3; i += 1) expect((await send('GET', LIST)).status).toBe(200);
      const over = await send('GET', `${LIST}/${REQUEST_ID}`);
      expect([over.status, codeOf(over.json)]).toEqual([429, 'rate_limited']);
      const seconds = Number(over.headers.get('retry-after'));
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
      expect((await send('GET', LIST, { key: OTHER_KEY })).status).toBe(200);
    });
  });

  test('failed attempts from one address are slowed, and a good key from there still works', async () => {
    const deps = { use: async () => Promise.reject(new PlacetError('credential_invalid')) };
    await withApi({ deps, rate_limit_per_minute: 600 }, async ({ send }) => {
      for (let i = 0; i < 30; i += 1) {
        expect((await send('GET', LIST, { key: 'plk_guess' })).status).toBe(401);
        const sent = { key: CREDENTIAL, body: { digest: DIGEST } };
        expect((await send('POST', `/v1/leases/${LEASE_ID}/use`, sent)).status).toBe(401);
      }
      const over = await send('GET', LIST, { key: 'plk_guess' });
      expect(over.status).toBe(429);
      expect((over.json as Problem).detail).toBe('Too many failed attempts from this address.');
      expect((await send('GET', LIST)).status).toBe(200);
    });
  });
});

describe('what is not there', () => {
  test.each([
    '/',
    '/v1',
    '/v2/approval-requests',
    `${LIST}/`,
    `${LIST}/${REQUEST_ID}/approve`,
    '/nope/%zz',
    '/livez/x',
  ])('%s answers 404', async (path) => {
    await withApi({}, async ({ send }) => {
      const { status, json, headers } = await send('GET', path);
      expect([status, codeOf(json), headers.get('content-type')]).toEqual([
        404,
        'not_found',
        'application/problem+json',
      ]);
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  test.each([
    ['DELETE', LIST, 'GET, HEAD, POST'],
    ['OPTIONS', LIST, 'GET, HEAD, POST'],
    ['PATCH', `${LIST}/${REQUEST_ID}`, 'GET, HEAD'],
    ['GET', `${LIST}/${REQUEST_ID}/cancel`, 'POST'],
    ['PUT', `/v1/leases/${LEASE_ID}/use`, 'POST'],
    ['POST', '/livez', 'GET, HEAD'],
    ['PROPFIND', '/openapi.json', 'GET, HEAD'],
  ])('%s %s answers 405 and names what the path takes, whatever the body', async (method, path, allow) => {
    await withApi({}, async ({ send }) => {
      const answer = await send(method, path, method === 'GET' ? {} : { raw: '{broken' });
      expect([answer.status, codeOf(answer.json), answer.headers.get('allow')]).toEqual([
        405,
        'method_not_allowed',
        allow,
      ]);
    });
  });

  test('HEAD answers like GET without the body', async () => {
    await withApi({}, async ({ send }) => {
      const answer = await send('HEAD', `${LIST}/${REQUEST_ID}`);
      expect([answer.status, answer.text]).toEqual([200, '']);
      expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
    });
  });
});

/** What anybody may keep, for so many seconds. */
const KEPT: Readonly<Record<string, number>> = { list_jwks: 300, read_policy_schema: 300, read_log_key: 3_600 };

describe('headers', () => {
  test('nothing but the public keys and the form of policies may be stored by anyone on the way', async () => {
    await withApi({}, async ({ send }) => {
      for (const { operation, method, path, sent } of OPERATIONS) {
        const { headers } = await send(method, path, sent);
        const kept = operation in KEPT ? `public, max-age=${KEPT[operation]}` : 'no-store';
        expect([operation, headers.get('cache-control')]).toEqual([operation, kept]);
      }
    });
  });

  test('every answer names itself, is no page, and invites no other origin', async () => {
    await withApi({}, async ({ send }) => {
      const ids = new Set<string | null>();
      for (const path of ['/livez', LIST, '/nope']) {
        const { headers } = await send('GET', path, {
          headers: { origin: 'https://evil.example', 'x-request-id': 'mine' },
        });
        ids.add(headers.get('x-request-id'));
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
        expect(headers.has('access-control-allow-origin')).toBe(false);
      }
      expect(ids.size).toBe(3);
      expect(ids).not.toContain('mine');
    });
  });
});

describe('bytes that are no HTTP request are answered as problems too', () => {
  async function talk(socket: Socket): Promise<string> {
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  }

  test.each([
    ['nonsense', 'HELLO\r\n\r\n', 400, 'http_malformed'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'http_malformed',
    ],
    [
      'a length and chunks (request smuggling)',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'http_malformed',
    ],
    ['headers of 20 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_480)}\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s', async (_name, bytes, status, code) => {
    await withApi({}, async ({ port }) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(bytes);
      const text = await talk(socket);
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(text).toContain('Content-Type: application/problem+json');
      expect(codeOf(JSON.parse(text.split('\r\n\r\n')[1] ?? ''))).toBe(code);
    });
  });

  test('a request that does not arrive in time', async () => {
    await withApi({}, async ({ app, port }) => {
      const socket = connect(port, '127.0.0.1');
      const [served] = (await once(app.server, 'connection')) as [Socket];
      app.server.emit('clientError', Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), served);
      expect(await talk(socket)).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
    });
  });
});

describe('health', () => {
  test('/livez answers while everything else is down', async () => {
    const deps = { isReady: async () => false };
    await withApi({ deps }, async ({ send }) => {
      expect((await send('GET', '/livez', { key: null })).json).toEqual({ status: 'ok' });
      const ready = await send('GET', '/readyz', { key: null });
      expect([ready.status, codeOf(ready.json), ready.headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    });
  });

  test.each([
    ['fails', async () => Promise.reject(new Error('no database'))],
    ['never answers', () => new Promise<boolean>(() => undefined)],
  ])('/readyz says no when the check %s', async (_name, isReady) => {
    await withApi({ deps: { isReady } }, async ({ send }) => {
      expect((await send('GET', '/readyz')).status).toBe(503);
    });
  });

  test('/readyz says yes when the database takes writes', async () => {
    await withApi({}, async ({ send }) => expect((await send('GET', '/readyz')).status).toBe(200));
  });

  test('/metrics counts operations by outcome, with no id in any label', async () => {
    await withApi(
      { deps: { claim: async () => Promise.reject(new PlacetError('already_claimed')) }, isAlone: true },
      async ({ send }) => {
        for (const { method, path, sent } of OPERATIONS) await send(method, path, sent);
        await send('GET', '/nope');
        const { text, headers } = await send('GET', '/metrics', { key: null });
        expect(headers.get('content-type')).toContain('text/plain');
        expect(text).toContain('placet_operations_total{operation="claim_credential",outcome="already_claimed"} 1');
        expect(text).toContain('placet_operations_total{operation="unmatched",outcome="not_found"} 1');
        expect(text).toContain('placet_approval_requests_total{state="pending"} 1');
        expect(text).toMatch(/placet_http_request_duration_seconds_count\{operation="use_lease",status="200"\} 1/);
        expect(text).not.toContain(REQUEST_ID);
      },
    );
  });

  test('a process without an API serves its health and nothing else', async () => {
    const silent = () => undefined;
    const app = createProbeServer({
      deps: { isReady: async () => true },
      log: { debug: silent, info: silent, warn: silent, error: silent },
      metrics: createMetrics({ process: true }),
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const statuses = ['/livez', '/readyz', LIST].map(async (path) => (await fetch(url + path)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 404]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
    await app.close();
  });
});
