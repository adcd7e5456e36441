// Every route, as the OpenAPI description lists them, tried by another agent and by another tenant with ids that exist:
// they do not exist for a stranger, on any route, in any state, and nothing of them changes (INV-9).

import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tenants from '../../src/db/tenants.ts';
import { AGENT_KEY_RANDOM_BYTES, makeAgentKey } from '../../src/identity/agent-key.ts';
import { newId } from '../../src/process/wiring.ts';
import { openApiAt, type Route, routesOf } from '../http/open-api.ts';
import { makeKey, type RealApi, startRealApi } from '../http/real-api.ts';
import { ASK, type Door, openDoor, REQUESTS } from './door.ts';

/** Told to anyone, so there is nothing to keep apart. A new route without security must be argued for here. */
const PUBLIC = [
  ...['is_live', 'is_ready', 'list_jwks', 'read_log_key', 'read_metrics', 'read_openapi'],
  ...['read_policy_schema', 'read_resource_metadata', 'read_server_metadata'],
];
/**
 * Routes that take no id in their path: of an agent's own collection, tested here, and the OAuth endpoints, in test/http/oauth. A
 * new one needs a test of its own.
 */
const COLLECTIONS = ['authorize_backchannel', 'exchange_token', 'list_approval_requests', 'submit_approval_request'];

let door: Door;
let otherTenant: RealApi;
let routes: readonly Route[];
/** Ids of the owner in every state that a route may find. */
let requests: readonly string[];
let leases: readonly string[];
const strangers = new Map<string, { readonly key: string; readonly api: RealApi }>();

beforeAll(async () => {
  door = await openDoor();
  await door.database.transact('other', (tx) => tenants.ensureTenant(tx));
  otherTenant = await startRealApi(door.database, { tenant: 'other' });
  const { service } = door.world;
  strangers.set('another agent', { key: await makeKey(service), api: door.api });
  const key = await makeKey(service, 'other');
  strangers.set('an agent of another tenant, at its own installation', { key, api: otherTenant });
  routes = routesOf(await openApiAt(door.api.url));
  await makeStories();
});
afterAll(async () => {
  await otherTenant.close();
  await door.close();
});

/** Pending, cancelled, approved, claimed, used, and reported. */
async function makeStories(): Promise<void> {
  const pending = await door.ask();
  const cancelled = await door.ask();
  await door.api.send(door.key, 'POST', `${REQUESTS}/${cancelled.id}/cancel`);
  const approved = await door.approved();
  const [claimed, used, reported] = [await door.claimed(), await door.claimed(), await door.claimed()];
  for (const { lease_id, token, request } of [used, reported]) {
    await door.api.send(token, 'POST', `/v1/leases/${lease_id}/use`, { digest: request.digest });
  }
  await door.api.send(door.key, 'POST', `${REQUESTS}/${reported.request.id}/result`, { status: 'succeeded' });
  leases = [claimed, used, reported].map(({ lease_id }) => lease_id);
  requests = [pending, cancelled, approved, claimed.request, used.request, reported.request].map(({ id }) => id);
}

const accepts = ({ operation }: Route, scheme: string) => operation.security?.some((one) => scheme in one) === true;
const withId = () => routes.filter(({ path }) => path.includes('{id}'));

/** A body that the route takes: its own example. */
const bodyOf = ({ operation }: Route): unknown => operation.requestBody?.content['application/json']?.example;

/** The owner's rows, but for the audit events that a refused credential leaves. */
async function ownersRows(): Promise<unknown> {
  return door.database.asSuperuser(
    `select (select md5(string_agg(r::text, ',' order by r.id)) from placet.approval_requests r where r.tenant_id = 'default') as requests,
       (select md5(string_agg(l::text, ',' order by l.id)) from placet.leases l) as leases,
       (select md5(string_agg(g::text, ',' order by g.id)) from placet.grants g) as grants,
       (select md5(string_agg(x::text, ',' order by x.request_id)) from placet.results x) as results,
       (select count(*)::int from placet.outbox) as outbox,
       (select count(*)::int from placet.audit_events where tenant_id = 'default' and type <> 'credential.refused') as events`,
  );
}

test('every route is told to anyone, or names an id, or is a collection that is tested here', () => {
  expect(routes.length).toBeGreaterThanOrEqual(12);
  const open = routes.filter(({ operation }) => operation.security === undefined);
  expect(open.map(({ operation }) => operation.operationId).sort()).toEqual(PUBLIC);
  const guarded = routes.filter(({ operation }) => operation.security !== undefined);
  const forAgents = guarded.filter((route) => !accepts(route, 'admin_token'));
  const rest = forAgents.filter(({ path }) => !path.includes('{id}'));
  expect(rest.map(({ operation }) => operation.operationId).sort()).toEqual(COLLECTIONS);
  for (const route of forAgents) expect(accepts(route, 'agent_key') || accepts(route, 'credential')).toBe(true);
});

test('a key of another tenant is as unknown as one that was never given, on every route that asks who calls', async () => {
  const before = await ownersRows();
  const foreign = await makeKey(door.world.service, 'other');
  const never = makeAgentKey(randomBytes(AGENT_KEY_RANDOM_BYTES)).unwrap();
  const guarded = routes.filter((route) => route.operation.security !== undefined && !accepts(route, 'admin_token'));
  expect(guarded.filter((one) => accepts(one, 'agent_key')).length).toBeGreaterThanOrEqual(6);
  expect(guarded.filter((one) => !accepts(one, 'agent_key')).length).toBeGreaterThanOrEqual(1);
  for (const route of guarded) {
    const path = route.path.replace('{id}', requests[0] ?? '');
    const send = (api: RealApi, key: string) =>
      api.send(key, route.method, path, bodyOf(route), { 'idempotency-key': randomUUID() });
    const { status, text } = await send(door.api, foreign);
    const unknown = await send(door.api, never);
    const isKnown = accepts(route, 'agent_key');
    // A route that takes a credential alone says nothing of a key, whoever's it is.
    expect([route.path, status, text]).toEqual([route.path, isKnown ? 401 : unknown.status, unknown.text]);
    expect([401, 404]).toContain(status);
    if (isKnown) expect((await send(otherTenant, foreign)).status).not.toBe(401);
  }
  expect(await ownersRows()).toEqual(before);
});

describe.each(['another agent', 'an agent of another tenant, at its own installation'])('%s', (who) => {
  const stranger = () => {
    const found = strangers.get(who);
    if (found === undefined) throw new Error(`nobody is ${who}`);
    return found;
  };

  test('finds every id as absent as one that was never given, on every route that takes a key', async () => {
    const before = await ownersRows();
    const { key, api } = stranger();
    const tried: string[] = [];
    for (const route of withId().filter((one) => accepts(one, 'agent_key'))) {
      const more = { 'idempotency-key': randomUUID() };
      const send = (id: string) => api.send(key, route.method, route.path.replace('{id}', id), bodyOf(route), more);
      const absent = await send(newId('request'));
      expect(absent.status).toBe(404);
      for (const id of [...requests, ...leases]) {
        const { status, text } = await send(id);
        expect([route.operation.operationId, id, status, text]).toEqual([
          route.operation.operationId,
          ...[id, 404, absent.text],
        ]);
      }
      tried.push(route.operation.operationId);
    }
    expect(tried.length).toBeGreaterThanOrEqual(4);
    expect(await ownersRows()).toEqual(before);
  });

  test('opens nothing with its key, or with a credential of its own, on every route that takes a credential', async () => {
    const before = await ownersRows();
    const { key, api } = stranger();
    const { token } = await door.claimed();
    const own = await ownersRows();
    for (const route of withId().filter((one) => accepts(one, 'credential'))) {
      for (const bearer of accepts(route, 'agent_key') ? [token] : [token, key]) {
        for (const id of [...requests, ...leases, newId('lease')]) {
          const { status } = await api.send(bearer, route.method, route.path.replace('{id}', id), bodyOf(route));
          expect([route.operation.operationId, id, [401, 404].includes(status)]).toEqual([
            route.operation.operationId,
            ...[id, true],
          ]);
        }
      }
    }
    expect(own).not.toEqual(before);
    expect(await ownersRows()).toEqual(own);
  });

  test('lists none of them, whatever the filter and also behind a cursor that is one of them', async () => {
    const { key, api } = stranger();
    for (const query of ['', '?state=pending', '?limit=100', ...requests.map((id) => `?cursor=${id}`)]) {
      const { status, text } = await api.send(key, 'GET', `${REQUESTS}${query}`);
      expect([status, JSON.parse(text)]).toEqual([200, { items: [], next_cursor: null }]);
    }
  });

  test('gets a request of its own under an Idempotency-Key of the owner', async () => {
    const { key, api } = stranger();
    const idempotency_key = randomUUID();
    const owners = await door.ask(ASK, idempotency_key);
    const { status, text } = await api.send(
      key,
      'POST',
      REQUESTS,
      { ...ASK, resource: 'order/B-1' },
      {
        'idempotency-key': idempotency_key,
      },
    );
    expect(status).toBe(201);
    expect(JSON.parse(text)).not.toMatchObject({ id: owners.id });
    const cancelled = await api.send(key, 'POST', `${REQUESTS}/${owners.id}/cancel`);
    expect(cancelled.status).toBe(404);
  });
});
