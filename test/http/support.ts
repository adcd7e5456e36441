// A running API on a free port with plain-object fakes behind it, and the smallest valid things to say to it.
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { PlacetError } from '../../src/domain/errors.ts';
import { makeId } from '../../src/domain/ids.ts';
import type { ApiDeps, ApiLog } from '../../src/http/deps.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createHttpServer } from '../../src/http/server.ts';
import type { Caller } from '../../src/service/records.ts';
import type { RequestView } from '../../src/service/view.ts';

const AT = new Date('2026-01-15T14:03:00.000Z');
const idOf = (kind: 'request' | 'lease' | 'agent' | 'person' | 'agentKey') =>
  makeId(kind, AT.getTime(), new Uint8Array(16).fill(7));

export const REQUEST_ID = idOf('request');
export const LEASE_ID = idOf('lease');
export const DIGEST = `sha256:${'ab'.repeat(32)}`;
export const KEY = 'plk_one';
export const OTHER_KEY = 'plk_two';
export const CREDENTIAL = 'eyJhbGciOiJFZDI1NTE5In0.e30.c2ln';

const CALLERS: Readonly<Record<string, Caller>> = Object.fromEntries(
  [KEY, OTHER_KEY].map((key) => [
    key,
    {
      tenant_id: 'default',
      agent_id: `${idOf('agent')}${key}`,
      name: key,
      environment: 'production',
      owner_person_id: idOf('person'),
      key_id: idOf('agentKey'),
    },
  ]),
);

export function aView(change: Partial<RequestView> = {}): RequestView {
  return {
    id: REQUEST_ID,
    state: 'pending',
    action: 'orders.refund',
    resource: 'order/A-1001',
    parameters: { amount: 120, currency: 'EUR' },
    justification: null,
    on_behalf_of: null,
    digest: DIGEST,
    created_at: AT,
    expires_at: new Date(AT.getTime() + 600_000),
    requirement: { stages: [{ approvers: ['payments'], quorum: 2 }] },
    policy: { version: 'pol_1', number: 1, rule: 'refunds need two people', effect: 'require' },
    credential: { type: 'jwt', audience: 'https://orders.example', scopes: ['orders:refund'], lifetime_seconds: 300 },
    decisions: [],
    outcome: null,
    ...change,
  };
}

/** A request that went all the way, so that every member of the answer is filled. */
export function aFinishedView(): RequestView {
  const result = { status: 'succeeded', detail: 'done', result_digest: DIGEST, reported_at: AT } as const;
  return aView({
    state: 'approved',
    justification: 'broken parcel',
    on_behalf_of: 'support@example.com',
    decisions: [
      {
        person: { id: idOf('person'), name: 'Ada', email: 'ada@example.com' },
        decision: 'approve',
        reason: 'ok',
        at: AT,
      },
    ],
    outcome: {
      state: 'approved',
      at: AT,
      by: ['Ada'],
      reason: null,
      claim_expires_at: AT,
      lease: { id: LEASE_ID, state: 'used', expires_at: AT, used_at: AT },
      result,
    },
  });
}

function fakeDeps(change: Partial<ApiDeps> = {}): ApiDeps {
  return {
    authenticate: async (bearer) => {
      const caller = CALLERS[bearer ?? ''];
      if (caller === undefined) throw new PlacetError('agent_key_invalid');
      return caller;
    },
    submit: async () => aView(),
    readRequest: async () => aFinishedView(),
    listRequests: async () => ({ items: [aView(), aFinishedView()], next_cursor: 'bmV4dA' }),
    awaitDecision: async () => aView(),
    cancel: async () => aView({ state: 'cancelled' }),
    claim: async () => ({ token: CREDENTIAL, lease: { id: LEASE_ID, expires_at: AT } }),
    use: async () => ({ id: LEASE_ID, state: 'used', used_at: AT }),
    report: async (_who, _id, result) => ({ ...result, reported_at: AT }),
    listJwks: async () => ({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'k', alg: 'Ed25519', use: 'sig' }] }),
    isReady: async () => true,
    ...change,
  };
}

export type LogLine = { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> };

export type TestApi = {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly lines: LogLine[];
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Answered>;
  readonly metrics: () => Promise<string>;
};

type Sent = {
  readonly key?: string | null;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
};

type Answered = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
};

export type ApiChange = {
  readonly deps?: Partial<ApiDeps>;
  readonly rateLimitPerMinute?: number;
  readonly closeMsMax?: number;
};

/** Runs `work` against a listening server, and closes the server whatever happens. */
export async function withApi<T>(change: ApiChange, work: (api: TestApi) => Promise<T>): Promise<T> {
  const lines: LogLine[] = [];
  const metrics = createMetrics({ process: false });
  const app = createHttpServer({
    options: {
      rateLimitPerMinute: change.rateLimitPerMinute ?? 100_000,
      publicUrl: 'https://placet.example',
      version: '0.0.0',
      ...(change.closeMsMax === undefined ? {} : { closeMsMax: change.closeMsMax }),
    },
    deps: fakeDeps(change.deps),
    log: logInto(lines),
    metrics,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  try {
    const send = (method: string, path: string, sent: Sent = {}) => sendTo(port, method, path, sent);
    return await work({ app, port, lines, send, metrics: async () => (await metrics.expose()).text });
  } finally {
    await app.close();
  }
}

function logInto(lines: LogLine[]): ApiLog {
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

async function sendTo(port: number, method: string, path: string, sent: Sent): Promise<Answered> {
  const { key = KEY, body, raw, headers = {} } = sent;
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

export const ASK = { action: 'orders.refund', resource: 'order/A-1001', parameters: { amount: 120 } } as const;

export type Operation = {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** Its path in the OpenAPI document. */
  readonly pattern: string;
  readonly sent: Sent;
  /** The use case behind it. */
  readonly dep: keyof ApiDeps;
  readonly status: number;
};

const REQUESTS = '/v1/approval-requests';

/** One valid call of every operation of the API that has a use case behind it. */
export const OPERATIONS: readonly Operation[] = [
  {
    operation: 'submit_approval_request',
    method: 'POST',
    path: REQUESTS,
    pattern: REQUESTS,
    sent: { body: ASK, headers: { 'idempotency-key': 'one' } },
    dep: 'submit',
    status: 201,
  },
  operation('read_approval_request', 'GET', '', { dep: 'readRequest' }),
  {
    ...operation('read_approval_request', 'GET', '', { dep: 'awaitDecision' }),
    path: `${REQUESTS}/${REQUEST_ID}?wait_seconds=60`,
  },
  { ...operation('list_approval_requests', 'GET', '', { dep: 'listRequests' }), path: REQUESTS, pattern: REQUESTS },
  operation('cancel_approval_request', 'POST', '/cancel', { dep: 'cancel' }),
  operation('claim_credential', 'POST', '/credential', { dep: 'claim' }),
  operation('report_result', 'POST', '/result', { dep: 'report', sent: { body: { status: 'succeeded' } } }),
  {
    operation: 'use_lease',
    method: 'POST',
    path: `/v1/leases/${LEASE_ID}/use`,
    pattern: '/v1/leases/{id}/use',
    sent: { key: CREDENTIAL, body: { digest: DIGEST } },
    dep: 'use',
    status: 200,
  },
  {
    operation: 'list_jwks',
    method: 'GET',
    path: '/.well-known/jwks.json',
    pattern: '/.well-known/jwks.json',
    sent: { key: null },
    dep: 'listJwks',
    status: 200,
  },
];

function operation(
  name: string,
  method: string,
  suffix: string,
  more: { readonly dep: keyof ApiDeps; readonly sent?: Sent },
): Operation {
  return {
    operation: name,
    method,
    path: `${REQUESTS}/${REQUEST_ID}${suffix}`,
    pattern: `${REQUESTS}/{id}${suffix}`,
    sent: more.sent ?? {},
    dep: more.dep,
    status: 200,
  };
}
