// Every answer of every route: what a success looks like, and that each error comes out with its status and nothing more.
import { describe, expect, test } from '@jest/globals';
import { ERRORS, type ErrorCode, PlacetError } from '../../src/domain/errors.ts';
import type { ApiDeps } from '../../src/http/deps.ts';
import type { Submission } from '../../src/service/submit.ts';
import {
  ASK,
  aFinishedView,
  aView,
  CREDENTIAL,
  DIGEST,
  KEY,
  LEASE_ID,
  type LogLine,
  OPERATIONS,
  REQUEST_ID,
  withApi,
} from './support.ts';

const SECRET = 'canary-9f8e7d';
const CODES = Object.keys(ERRORS) as ErrorCode[];
const failing = (dep: keyof ApiDeps, error: () => unknown): Partial<ApiDeps> => ({
  [dep]: async () => {
    throw error();
  },
});

describe('each code of the error table comes out with its status, as problem details and nothing else', () => {
  test.each(OPERATIONS)('$operation ($dep)', async ({ method, path, sent, dep }) => {
    let code: ErrorCode = 'internal';
    const deps = failing(dep, () => new PlacetError(code, {}, new Error(SECRET)));
    await withApi({ deps }, async ({ send }) => {
      for (code of CODES) {
        const { status, title } = ERRORS[code];
        const answer = await send(method, path, sent);
        expect(answer.status).toBe(status);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.json).toEqual({ type: `https://placet.dev/errors/${code}`, title, status, code });
        expect(answer.headers.has('retry-after')).toBe(status === 503 || status === 429);
        expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer realm="placet"' : null);
      }
    });
  });
});

test('an unforeseen error answers 500 internal, tells nothing of itself, and is logged once with its cause', async () => {
  const deps = failing('submit', () => new TypeError(SECRET));
  await withApi({ deps }, async ({ send, lines }) => {
    const answer = await send('POST', '/v1/approval-requests', { body: ASK, headers: { 'idempotency-key': 'k' } });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain(SECRET);
    expect([...answer.headers].flat().join('\n')).not.toContain(SECRET);
    expect(lines).toHaveLength(1);
    const { level, fields }: Pick<LogLine, 'level' | 'fields'> = lines[0] ?? { level: '', fields: {} };
    expect([level, fields['code'], fields['reference']]).toEqual([
      'error',
      'internal',
      answer.headers.get('x-request-id'),
    ]);
    expect(fields['err']).toBeInstanceOf(TypeError);
  });
});

test('an answer that does not fit its schema is not sent', async () => {
  const broken = { ...aView(), state: 'maybe', justification: SECRET } as unknown as ReturnType<typeof aView>;
  await withApi({ deps: { readRequest: async () => broken } }, async ({ send }) => {
    const answer = await send('GET', `/v1/approval-requests/${REQUEST_ID}`);
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([500, 'internal']);
    expect(answer.text).not.toContain(SECRET);
  });
});

test('what the service adds beyond the schema stays inside', async () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'k', d: SECRET };
  const deps = { readRequest: async () => ({ ...aView(), secret: SECRET }), listJwks: async () => ({ keys: [jwk] }) };
  await withApi({ deps }, async ({ send }) => {
    expect((await send('GET', `/v1/approval-requests/${REQUEST_ID}`)).text).not.toContain(SECRET);
    expect((await send('GET', '/.well-known/jwks.json')).text).not.toContain(SECRET);
  });
});

test('a log line holds ids and codes, never a key, a header or a body', async () => {
  await withApi({}, async ({ send, lines }) => {
    for (const { method, path, sent } of OPERATIONS)
      await send(method, path, { ...sent, headers: { ...sent.headers, 'x-extra': SECRET } });
    expect(lines).toHaveLength(OPERATIONS.length);
    const text = JSON.stringify(lines);
    for (const hidden of [KEY, CREDENTIAL, SECRET, ASK.resource, DIGEST]) {
      expect(text.replaceAll(/"agent_id":"[^"]*"/g, '')).not.toContain(hidden);
    }
    expect(text).toContain(REQUEST_ID);
    expect(text).toContain(LEASE_ID);
  });
});

describe('a submit', () => {
  test('passes on what was asked, parsed, with null for what was left out', async () => {
    const seen: Submission[] = [];
    const deps: Partial<ApiDeps> = {
      submit: async (_caller, submission) => {
        seen.push(submission);
        return aView();
      },
    };
    await withApi({ deps }, async ({ send }) => {
      const headers = { 'idempotency-key': 'a key' };
      const minimal = await send('POST', '/v1/approval-requests', { body: { action: 'a', resource: 'r' }, headers });
      expect(minimal.status).toBe(201);
      const credential = { type: 'jwt', audience: 'https://orders.example', scopes: ['a:b'], lifetime_seconds: 30 };
      const rest = { justification: 'why', on_behalf_of: 'Ann@Example.COM', timeout_seconds: 1, credential };
      await send('POST', '/v1/approval-requests', { body: { ...ASK, ...rest }, headers });
      const absent = { justification: null, on_behalf_of: null, timeout_seconds: null, credential: null };
      expect(seen.map(({ ask }) => ask)).toEqual([
        { action: 'a', resource: 'r', parameters: {}, ...absent },
        { ...ASK, ...rest, on_behalf_of: 'ann@example.com' },
      ]);
      expect(seen[0]?.idempotency_key).toBe('a key');
      expect(seen[0]?.body_digest).toHaveLength(32);
    });
  });

  test('has one digest for one body however it is written, and another for any other', async () => {
    const digests: string[] = [];
    const deps: Partial<ApiDeps> = {
      submit: async (_caller, { body_digest }) => {
        digests.push(Buffer.from(body_digest).toString('hex'));
        return aView();
      },
    };
    await withApi({ deps }, async ({ send }) => {
      const bodies = [
        '{"action":"a","resource":"r","parameters":{"n":1e2}}',
        ' { "parameters" : {"n":100.0}, "resource":"\\u0072","action":"a" } ',
        '{"action":"a","resource":"r","parameters":{"n":101}}',
        '{"action":"a","resource":"r","parameters":{"n":100},"justification":null}',
      ];
      for (const raw of bodies)
        await send('POST', '/v1/approval-requests', { raw, headers: { 'idempotency-key': 'k' } });
    });
    expect(new Set(digests).size).toBe(3);
    expect(digests[0]).toBe(digests[1]);
  });

  test.each([[undefined], [''], ['x'.repeat(256)], ['caf\u00e9']])('needs an Idempotency-Key: %j', async (key) => {
    await withApi({}, async ({ send }) => {
      const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
      const answer = await send('POST', '/v1/approval-requests', { body: ASK, headers });
      expect([answer.status, (answer.json as { code: string }).code]).toEqual([400, 'idempotency_key_missing']);
    });
  });

  test('takes an Idempotency-Key of 255 characters', async () => {
    await withApi({}, async ({ send }) => {
      const headers = { 'idempotency-key': 'k'.repeat(255) };
      expect((await send('POST', '/v1/approval-requests', { body: ASK, headers })).status).toBe(201);
    });
  });
});

test('times are RFC 3339 in UTC with milliseconds, and members come in the documented order', async () => {
  await withApi({ deps: { readRequest: async () => aFinishedView() } }, async ({ send }) => {
    const { text } = await send('GET', `/v1/approval-requests/${REQUEST_ID}`);
    expect(text).toContain('"created_at":"2026-01-15T14:03:00.000Z"');
    expect(Object.keys(JSON.parse(text))).toEqual([
      ...['id', 'state', 'action', 'resource', 'parameters', 'justification', 'on_behalf_of', 'digest', 'created_at'],
      ...['expires_at', 'requirement', 'policy', 'credential', 'decisions', 'outcome'],
    ]);
  });
});

test('the list passes its filter on, twenty at a time unless told', async () => {
  const seen: unknown[] = [];
  const deps: Partial<ApiDeps> = {
    listRequests: async (_caller, query) => {
      seen.push(query);
      return { items: [], next_cursor: null };
    },
  };
  await withApi({ deps }, async ({ send }) => {
    expect((await send('GET', '/v1/approval-requests')).json).toEqual({ items: [], next_cursor: null });
    await send('GET', `/v1/approval-requests?state=denied&limit=100&cursor=${REQUEST_ID}`);
    expect(seen).toEqual([{ limit: 20 }, { limit: 100, state: 'denied', cursor: REQUEST_ID }]);
  });
});

describe('a query that is wrong is refused, not read as something else', () => {
  test.each([
    ...['limit=0', 'limit=101', 'limit=1e1', 'limit=', 'limit=%201', 'limit=1&limit=2', 'state=open', 'cursor=%00'],
    ...['cursor=', 'unknown=1', `cursor=${LEASE_ID}`, 'cursor=0', '__proto__=1'],
  ])('list: %s', async (query) => {
    await withApi({}, async ({ send }) => {
      const answer = await send('GET', `/v1/approval-requests?${query}`);
      expect([answer.status, (answer.json as { code: string }).code]).toEqual([422, 'invalid_request']);
    });
  });

  test.each(['wait_seconds=61', 'wait_seconds=-1', 'wait_seconds=0x1', 'wait_seconds=', 'wait=5'])(
    'read: %s',
    async (query) => {
      await withApi({}, async ({ send }) => {
        const answer = await send('GET', `/v1/approval-requests/${REQUEST_ID}?${query}`);
        expect(answer.status).toBe(422);
      });
    },
  );
});

test.each(['apr_1', 'apr_%00', LEASE_ID, 'x'.repeat(500), `${REQUEST_ID}%27`, '..%2f..'])(
  'an id that cannot exist is answered like one that does not: %s',
  async (id) => {
    const deps = failing('readRequest', () => new Error('the service was asked'));
    await withApi({ deps }, async ({ send }) => {
      const answer = await send('GET', `/v1/approval-requests/${id}`);
      expect([answer.status, (answer.json as { code: string }).code]).toEqual([404, 'not_found']);
    });
  },
);

test('cancel and claim take no body, or an empty object', async () => {
  await withApi({}, async ({ send }) => {
    for (const verb of ['cancel', 'credential']) {
      const path = `/v1/approval-requests/${REQUEST_ID}/${verb}`;
      expect((await send('POST', path)).status).toBe(200);
      expect((await send('POST', path, { body: {} })).status).toBe(200);
      expect((await send('POST', path, { raw: '' })).status).toBe(200);
      expect((await send('POST', path, { body: { force: true } })).status).toBe(422);
      expect((await send('POST', path, { body: [] })).status).toBe(422);
    }
  });
});

test('a result may come from the agent or from the holder of the credential', async () => {
  const seen: unknown[] = [];
  const deps: Partial<ApiDeps> = {
    report: async (who, _id, result) => {
      seen.push('caller' in who ? who.caller.name : who.token);
      return { ...result, reported_at: new Date(0) };
    },
  };
  await withApi({ deps }, async ({ send }) => {
    const path = `/v1/approval-requests/${REQUEST_ID}/result`;
    const body = { status: 'failed', detail: 'no funds', result_digest: DIGEST };
    for (const key of [KEY, CREDENTIAL]) {
      const answer = await send('POST', path, { key, body });
      expect(answer.json).toEqual({ result: { ...body, reported_at: '1970-01-01T00:00:00.000Z' } });
    }
    expect((await send('POST', path, { key: null, body })).status).toBe(401);
    expect((await send('POST', path, { key: 'plk_unknown', body })).status).toBe(401);
    expect(seen).toEqual([KEY, CREDENTIAL]);
  });
});

test('the tool spends the lease of the path with the credential of the header', async () => {
  const seen: unknown[] = [];
  const deps: Partial<ApiDeps> = {
    use: async (spent) => {
      seen.push(spent);
      return { id: spent.lease_id, state: 'used', used_at: new Date(0) };
    },
  };
  await withApi({ deps }, async ({ send }) => {
    const answer = await send('POST', `/v1/leases/${LEASE_ID}/use`, { key: CREDENTIAL, body: { digest: DIGEST } });
    expect(answer.json).toEqual({ lease: { id: LEASE_ID, state: 'used', used_at: '1970-01-01T00:00:00.000Z' } });
    expect(seen).toEqual([{ lease_id: LEASE_ID, token: CREDENTIAL, digest: DIGEST }]);
    const bare = await send('POST', `/v1/leases/${LEASE_ID}/use`, { key: null, body: { digest: DIGEST } });
    expect((bare.json as { code: string }).code).toBe('credential_invalid');
  });
});
