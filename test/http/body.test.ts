// What a body must be before anyone parses it, and what its fields must be: threats 42 to 47 and their neighbours.
import { describe, expect, test } from '@jest/globals';
import type { ApiDeps } from '../../src/http/deps.ts';
import { ASK, DIGEST, KEY, LEASE_ID, REQUEST_ID } from './samples.ts';
import { withApi } from './support.ts';

const PATH = '/v1/approval-requests';
const HEADERS = { 'idempotency-key': 'k' };
const unreached: Partial<ApiDeps> = {
  submit: async () => {
    throw new Error('the service was reached');
  },
};
const withParameters = (text: string) => `{"action":"a","resource":"r","parameters":${text}}`;
const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"m${i}":0`).join(',')}}`;
/** Levels of the whole body; the two outer ones are the body and its parameters. */
const nested = (depth: number) => withParameters(`{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}`);

type Problem = {
  readonly code: string;
  readonly reason?: string;
  readonly path?: string;
  readonly errors?: { path: string }[];
};

async function submitRaw(raw: string | Uint8Array<ArrayBuffer>): Promise<Problem & { readonly status: number }> {
  return withApi({ deps: unreached }, async ({ send }) => {
    const { status, json } = await send('POST', PATH, { raw, headers: HEADERS });
    return { ...(json as Problem), status };
  });
}

describe('a body that two parsers could read in two ways is refused before any parse', () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>, string, string]>([
    ['a member twice', withParameters('{"amount":1,"amount":1000}'), 'duplicate_member', '/parameters/amount'],
    [
      'a member twice, escaped',
      withParameters('{"amount":1,"\\u0061mount":2}'),
      'duplicate_member',
      '/parameters/amount',
    ],
    ['the action twice', '{"action":"a","action":"b","resource":"r"}', 'duplicate_member', '/action'],
    ['2^53 + 1', withParameters('{"n":9007199254740993}'), 'number_out_of_range', '/parameters/n'],
    ['1e400', withParameters('{"n":1e400}'), 'number_out_of_range', '/parameters/n'],
    ['an inexact decimal', withParameters('{"n":0.1000000000000000055511}'), 'number_not_exact', '/parameters/n'],
    ['a lone surrogate', withParameters('{"s":"\\ud800"}'), 'lone_surrogate', '/parameters/s'],
    ['NUL', withParameters('{"s":"a\\u0000"}'), 'forbidden_character', '/parameters/s'],
    ['1e16 + 1', withParameters('{"n":10000000000000001}'), 'number_out_of_range', '/parameters/n'],
    [
      'a number of RFC 8785 that doubles cannot tell',
      withParameters('{"n":333333333.33333329}'),
      'number_not_exact',
      '/parameters/n',
    ],
    ['bytes that are no UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'invalid_utf8', ''],
    ['a byte order mark', `\u{feff}${withParameters('{}')}`, 'byte_order_mark', ''],
    ['UTF-16', new Uint8Array(Buffer.from(JSON.stringify(ASK), 'utf16le')), 'syntax', ''],
    ['two documents', '{} {}', 'syntax', ''],
    ['a comment', '{/**/}', 'syntax', ''],
    ['NaN', withParameters('{"n":NaN}'), 'syntax', '/parameters/n'],
    ['half a document', '{"action":', 'syntax', '/action'],
  ])('%s', async (_name, raw, reason, path) => {
    expect(await submitRaw(raw)).toMatchObject({ status: 400, code: 'invalid_json', reason, path });
  });
});

test('a refusal of a body says what to do', async () => {
  expect(await submitRaw(withParameters('{"n":9007199254740993}'))).toMatchObject({
    title: 'The body is not strict JSON.',
    detail: 'some readers would take this number for another one: send it as text, in quotes',
  });
});

describe('the limits of a body', () => {
  test.each([
    ['depth 33', nested(33), 422, 'invalid_request'],
    ['1,001 members', withParameters(members(998)), 422, 'invalid_request'],
    ['a name of 257 characters', withParameters(`{"${'n'.repeat(257)}":1}`), 422, 'invalid_request'],
    ['65 KiB', withParameters(`{"s":"${'x'.repeat(65 * 1024)}"}`), 413, 'body_too_large'],
    ['10 MiB', withParameters(`{"s":"${'x'.repeat(10 * 1024 * 1024)}"}`), 413, 'body_too_large'],
    [
      '64 KiB of numbers that grow fourfold',
      withParameters(`{"n":[${'1e15,'.repeat(12_000)}1]}`),
      413,
      'body_too_large',
    ],
  ])('%s is refused', async (_name, raw, status, code) => {
    expect(await submitRaw(raw)).toMatchObject({ status, code });
  });

  test.each([
    ['depth 32', nested(32)],
    ['1,000 members', withParameters(members(997))],
    ['a string of 60,000 characters', withParameters(`{"s":"${'x'.repeat(60_000)}"}`)],
  ])('%s is taken', async (_name, raw) => {
    await withApi({}, async ({ send }) => {
      expect((await send('POST', PATH, { raw, headers: HEADERS })).status).toBe(201);
    });
  });

  test('a body without a length is cut off at 64 KiB', async () => {
    await withApi({ deps: unreached }, async ({ port }) => {
      const chunks = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let i = 0; i < 80; i += 1) controller.enqueue(new Uint8Array(1024).fill(0x20));
          controller.close();
        },
      });
      const response = await fetch(`http://127.0.0.1:${port}${PATH}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...HEADERS },
        body: chunks,
        duplex: 'half',
      } as RequestInit);
      expect(response.status).toBe(413);
    });
  });
});

describe('fields are checked one by one, and each fault is named', () => {
  const credential = { type: 'jwt', audience: 'https://o.example', scopes: ['a'], lifetime_seconds: 300 };
  test.each<[unknown, string]>([
    [{ resource: 'r' }, '/action'],
    [{ ...ASK, action: '' }, '/action'],
    [{ ...ASK, action: '-rm' }, '/action'],
    [{ ...ASK, action: 'a b' }, '/action'],
    [{ ...ASK, action: 'a'.repeat(201) }, '/action'],
    [{ ...ASK, action: 'оrders' }, '/action'],
    [{ ...ASK, resource: '' }, '/resource'],
    [{ ...ASK, resource: 'a\nb' }, '/resource'],
    [{ ...ASK, resource: 'a\u0085b' }, '/resource'],
    [{ ...ASK, resource: 'r'.repeat(501) }, '/resource'],
    [{ ...ASK, parameters: [] }, '/parameters'],
    [{ ...ASK, parameters: null }, '/parameters'],
    [{ ...ASK, parameters: '{"amount":1}' }, '/parameters'],
    [{ ...ASK, parameters: 7 }, '/parameters'],
    [{ ...ASK, justification: 'j'.repeat(3_001) }, '/justification'],
    [{ ...ASK, justification: 7 }, '/justification'],
    [{ ...ASK, on_behalf_of: 'nobody' }, '/on_behalf_of'],
    [{ ...ASK, on_behalf_of: 'ann@ex\u0430mple.com' }, '/on_behalf_of'],
    [{ ...ASK, on_behalf_of: 'ann@exam\u200bple.com' }, '/on_behalf_of'],
    [{ ...ASK, timeout_seconds: 0 }, '/timeout_seconds'],
    [{ ...ASK, timeout_seconds: 2_592_001 }, '/timeout_seconds'],
    [{ ...ASK, timeout_seconds: 1.5 }, '/timeout_seconds'],
    [{ ...ASK, timeout_seconds: '60' }, '/timeout_seconds'],
    [{ ...ASK, surprise: 1 }, '/surprise'],
    [{ ...ASK, credential: { ...credential, type: 'opaque' } }, '/credential/type'],
    [{ ...ASK, credential: { ...credential, audience: '/orders' } }, '/credential/audience'],
    [{ ...ASK, credential: { ...credential, audience: 'https://o.example/#x' } }, '/credential/audience'],
    [{ ...ASK, credential: { ...credential, audience: ['https://o.example'] } }, '/credential/audience'],
    [{ ...ASK, credential: { ...credential, scopes: [] } }, '/credential/scopes'],
    [{ ...ASK, credential: { ...credential, scopes: ['a', 'a'] } }, '/credential/scopes'],
    [{ ...ASK, credential: { ...credential, scopes: ['a b'] } }, '/credential/scopes/0'],
    [{ ...ASK, credential: { ...credential, scopes: ['"'] } }, '/credential/scopes/0'],
    [
      { ...ASK, credential: { ...credential, scopes: Array.from({ length: 21 }, (_, i) => `s${i}`) } },
      '/credential/scopes',
    ],
    [{ ...ASK, credential: { ...credential, lifetime_seconds: 29 } }, '/credential/lifetime_seconds'],
    [{ ...ASK, credential: { ...credential, lifetime_seconds: 901 } }, '/credential/lifetime_seconds'],
    [{ ...ASK, credential: { ...credential, extra: 1 } }, '/credential/extra'],
    [[], ''],
    [null, ''],
    ['text', ''],
  ])('%j', async (body, path) => {
    const { status, code, errors } = await submitRaw(JSON.stringify(body));
    expect({ status, code, paths: errors?.map((error) => error.path) }).toEqual({
      status: 422,
      code: 'invalid_request',
      paths: [path],
    });
  });

  test('arguments that came as JSON text are to be parsed first', async () => {
    const { errors } = await submitRaw(JSON.stringify({ ...ASK, parameters: '{"amount":1}' }));
    expect(errors).toEqual([
      { path: '/parameters', message: 'must be an object, not JSON as text: parse the arguments first' },
    ]);
  });

  test('a hundred faults do not make a long answer', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${'\u{1f600}'.repeat(120)}${i}`, 0]));
    await withApi({ deps: unreached }, async ({ send }) => {
      const answer = await send('POST', PATH, { body: { ...ASK, ...many }, headers: HEADERS });
      expect(answer.status).toBe(422);
      expect((answer.json as Problem).errors).toHaveLength(20);
      expect(answer.text.length).toBeLessThan(20 * 1_000);
    });
  });

  test.each([
    [{ digest: 'sha256:AB' }, '/digest'],
    [{}, '/digest'],
    [{ digest: DIGEST, more: 1 }, '/more'],
  ])('use: %j', async (body, path) => {
    await withApi({}, async ({ send }) => {
      const { status, json } = await send('POST', `/v1/leases/${LEASE_ID}/use`, { body });
      expect([status, (json as Problem).errors?.[0]?.path]).toEqual([422, path]);
    });
  });

  test.each([
    [{ status: 'done' }, '/status'],
    [{ status: 'failed', detail: 'd'.repeat(2_001) }, '/detail'],
    [{ status: 'failed', result_digest: 'x' }, '/result_digest'],
  ])('result: %j', async (body, path) => {
    await withApi({}, async ({ send }) => {
      const { status, json } = await send('POST', `/v1/approval-requests/${REQUEST_ID}/result`, { body });
      expect([status, (json as Problem).errors?.[0]?.path]).toEqual([422, path]);
    });
  });
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'nonsense',
])('a body of type %s is refused with 415', async (type) => {
  await withApi({ deps: unreached }, async ({ send }) => {
    const headers = { ...HEADERS, 'content-type': type };
    const answer = await send('POST', PATH, { raw: JSON.stringify(ASK), headers });
    expect([answer.status, (answer.json as Problem).code]).toEqual([415, 'unsupported_media_type']);
  });
});

test('a charset beside the media type changes nothing', async () => {
  await withApi({}, async ({ send }) => {
    const headers = { ...HEADERS, 'content-type': 'application/json; charset=utf-8' };
    expect((await send('POST', PATH, { raw: JSON.stringify(ASK), headers })).status).toBe(201);
  });
});
