// Documents that anyone may read: the public keys of the credentials, the form of a policy, and the description of this API.

import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import type { ApiInstance } from '../route-context.ts';
import * as example from './examples.ts';
import { answers } from './openapi.ts';

/** A new key is published this long before it signs, so that no verifier meets a key it has not seen. */
const JWKS_AGE_SECONDS_MAX = 300;

/** Public keys only: a member such as `d` is dropped here whatever the caller passes. */
const jwks = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        alg: z.string().optional(),
        use: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Jwks', examples: [example.JWKS] });

/** Registers /.well-known/jwks.json, /policy.schema.json and /openapi.json. */
export function registerWellKnown(app: ApiInstance, deps: Pick<ApiDeps, 'listJwks' | 'readPolicySchema'>): void {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'list_jwks',
        summary: 'The public keys that verify credentials (RFC 7517).',
        tags: ['documents'],
        response: answers({ status: 200, description: 'The key set.', schema: jwks }, ['unavailable']),
      },
    },
    async (_request, reply) => {
      const keys = await deps.listJwks();
      return reply.header('cache-control', `public, max-age=${JWKS_AGE_SECONDS_MAX}`).send(keys);
    },
  );
  app.get(
    '/policy.schema.json',
    {
      schema: {
        operationId: 'read_policy_schema',
        summary: 'The JSON Schema (2020-12) of a policy document, for editors.',
        tags: ['documents'],
        response: answers({ status: 200, description: 'The schema.', schema: z.record(z.string(), z.unknown()) }, [
          'unavailable',
        ]),
      },
    },
    async (_request, reply) => {
      const schema = await deps.readPolicySchema();
      return reply.header('cache-control', `public, max-age=${JWKS_AGE_SECONDS_MAX}`).send(schema);
    },
  );
  let document: string | undefined;
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'read_openapi',
        summary: 'This document.',
        tags: ['documents'],
        response: answers({ status: 200, description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) }, [
          'unavailable',
        ]),
      },
    },
    async (_request, reply) => {
      document ??= JSON.stringify(app.swagger());
      return reply.header('content-type', 'application/json; charset=utf-8').send(Buffer.from(document));
    },
  );
}
