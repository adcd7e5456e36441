// Reading, cancelling, claiming, reporting and using at the API: what reaches the use case, and what is refused before it.
import { describe, expect, test } from '@jest/globals';
import type { ApiDeps } from '../../src/http/deps.ts';
import { CREDENTIAL, DIGEST, KEY, LEASE_ID, REQUEST_ID } from './samples.ts';
import { failing, withApi } from './support.ts';

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
    expect(seen).toEqual([
      { limit: 20, state: null, cursor: null },
      { limit: 100, state: 'denied', cursor: REQUEST_ID },
    ]);
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
    const plain = { token: CREDENTIAL, scheme: 'Bearer', proof: null };
    expect(seen).toEqual([{ lease_id: LEASE_ID, digest: DIGEST, ...plain }]);
    const bare = await send('POST', `/v1/leases/${LEASE_ID}/use`, { key: null, body: { digest: DIGEST } });
    expect((bare.json as { code: string }).code).toBe('credential_invalid');
  });
});
