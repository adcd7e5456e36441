// Approver groups as a resource, for admins: who may decide together. A change of one is a change of the policy's text, judged
// like any other.

import type { JsonObject } from '../../domain/request/request.ts';
import { refuseBody } from '../body.ts';
import type { RouteContext } from '../route-context.ts';
import * as wire from './admin-wire.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';
import { aboutChange, CHANGE_CODES } from './policy-change.ts';
import * as policyWire from './policy-wire.ts';

const BASE = '/v1/approver-groups';
const TAGS = ['approver groups'];

/** Registers the routes under /v1/approver-groups. */
export function registerApproverGroups(context: RouteContext): void {
  registerReads(context);
  registerSet(context);
  registerDelete(context);
}

function registerReads({ app, deps, guards }: RouteContext): void {
  app.get(
    BASE,
    {
      schema: {
        operationId: 'list_approver_groups',
        summary: 'All approver groups, retired ones last.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        response: answers({ status: 200, description: 'The groups.', schema: wire.groupList }, codes.admin),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      return { items: [...(await deps.listGroups({ tenant_id }))] };
    },
  );
  app.get(
    `${BASE}/:name`,
    {
      schema: {
        operationId: 'read_approver_group',
        summary: 'One approver group with the people it lists; those of a Slack user group are known to Slack alone.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.groupParams,
        response: answers({ status: 200, description: 'The group.', schema: wire.group }, [
          ...codes.admin,
          'not_found',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      const { members, ...group } = await deps.showGroup({ tenant_id, name: request.params.name });
      return { ...group, members: [...members] };
    },
  );
}

function registerSet({ app, deps, guards }: RouteContext): void {
  app.put(
    `${BASE}/:name`,
    {
      schema: {
        operationId: 'set_approver_group',
        summary: 'Make the group what the body says, in the text of the policy, of which nothing else is touched.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.groupParams,
        querystring: policyWire.changeQuery,
        body: wire.groupEntry,
        response: policyWire.changeAnswers(answers, CHANGE_CODES),
      },
    },
    async (request, reply) => {
      const about = aboutChange(guards.administratorOf(request), request, request.query);
      const entry = request.body as JsonObject;
      const step = { kind: 'set_group', name: request.params.name, entry } as const;
      const changed = await deps.takeStep({ ...about, step });
      return reply.code(changed.kind === 'proposed' ? 202 : 200).send(policyWire.changedOf(changed));
    },
  );
}

function registerDelete({ app, deps, guards }: RouteContext): void {
  app.delete(
    `${BASE}/:name`,
    {
      schema: {
        operationId: 'delete_approver_group',
        summary: 'Take the group out of the policy; refused while a rule asks it.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.groupParams,
        querystring: policyWire.changeQuery,
        response: policyWire.changeAnswers(answers, [...CHANGE_CODES, 'not_found']),
      },
      preValidation: refuseBody,
    },
    async (request, reply) => {
      const about = aboutChange(guards.administratorOf(request), request, request.query);
      const changed = await deps.takeStep({ ...about, step: { kind: 'delete_group', name: request.params.name } });
      return reply.code(changed.kind === 'proposed' ? 202 : 200).send(policyWire.changedOf(changed));
    },
  );
}
