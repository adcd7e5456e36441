// The policy as a resource, for admins: read it, try a draft, change it, go back. A policy is sent as the file it is, so that
// what was applied can be had again byte by byte. Each route parses, calls one use case and answers; no rule lives here.

import { POLICY_FILE_BYTES_MAX } from '../../domain/policy/policy.ts';
import type { RouteContext } from '../route-context.ts';
import { ADMIN_TOKEN, answers, codes } from './openapi.ts';
import { aboutChange, CHANGE_CODES } from './policy-change.ts';
import { registerPolicyTrials } from './policy-trials.ts';
import * as wire from './policy-wire.ts';
import { LIST_LIMIT_DEFAULT } from './wire.ts';

const BASE = '/v1/policy';
const TAGS = ['policy'];
/** RFC 9512. */
const YAML = 'application/yaml';

/** Registers every route under /v1/policy, of which some take a policy file as their body. */
export function registerPolicy(context: RouteContext): void {
  context.app.addContentTypeParser(
    YAML,
    { parseAs: 'string', bodyLimit: POLICY_FILE_BYTES_MAX },
    (_request, text, done) => done(null, text),
  );
  registerRead(context);
  registerVersions(context);
  registerLint(context);
  registerPlan(context);
  registerApply(context);
  registerRollback(context);
  registerPolicyTrials(context);
}

function registerRead({ app, deps, guards }: RouteContext): void {
  app.get(
    BASE,
    {
      schema: {
        operationId: 'read_policy',
        summary:
          'The newest version, as data and as the text that was applied. Its ETag is what a change names in If-Match.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        response: answers({ status: 200, description: 'The newest version.', schema: wire.policyVersion }, [
          ...codes.admin,
          'not_found',
        ]),
      },
    },
    async (request, reply) => {
      const { tenant_id } = guards.administratorOf(request);
      const version = await deps.readPolicy({ tenant_id, number: null });
      return reply.header('etag', `"${version.number}"`).send(wire.versionOf(version));
    },
  );
}

function registerVersions({ app, deps, guards }: RouteContext): void {
  app.get(
    `${BASE}/versions`,
    {
      schema: {
        operationId: 'list_policy_versions',
        summary: 'Who made which version, when, by which door and under which request, newest first.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        querystring: wire.versionsQuery,
        response: answers({ status: 200, description: 'One page.', schema: wire.versionList }, [
          ...codes.admin,
          'invalid_request',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      const { cursor: before = null, limit = LIST_LIMIT_DEFAULT } = request.query;
      const page = await deps.listPolicyVersions({ tenant_id, before, limit });
      return { items: page.items.map(wire.entryOf), next_cursor: page.next_before?.toString() ?? null };
    },
  );
  app.get(
    `${BASE}/versions/:number`,
    {
      schema: {
        operationId: 'read_policy_version',
        summary: 'One version, as data and as the text that was applied.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        params: wire.versionParams,
        response: answers({ status: 200, description: 'The version.', schema: wire.policyVersion }, [
          ...codes.admin,
          'not_found',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      return wire.versionOf(await deps.readPolicy({ tenant_id, number: request.params.number }));
    },
  );
}

function registerLint({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/lint`,
    {
      bodyLimit: POLICY_FILE_BYTES_MAX,
      schema: {
        operationId: 'lint_policy',
        summary: 'Everything that is wrong with a policy file, and what should be looked at, with line and column.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        consumes: [YAML],
        body: wire.policyFile,
        response: answers({ status: 200, description: 'What was found.', schema: wire.lintReport }, [
          ...codes.admin,
          ...codes.body,
        ]),
      },
    },
    async (request) => {
      guards.administratorOf(request);
      return deps.lintPolicy({ source: request.body });
    },
  );
}

function registerPlan({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/plan`,
    {
      bodyLimit: POLICY_FILE_BYTES_MAX,
      schema: {
        operationId: 'plan_policy',
        summary: 'What a policy file would change, in words, and whether that needs a second person.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        consumes: [YAML],
        body: wire.policyFile,
        response: answers({ status: 200, description: 'The plan.', schema: wire.plan }, [
          ...codes.admin,
          ...codes.body,
          'policy_invalid',
        ]),
      },
    },
    async (request) => {
      const { tenant_id } = guards.administratorOf(request);
      return deps.planPolicy({ tenant_id, source: request.body });
    },
  );
}

function registerApply({ app, deps, guards }: RouteContext): void {
  app.put(
    BASE,
    {
      bodyLimit: POLICY_FILE_BYTES_MAX,
      schema: {
        operationId: 'apply_policy',
        summary: 'Change the policy: what narrows is applied at once, what widens is asked of a second person (202).',
        tags: TAGS,
        security: ADMIN_TOKEN,
        consumes: [YAML],
        querystring: wire.changeQuery,
        body: wire.policyFile,
        response: wire.changeAnswers(answers, CHANGE_CODES),
      },
    },
    async (request, reply) => {
      const about = aboutChange(guards.administratorOf(request), request, request.query);
      const changed = await deps.changePolicy({ ...about, source: request.body });
      return reply.code(changed.kind === 'proposed' ? 202 : 200).send(wire.changedOf(changed));
    },
  );
}

function registerRollback({ app, deps, guards }: RouteContext): void {
  app.post(
    `${BASE}/rollback`,
    {
      schema: {
        operationId: 'rollback_policy',
        summary: 'Make an earlier version the newest again, as a change like any other.',
        tags: TAGS,
        security: ADMIN_TOKEN,
        querystring: wire.changeQuery,
        body: wire.rollback,
        response: wire.changeAnswers(answers, [...CHANGE_CODES, 'not_found']),
      },
    },
    async (request, reply) => {
      const about = aboutChange(guards.administratorOf(request), request, request.query);
      const changed = await deps.rollbackPolicy({ ...about, number: request.body.version });
      return reply.code(changed.kind === 'proposed' ? 202 : 200).send(wire.changedOf(changed));
    },
  );
}
