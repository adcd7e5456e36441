// The document tells the truth: every route, every answer, and each answer fits what it says.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ERRORS, type ErrorCode, PlacetError } from '../../src/domain/errors.ts';
import { ADMIN_OPERATIONS } from './admin-operations.ts';
import { type Answer, type OpenApi, openApiAt, routesOf, type Schema } from './open-api.ts';
import { OPERATIONS } from './operations.ts';
import { withApi } from './support.ts';

/** The schema with each reference replaced by what it names. */
function inlined(document: OpenApi, schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (_name, value: Schema) => {
    const name = (value as { $ref?: string } | null)?.$ref?.replace('#/components/schemas/', '');
    return name === undefined ? value : inlined(document, document.components.schemas[name] ?? {});
  }) as Schema;
}

type Form = ReturnType<typeof z.fromJSONSchema>;
/** Each schema is read once; the answers of one operation often share it. */
const forms = new Map<string, Form>();

function fits(document: OpenApi, schema: Schema, value: unknown): void {
  const key = JSON.stringify(schema);
  const form = forms.get(key) ?? z.fromJSONSchema(inlined(document, schema) as Parameters<typeof z.fromJSONSchema>[0]);
  forms.set(key, form);
  expect(form.safeParse(value).error?.issues ?? []).toEqual([]);
}

const codesOf = (answer: Answer | undefined): ErrorCode[] => {
  const schema = answer?.content['application/problem+json']?.schema as
    | { properties: { code: { enum: ErrorCode[] } } }
    | undefined;
  return schema?.properties.code.enum ?? [];
};

test('every route is documented, with a summary, its security and the 500 that any may answer', async () => {
  await withApi({}, async (api) => {
    const document = await openApiAt(api.url);
    expect(document.openapi).toBe('3.1.0');
    const listed = routesOf(document).map(({ path, method }) => `${method} ${path}`);
    const forAdmins = ADMIN_OPERATIONS.map(({ method, pattern }) => `${method} ${pattern}`);
    expect(listed.sort()).toEqual(
      [
        ...forAdmins,
        'GET /.well-known/jwks.json',
        'GET /.well-known/oauth-authorization-server',
        'GET /.well-known/oauth-protected-resource',
        'GET /.well-known/placet-log.json',
        'GET /livez',
        'GET /metrics',
        'GET /openapi.json',
        'GET /policy.schema.json',
        'GET /readyz',
        'GET /v1/approval-requests',
        'GET /v1/approval-requests/{id}',
        'POST /oauth/bc-authorize',
        'POST /oauth/introspect',
        'POST /oauth/revoke',
        'POST /oauth/token',
        'POST /v1/approval-requests',
        'GET /v1/approval-requests/{id}/receipts',
        'POST /v1/approval-requests/{id}/cancel',
        'POST /v1/approval-requests/{id}/credential',
        'POST /v1/approval-requests/{id}/execution',
        'POST /v1/approval-requests/{id}/result',
        'POST /v1/approval-requests/{id}/revoke',
        'POST /v1/leases/{id}/use',
      ].sort(),
    );
    // What the server itself lists, so that none is hidden from the document.
    const served = [...api.app.printRoutes().matchAll(/ \(([A-Z, ]+)\)$/gm)].flatMap(([, methods = '']) =>
      methods.split(', ').filter((method) => method !== 'HEAD'),
    );
    expect(served).toHaveLength(listed.length);
    for (const { path, operation } of routesOf(document)) {
      expect(operation.summary).not.toBe('');
      expect(operation.responses).toHaveProperty('500');
      expect(operation.security !== undefined).toBe(/^\/(v1|oauth)\//.test(path));
    }
  });
});

describe('each documented answer of each operation comes out as documented', () => {
  test.each(OPERATIONS)('$operation ($dep)', async ({ method, path, pattern, sent, dep, status }) => {
    let code: ErrorCode | null = null;
    await withApi({}, async (ok) => {
      const document = await openApiAt(ok.url);
      const responses = document.paths[pattern]?.[method.toLowerCase()]?.responses ?? {};
      const success = await ok.send(method, path, sent);
      expect(success.status).toBe(status);
      const [[media = '', { schema = { not: {} } } = {}] = []] = Object.entries(responses[status]?.content ?? {});
      expect(success.headers.get('content-type')).toContain(media);
      if (media !== 'application/zip') fits(document, schema, success.json);
      const failing = async () => Promise.reject(new PlacetError(code ?? 'internal'));
      await withApi({ deps: { [dep]: failing } }, async (api) => {
        for (const [failed, answer] of Object.entries(responses).filter(([key]) => Number(key) >= 400)) {
          expect(codesOf(answer).length).toBeGreaterThan(0);
          for (code of codesOf(answer)) {
            const refused = await api.send(method, path, sent);
            expect(String(refused.status)).toBe(failed);
            fits(document, answer.content['application/problem+json']?.schema ?? { not: {} }, refused.json);
          }
        }
      });
    });
  });
});

describe('what the door itself refuses is documented where it happens', () => {
  const faults: readonly (readonly [string, object])[] = [
    ['no key', { key: null }],
    ['broken JSON', { raw: '{' }],
    ['a wrong field', { body: { surprise: 1 } }],
    ['another media type', { raw: 'x', headers: { 'content-type': 'text/plain' } }],
    ['a body too large', { raw: `{"a":"${'x'.repeat(70_000)}"}` }],
  ];
  // A policy file is its own media type: the faults here are those of JSON.
  const posts = OPERATIONS.filter(({ method, sent }) => method === 'POST' && sent.raw === undefined);
  test.each(posts.flatMap((operation) => faults.map(([name, change]) => ({ ...operation, name, change }))))(
    '$operation: $name',
    async ({ method, path, pattern, sent, change }) => {
      await withApi({}, async (api) => {
        const document = await openApiAt(api.url);
        const { body: _, ...rest } = sent;
        const { status, json } = await api.send(method, path, { ...rest, ...change });
        const answer = document.paths[pattern]?.['post']?.responses[status];
        expect(codesOf(answer)).toContain((json as { code: ErrorCode }).code);
        fits(document, answer?.content['application/problem+json']?.schema ?? { not: {} }, json);
      });
    },
  );
});

test("every example fits its schema, and every error text is the table's", async () => {
  await withApi({}, async (api) => {
    const document = await openApiAt(api.url);
    const examples = Object.values(document.components.schemas).flatMap((schema) =>
      (schema['examples'] as unknown[]).map((example) => ({ schema, example })),
    );
    for (const { operation } of routesOf(document)) {
      for (const { schema, example, examples: several = {} } of Object.values(operation.requestBody?.content ?? {})) {
        const all = [example, ...Object.values(several).map(({ value }) => value)].filter((one) => one !== undefined);
        expect([operation.operationId, all.length > 0]).toEqual([operation.operationId, true]);
        for (const one of all) examples.push({ schema, example: one });
      }
      for (const answer of Object.values(operation.responses)) {
        for (const code of codesOf(answer)) expect(answer.description).toContain(`\`${code}\`: ${ERRORS[code].title}`);
        for (const { schema } of Object.values(answer.content)) {
          for (const example of (schema['examples'] as unknown[] | undefined) ?? []) examples.push({ schema, example });
        }
      }
    }
    expect(examples.length).toBeGreaterThan(60);
    for (const { schema, example } of examples) fits(document, schema, example);
  });
});

type Golden = {
  readonly answers: Readonly<
    Record<string, { readonly status: number; readonly body?: object; readonly is_foreign?: true }>
  >;
  readonly conversations: readonly {
    readonly exchanges: readonly {
      readonly method: string;
      readonly path: string;
      readonly body?: object;
      readonly answer: string;
    }[];
  }[];
};

test('what the SDKs of both languages are tested with is what this API takes and answers', async () => {
  const file = new URL('../../sdk/test/golden/conversations.json', import.meta.url);
  const { answers, conversations }: Golden = JSON.parse(readFileSync(file, 'utf8'));
  await withApi({}, async (api) => {
    const document = await openApiAt(api.url);
    const routes = routesOf(document);
    for (const { method, path, body, answer } of conversations.flatMap(({ exchanges }) => exchanges)) {
      const pattern = path.replace(/apr_\w+/, '{id}');
      const operation = routes.find((route) => route.method === method && route.path === pattern)?.operation;
      const input = operation?.requestBody?.content['application/json']?.schema;
      expect([pattern, input === undefined]).toEqual([pattern, body === undefined]);
      if (input) fits(document, input, body);
      const { status = 0, body: answered, is_foreign } = answers[answer] ?? {};
      if (is_foreign) continue;
      const documented = operation?.responses[String(status)];
      const schema = Object.values(documented?.content ?? {})[0]?.schema;
      fits(document, schema ?? { not: {} }, answered);
    }
  });
});
