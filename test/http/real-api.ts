// The API over real use cases and a real database, and agents with real keys to talk to it.
import { randomBytes } from 'node:crypto';
import { freePorts } from '../../dev/ports.ts';
import type { ApiLog } from '../../src/http/deps.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { AGENT_KEY_RANDOM_BYTES, agentKeyHint, hashAgentKey, makeAgentKey } from '../../src/identity/agent-key.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createAgent } from '../../src/service/admin/agents.ts';
import type { ServiceDeps } from '../../src/service/deps.ts';
import { nobody, OPERATOR } from '../support/builders.ts';
import { TENANT, type TestDatabase } from '../support/database.ts';
import { createTestUseCases, ISSUER } from '../support/use-cases.ts';

type Reply = { readonly status: number; readonly text: string; readonly headers: Headers };
export type RealApi = {
  readonly url: string;
  /** Sends as the holder of `bearer`; a text is sent as it is, `more` are further headers. */
  readonly send: (bearer: string, method: string, path: string, body?: unknown, more?: object) => Promise<Reply>;
  /** Agents that wait in a long poll right now. */
  readonly waiting: () => Promise<number>;
  readonly close: () => Promise<void>;
};

const silent = () => undefined;
const NO_LOG: ApiLog = { debug: silent, info: silent, warn: silent, error: silent };

export type RealApiOptions = {
  readonly tenant?: string;
  readonly log?: ApiLog;
  /** Its own address is the issuer, for those who find the keys by it. */
  readonly is_issuer?: boolean;
};

/** One tenant's API on a free port. */
export async function startRealApi(
  database: TestDatabase,
  { tenant = TENANT, log = NO_LOG, is_issuer = false }: RealApiOptions = {},
): Promise<RealApi> {
  const [port = 0] = is_issuer ? await freePorts(1) : [];
  const public_url = is_issuer ? `http://127.0.0.1:${port}` : ISSUER;
  const useCases = createTestUseCases(database, tenant, { public_url });
  const metrics = createMetrics({ process: false });
  const app = createHttpServer({
    options: { rate_limit_per_minute: 100_000, public_url, version: '0.0.0', loop_delay_ms_max: 60_000 },
    deps: useCases,
    log,
    metrics,
  });
  const url = await app.listen({ host: '127.0.0.1', port });
  return {
    url,
    send: async (bearer, method, path, body, more = {}) => {
      const content = body === undefined ? {} : { 'content-type': 'application/json' };
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${bearer}`, ...content, ...more },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    waiting: async () => Number(/placet_long_polls_waiting (\d+)/.exec((await metrics.expose()).text)?.[1] ?? 0),
    close: async () => {
      await app.close();
      await useCases.close();
    },
  };
}

/** A new agent's key. */
export async function makeKey(service: ServiceDeps, tenant_id = TENANT): Promise<string> {
  return (await makeClient(service, tenant_id)).key;
}

/** A new agent's id and key. */
export async function makeClient(service: ServiceDeps, tenant_id = TENANT) {
  const fresh = () => {
    const key = makeAgentKey(randomBytes(AGENT_KEY_RANDOM_BYTES)).unwrap();
    return { key, hash: hashAgentKey(key), hint: agentKeyHint(key) };
  };
  const input = {
    tenant_id,
    name: `agent-${randomBytes(4).toString('hex')}`,
    owner_email: 'olga@example.com',
    is_new_owner: true,
    environment: 'production',
    days: 1,
    by: OPERATOR,
  };
  const { agent_id: id, key } = await createAgent({ ...service, makeAgentKey: fresh, findAccount: nobody }, input);
  return { id, key };
}
