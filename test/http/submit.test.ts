// A submit at the API: what reaches the use case, the digest of its body, and its Idempotency-Key.
import { describe, expect, test } from '@jest/globals';
import type { ApiDeps } from '../../src/http/deps.ts';
import type { Submission } from '../../src/service/agent/judgement.ts';
import { ASK, aView } from './samples.ts';
import { withApi } from './support.ts';

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
