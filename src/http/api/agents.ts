// Agents as a resource, for admins: create, rotate, revoke, list. A key is answered once and stored as a hash.
// Each route parses, calls one use case and answers; no rule lives here.

import { refuseBody } from '../body.ts';
import type { RouteContext } from '../route-context.ts';
import * as wire from './admin-wire.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';

const BASE = '/v1/agents';
const TAGS = ['agents'];

/** Registers every route under /v1/agents. */
export function registerAgents(context: RouteContext): void {
  registerList(context);
  registerCreate(context);
  registerLabel(context);
  registerRotate(context);
  registerRevoke(context);
}

function registerList({ app, deps, guards }: RouteContext): void {
  app.get(
    BASE,
    {
      schema: {
        operationId: 'list_agents',
        summary: 'All agents with their live keys’ hints, revoked ones last.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        response: answers({ status: 200, description: 'The agents.', schema: wire.agentList }, codes.admin),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      const agents = await deps.listAgents({ tenant_id });
      return { items: agents.map((agent) => ({ ...agent, labels: { ...agent.labels } })) };
    },
  );
}

function registerCreate({ app, deps, guards }: RouteContext): void {
  app.post(
    BASE,
    {
      schema: {
        operationId: 'create_agent',
        summary: 'Add an agent; its key is shown only here. Whoever is behind the token never counts for what it asks.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        body: wire.newAgent,
        response: answers({ status: 201, description: 'The agent and its key.', schema: wire.issuedKey }, [
          ...codes.admin,
          ...codes.body,
          'conflict',
          'owner_unknown',
        ]),
      },
    },
    async (request, reply) => {
      const by = guards.administratorOf(request);
      const input = { ...request.body, is_new_owner: false, tenant_id: by.tenant_id, by };
      return reply.code(201).send(await deps.createAgent(input));
    },
  );
}

function registerLabel({ app, deps, guards }: RouteContext): void {
  app.put(
    `${BASE}/:name/labels`,
    {
      schema: {
        operationId: 'label_agent',
        summary: 'Give an agent these labels and no others; rules match by them from its next request on.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.nameParams,
        body: wire.agentLabels,
        response: answers({ status: 200, description: 'Its labels are these.', schema: wire.labelledAgent }, [
          ...codes.admin,
          ...codes.body,
          'conflict',
          'not_found',
        ]),
      },
    },
    async (request) => {
      const by = guards.administratorOf(request);
      return deps.labelAgent({ ...request.body, ...request.params, tenant_id: by.tenant_id, by });
    },
  );
}

function registerRotate({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/:name/rotate`,
    {
      schema: {
        operationId: 'rotate_agent',
        summary: 'Issue a new key, shown only here; the old ones end after the overlap.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.nameParams,
        body: wire.rotation,
        response: answers({ status: 200, description: 'The new key.', schema: wire.rotatedKey }, [
          ...codes.admin,
          ...codes.body,
          'conflict',
          'not_found',
        ]),
      },
    },
    async (request) => {
      const by = guards.administratorOf(request);
      return deps.rotateAgent({ ...request.body, ...request.params, tenant_id: by.tenant_id, by });
    },
  );
}

function registerRevoke({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/:name/revoke`,
    {
      schema: {
        operationId: 'revoke_agent',
        summary: 'End an agent and all its keys for good; once more is harmless.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.nameParams,
        response: answers({ status: 200, description: 'It is revoked.', schema: wire.revokedAgent }, [
          ...codes.admin,
          ...codes.body,
          'not_found',
        ]),
      },
      preValidation: refuseBody,
    },
    async (request) => {
      const by = guards.administratorOf(request);
      return deps.revokeAgent({ ...request.params, tenant_id: by.tenant_id, by });
    },
  );
}
