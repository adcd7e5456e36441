// A running API on a free port with plain-object fakes behind it; the tests of a file share one server.
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { PlacetError } from '../../src/domain/errors.ts';
import type { AdminTokenPrincipal, AgentPrincipal } from '../../src/domain/people/principal.ts';
import { permissionsOfToken, TOKEN_ROLES } from '../../src/domain/people/roles.ts';
import type { ApiDeps, ApiLog } from '../../src/http/deps.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { adminFakes } from './admin-fakes.ts';
import { AT, aFinishedView, aView, CREDENTIAL, DIGEST, idOf, KEY, LEASE_ID, OTHER_KEY, REQUEST_ID } from './samples.ts';

/** An admin token of each role, as `plt_` and the role. */
const ADMINISTRATORS: Readonly<Record<string, AdminTokenPrincipal>> = Object.fromEntries(
  TOKEN_ROLES.map((role) => [
    `plt_${role}`,
    {
      kind: 'admin_token',
      via: 'api',
      tenant_id: 'default',
      id: `${idOf('adminToken')}${role}`,
      name: role,
      role,
      owner_person_id: idOf('person'),
      maker_person_id: null,
      permissions: permissionsOfToken(role, [role === 'tool' ? 'owner' : role]),
    },
  ]),
);

const CALLERS: Readonly<Record<string, AgentPrincipal>> = Object.fromEntries(
  [KEY, OTHER_KEY].map((key) => [
    key,
    {
      kind: 'agent',
      via: 'api',
      tenant_id: 'default',
      id: `${idOf('agent')}${key}`,
      name: key,
      environment: 'production',
      owner_person_id: idOf('person'),
      behind_people: [],
      key_id: idOf('agentKey'),
    },
  ]),
);

function fakeDeps(change: Partial<ApiDeps> = {}): ApiDeps {
  return {
    authenticate: async (bearer) => {
      const caller = CALLERS[bearer ?? ''];
      if (caller === undefined) throw new PlacetError('agent_key_invalid');
      return caller;
    },
    authenticateToken: async (bearer) => {
      const caller = ADMINISTRATORS[bearer ?? ''];
      if (caller === undefined) throw new PlacetError('admin_token_invalid');
      return caller;
    },
    ...adminFakes,
    submit: async () => aView(),
    readRequest: async () => aFinishedView(),
    listRequests: async () => ({ items: [aView(), aFinishedView()], next_cursor: 'bmV4dA' }),
    awaitDecision: async () => aView(),
    cancel: async () => aView({ state: 'cancelled' }),
    claim: async () => ({ token: CREDENTIAL, lease: { id: LEASE_ID, expires_at: AT } }),
    start: async () => ({ started_at: AT }),
    use: async () => ({ id: LEASE_ID, state: 'used', used_at: AT }),
    report: async (_who, _id, result) => ({ ...result, reported_at: AT }),
    listReceipts: async () => ({
      log_key: 'placet.example/default+00000000+AQ==',
      items: [{ event_id: idOf('event'), type: 'lease.used', occurred_at: AT, receipt: 'c2sp.org/tlog-proof@v1' }],
    }),
    showLogKey: async () => ({ key: 'placet.example/default+00000000+AQ==' }),
    exchange: async () => ({
      ...{ token: CREDENTIAL, lifetime_seconds: 300, scopes: ['orders:refund'], is_bound: false },
      allowed: { action: 'a', resource: 'b', audience: 'https://c.example', digest: DIGEST, request_id: REQUEST_ID },
    }),
    introspect: async () => null,
    revokeCredential: async () => undefined,
    listJwks: async () => ({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'k', alg: 'EdDSA', use: 'sig' }] }),
    readPolicySchema: async () => ({ type: 'object' }),
    isReady: async () => true,
    ...change,
  };
}

/** A use case that fails each time with a fresh `error()`. */
export const failing = (dep: keyof ApiDeps, error: () => unknown): Partial<ApiDeps> => ({
  [dep]: async () => {
    throw error();
  },
});

export type LogLine = { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> };

export type TestApi = {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly url: string;
  readonly lines: LogLine[];
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Answered>;
  readonly metrics: () => Promise<string>;
};

export type Sent = {
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
  readonly rate_limit_per_minute?: number;
  readonly close_ms_max?: number;
  readonly loop_delay_ms_max?: number;
  /** A server of its own, for whoever closes it or counts what it has done; so has whoever changes more than `deps`. */
  readonly isAlone?: boolean;
};

/** What stands behind a server at this moment, and what it logs. */
type Behind = { readonly deps: ApiDeps; readonly lines: LogLine[] };
type Server = Pick<TestApi, 'app' | 'port' | 'metrics'>;

/** What each call of `withApi` put behind the server that they share; the last is asked. */
const behind: Behind[] = [];
let shared: Promise<Server> | undefined;
afterAll(async () => (await shared)?.app.close());

/** Runs `work` against a listening server with these use cases behind it. */
export async function withApi<T>(change: ApiChange, work: (api: TestApi) => Promise<T>): Promise<T> {
  const { deps, isAlone = false, ...options } = change;
  const own: Behind = { deps: fakeDeps(deps), lines: [] };
  if (isAlone || Object.keys(options).length > 0) {
    const server = await startServer(options, () => own);
    return work(apiOf(server, own)).finally(() => server.app.close());
  }
  shared ??= startServer({}, () => behind.at(-1) ?? own);
  const server = await shared;
  behind.push(own);
  return work(apiOf(server, own)).finally(() => behind.pop());
}

async function startServer(options: Omit<ApiChange, 'deps' | 'isAlone'>, current: () => Behind): Promise<Server> {
  const metrics = createMetrics({ process: false });
  const names = Object.keys(fakeDeps()) as (keyof ApiDeps)[];
  const asking =
    (name: keyof ApiDeps) =>
    (...input: unknown[]) =>
      (current().deps[name] as (...input: unknown[]) => unknown)(...input);
  const app = createHttpServer({
    options: {
      rate_limit_per_minute: 100_000,
      loop_delay_ms_max: 60_000,
      public_url: 'https://placet.example',
      version: '0.0.0',
      ...options,
    },
    deps: Object.fromEntries(names.map((name) => [name, asking(name)])) as unknown as ApiDeps,
    log: logInto(() => current().lines),
    metrics,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { app, port, metrics: async () => (await metrics.expose()).text };
}

const apiOf = (server: Server, { lines }: Behind): TestApi => ({
  ...server,
  url: `http://127.0.0.1:${server.port}`,
  lines,
  send: (method, path, sent = {}) => sendTo(server.port, method, path, sent),
});

function logInto(lines: () => LogLine[]): ApiLog {
  const at =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines().push({ level, message, fields });
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
