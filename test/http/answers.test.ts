// What comes out of every route: each error with its status and nothing more, a success as documented.
import { describe, expect, test } from '@jest/globals';
import { ERRORS, type ErrorCode, PlacetError } from '../../src/domain/errors.ts';
import { OPERATIONS } from './operations.ts';
import { ASK, aFinishedView, aView, CREDENTIAL, DIGEST, KEY, LEASE_ID, REQUEST_ID } from './samples.ts';
import { failing, type LogLine, withApi } from './support.ts';

const SECRET = 'canary-9f8e7d';
const CODES = Object.keys(ERRORS) as ErrorCode[];

const RESOURCE = 'resource_metadata="https://placet.example/.well-known/oauth-protected-resource"';

/** RFC 6750 section 3, RFC 9449 section 7.1 and RFC 9728 section 5.1. */
function challengeOf(code: ErrorCode): string {
  const error = code === 'dpop_nonce_needed' ? 'use_dpop_nonce' : 'invalid_dpop_proof';
  const kind = code.startsWith('dpop_') ? `DPoP error="${error}", algs="ES256 EdDSA Ed25519"` : 'Bearer realm="placet"';
  return `${kind}, ${RESOURCE}`;
}

describe('each code of the error table comes out with its status, as problem details and nothing else', () => {
  test.each(OPERATIONS)('$operation ($dep)', async ({ method, path, sent, dep }) => {
    let code: ErrorCode = 'internal';
    const deps = failing(dep, () => new PlacetError(code, {}, new Error(SECRET)));
    await withApi({ deps }, async ({ send }) => {
      for (code of CODES) {
        const { status, title, retryable } = ERRORS[code];
        const answer = await send(method, path, sent);
        expect(answer.status).toBe(status);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(answer.json).toEqual({ type: `https://placet.dev/errors/${code}`, title, status, code, retryable });
        expect(answer.headers.has('retry-after')).toBe(status === 503 || status === 429);
        expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? challengeOf(code) : null);
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

test('times are RFC 3339 in UTC with milliseconds, and members come in the documented order', async () => {
  await withApi({ deps: { readRequest: async () => aFinishedView() } }, async ({ send }) => {
    const { text } = await send('GET', `/v1/approval-requests/${REQUEST_ID}`);
    expect(text).toContain('"created_at":"2026-01-15T14:03:00.000Z"');
    expect(Object.keys(JSON.parse(text))).toEqual([
      ...[
        'id',
        'state',
        'action',
        'resource',
        'parameters',
        'masked',
        'justification',
        'on_behalf_of',
        'digest',
        'created_at',
      ],
      ...['expires_at', 'requirement', 'policy', 'credential', 'presentation', 'decisions', 'outcome', 'undeliverable'],
    ]);
  });
});
