// The agent's side of the API with as little of its own as can be: what is measured is the server, not a client.

import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import type { Question } from './policy.ts';

/** What the bench reads of an approval request. */
export type Answered = { readonly id: string; readonly state: string; readonly digest: string };
export type Claimed = {
  readonly credential: { readonly token: string };
  readonly lease: { readonly id: string };
};

export type Agent = {
  readonly create: (input: Question) => Promise<Answered>;
  /** One long poll; answers when the request leaves pending. */
  readonly wait: (id: string, seconds: number) => Promise<Answered>;
  readonly claim: (id: string) => Promise<Claimed>;
  readonly use: (claimed: Claimed, digest: string) => Promise<void>;
  readonly report: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** An agent over at most `connections` connections, which it keeps. */
export function createAgent(url: string, key: string, connections: number): Agent {
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 90_000, bodyTimeout: 90_000 });
  const call = async <T>(
    method: 'GET' | 'POST',
    path: string,
    { body, bearer = key }: { readonly body?: unknown; readonly bearer?: string } = {},
  ): Promise<T> => {
    const headers: Record<string, string> = { authorization: `Bearer ${bearer}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    // 122 random bits: no two of the bench's requests are the same one.
    if (path === REQUESTS && method === 'POST') headers['idempotency-key'] = randomUUID();
    const text = body === undefined ? null : JSON.stringify(body);
    const answer = await pool.request({ method, path, headers, body: text });
    const read = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${read}`);
    return JSON.parse(read) as T;
  };
  return {
    create: (input) => call('POST', REQUESTS, { body: input }),
    wait: (id, seconds) => call('GET', `${REQUESTS}/${id}?wait_seconds=${seconds}`),
    claim: (id) => call('POST', `${REQUESTS}/${id}/credential`),
    use: async ({ credential, lease }, digest) => {
      await call('POST', `/v1/leases/${lease.id}/use`, { body: { digest }, bearer: credential.token });
    },
    report: async (id) => {
      await call('POST', `${REQUESTS}/${id}/result`, { body: { status: 'succeeded' } });
    },
    close: () => pool.destroy(),
  };
}

const REQUESTS = '/v1/approval-requests';
