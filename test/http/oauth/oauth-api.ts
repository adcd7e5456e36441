// A real API and what talks to it as any OAuth client does: with oauth4webapi, which shares no code with ours.

import { randomBytes, randomUUID } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { adminTokenHint, hashAdminToken, makeAdminToken } from '../../../src/identity/admin-token.ts';
import { addOwner } from '../../../src/service/admin/owners.ts';
import { createToken } from '../../../src/service/admin/tokens.ts';
import { decide } from '../../../src/service/approver/decide.ts';
import {
  CREDENTIAL,
  makeClick,
  makePolicy,
  makeRuleFor,
  makeWorld,
  nobody,
  OPERATOR,
  type World,
} from '../../support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from '../../support/database.ts';
import { makeClient, type RealApi, startRealApi } from '../real-api.ts';
import { EXCHANGE, REQUEST_TYPE } from './operations.ts';

export const ACTION = { action: 'orders.refund', parameters: { amount: 120, currency: 'EUR' } } as const;
export const INSECURE = { [oauth.allowInsecureRequests]: true } as const;

/** Who calls: an id, and the secret that belongs to it. */
export type TestClient = { readonly id: string; readonly secret: string };
type Request = { readonly id: string; readonly digest: string; readonly state: string };
export type Answer = { readonly status: number; readonly headers: Headers; readonly json: Record<string, unknown> };

export type OAuthApi = {
  readonly database: TestDatabase;
  readonly world: World;
  readonly api: RealApi;
  /** As the metadata tell it. */
  readonly server: oauth.AuthorizationServer;
  readonly agent: TestClient;
  readonly stranger: TestClient;
  readonly tool: TestClient;
  /** A request of the agent: `order/…` waits for a person, `free/…` is allowed, `bound/…` too, with a bound credential. */
  readonly ask: (resource?: string) => Promise<Request>;
  readonly approve: (request: Request) => Promise<unknown>;
  /** A credential of the agent, by our own API. */
  readonly claimed: (
    resource?: string,
  ) => Promise<{ readonly request: Request; readonly token: string; readonly lease_id: string }>;
  /** Sends a form as a client, by HTTP Basic. */
  readonly post: (
    path: string,
    client: TestClient | null,
    form: Readonly<Record<string, string>> | string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly introspect: (client: TestClient, token: string) => Promise<Answer>;
  readonly exchange: (
    client: TestClient,
    request_id: string,
    more?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

/** HTTP Basic as RFC 6749 section 2.3.1 writes it. */
export const basic = ({ id, secret }: TestClient) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;

export async function openOAuth(): Promise<OAuthApi> {
  const database = await createTestDatabase();
  const free = { effect: 'allow', approvers: [] } as const;
  const rules = [
    makeRuleFor('order/*'),
    makeRuleFor('free/*', free),
    makeRuleFor('bound/*', { ...free, credential: { ...CREDENTIAL, sender: 'dpop' } }),
    makeRuleFor('bare/*', { ...free, credential: null }),
  ];
  const world = await makeWorld(database, makePolicy(rules));
  const { service } = world;
  const api = await startRealApi(database, { is_issuer: true });
  const clientOf = async () => {
    const { id, key: secret } = await makeClient(service);
    return { id, secret };
  };
  const [agent, stranger] = [await clientOf(), await clientOf()];
  const issuer = new URL(api.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE });
  const post: OAuthApi['post'] = async (path, client, form, headers = {}) => {
    const response = await fetch(api.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(client === null ? {} : { authorization: basic(client) }),
        ...headers,
      },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as Record<string, unknown>,
    };
  };
  const ask: OAuthApi['ask'] = async (resource = 'order/A-1001') => {
    const body = { ...ACTION, resource };
    const { text } = await api.send(agent.secret, 'POST', '/v1/approval-requests', body, {
      'idempotency-key': randomUUID(),
    });
    return JSON.parse(text) as Request;
  };
  return {
    ...{ database, world, api, agent, stranger, post, ask },
    server: await oauth.processDiscoveryResponse(issuer, found),
    tool: await makeTool(world),
    async claimed(resource = 'free/1') {
      const request = await ask(resource);
      const { text } = await api.send(agent.secret, 'POST', `/v1/approval-requests/${request.id}/credential`);
      const { credential, lease } = JSON.parse(text) as { credential: { token: string }; lease: { id: string } };
      return { request, token: credential.token, lease_id: lease.id };
    },
    approve: (request) => decide(world.deps, makeClick(request, 'ann')),
    introspect: (client, token) => post('/oauth/introspect', client, { token }),
    exchange: (client, subject_token, more = {}) =>
      post('/oauth/token', client, {
        grant_type: EXCHANGE,
        subject_token,
        subject_token_type: REQUEST_TYPE,
        ...more,
      }),
    close: async () => {
      await api.close();
      await database.drop();
    },
  };
}

/** An admin token with the role of a tool. */
async function makeTool({ service }: World): Promise<TestClient> {
  const by = { tenant_id: TENANT, operator: OPERATOR };
  const owner = { email: 'boss@example.com', is_new_owner: true };
  await addOwner({ ...service, findAccount: nobody }, { ...by, ...owner });
  const makeAdmin = () => {
    const token = makeAdminToken(randomBytes(32)).unwrap();
    return { token, hash: hashAdminToken(token) ?? new Uint8Array(), hint: adminTokenHint(token) };
  };
  const input = { ...by, name: 'orders', role: 'tool', owner_email: owner.email, days: 1 } as const;
  const { id, token } = await createToken({ ...service, makeAdminToken: makeAdmin }, input);
  return { id, secret: token };
}
