// Approver groups as a resource, for admins: who may decide together. They change with the policy.

import type { RouteContext } from '../route-context.ts';
import * as wire from './admin-wire.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';

const BASE = '/v1/approver-groups';
const TAGS = ['approver groups'];

/** Registers the routes under /v1/approver-groups. */
export function registerApproverGroups({ app, deps, guards }: RouteContext): void {
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
