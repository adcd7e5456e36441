// What the OAuth endpoints take and answer, whatever stands behind them: who comes in, strict forms, errors as OAuth writes them.

import { describe, expect, test } from '@jest/globals';
import { ERRORS, type ErrorCode, PlacetError } from '../../../src/domain/errors.ts';
import { permissionsOfToken, TOKEN_ROLES } from '../../../src/domain/people/roles.ts';
import { openApiAt } from '../open-api.ts';
import { CREDENTIAL, KEY, OTHER_KEY, REQUEST_ID } from '../samples.ts';
import { failing, type Sent, type TestApi, withApi } from '../support.ts';
import { OAUTH_OPERATIONS, type OAuthOperation } from './operations.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const post = ({ send }: TestApi, { pattern, form }: Pick<OAuthOperation, 'pattern' | 'form'>, sent: Sent = {}) =>
  send('POST', pattern, { raw: new URLSearchParams(form).toString(), ...sent, headers: { ...FORM, ...sent.headers } });
const errorOf = ({ json }: { readonly json: unknown }) => (json as { error?: string }).error;

/** Endpoints that give no token. */
const FORBIDDING = ['/oauth/introspect', '/oauth/revoke'];

describe.each(OAUTH_OPERATIONS)('$pattern $form.grant_type', (endpoint) => {
  test('lets in an agent, and of admin tokens those that may, each by its own role alone', async () => {
    await withApi({}, async (api) => {
      for (const role of TOKEN_ROLES) {
        const held = permissionsOfToken(role, [role === 'tool' ? 'owner' : role]);
        const isIn = endpoint.permission !== null && held.includes(endpoint.permission);
        const answer = await post(api, endpoint, { key: `plt_${role}` });
        expect([role, answer.status, errorOf(answer)]).toEqual(
          isIn
            ? [role, 200, undefined]
            : [role, FORBIDDING.includes(endpoint.pattern) ? 403 : 400, 'unauthorized_client'],
        );
      }
      expect((await post(api, endpoint)).status).toBe(200);
      for (const key of [null, 'plk_none', 'plt_none', CREDENTIAL]) {
        const answer = await post(api, endpoint, { key });
        expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_client']);
        expect(answer.headers.get('www-authenticate')).toBe('Basic realm="placet", charset="UTF-8"');
      }
    });
  });

  test('answers each error as RFC 6749 says, documented, never kept, and tells nothing of its cause', async () => {
    let code: ErrorCode = 'internal';
    const cause = new Error('canary-1f2e3d');
    const deps = failing(endpoint.dep, () => new PlacetError(code, {}, cause));
    await withApi({ deps, rate_limit_per_minute: 100_000 }, async (api) => {
      const { paths } = await openApiAt(api.url);
      const responses = paths[endpoint.pattern]?.['post']?.responses ?? {};
      const listed: string[] = [];
      for (code of Object.keys(ERRORS) as ErrorCode[]) {
        const { status, headers, text, json } = await post(api, endpoint);
        const { error, error_description, error_uri } = json as Record<string, string>;
        expect(Object.keys(json as object)).toEqual(['error', 'error_description', 'error_uri']);
        expect(headers.get('content-type')).toBe('application/json');
        expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
        expect(text).not.toContain('canary');
        expect(error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
        // The code is where it can be looked up; RFC 6749 asks for 400 of nearly all.
        expect(error_uri).toBe(`https://placet.dev/errors/${code}`);
        const { status: ours } = ERRORS[code];
        const isSaid = [400, 401, 408, 413, 415, 429, 500, 503].includes(status) || status === 403;
        expect([code, isSaid, headers.has('retry-after')]).toEqual([code, true, ours === 429 || ours === 503]);
        const answer = responses[status] as { content: Record<string, { schema: Schema }> } | undefined;
        const { properties } = answer?.content['application/json']?.schema ?? NO_SCHEMA;
        if (properties.error_uri.enum.includes(error_uri ?? '')) {
          listed.push(code);
          expect(properties.error.enum).toContain(error);
        }
      }
      expect(listed.length).toBeGreaterThan(9);
    });
  });

  test('takes a form of one meaning, and nothing else', async () => {
    const raw = new URLSearchParams(endpoint.form).toString();
    const [name = ''] = Object.keys(endpoint.form);
    await withApi({}, async (api) => {
      const bad: readonly (readonly [Sent, number])[] = [
        [{ raw: `${raw}&${name}=x` }, 400],
        [{ raw: `${raw}&${name}=` }, 400],
        [{ raw: `${raw}&x=%ff` }, 400],
        [{ raw: `${raw}&x=%` }, 400],
        [{ raw: `${raw}&x=é` }, 400],
        [{ raw: `${raw}&x=\u0000` }, 400],
        [{ raw: `${raw}${'&a'.repeat(60)}` }, 400],
        [{ raw: `${raw}&x=${'a'.repeat(70_000)}` }, 413],
        [{ raw: '' }, 400],
        [{ raw: JSON.stringify(endpoint.form), headers: { 'content-type': 'application/json' } }, 415],
        [{ raw: raw, headers: { 'content-type': 'text/plain' } }, 415],
      ];
      for (const [sent, status] of bad) {
        const answer = await post(api, endpoint, sent);
        expect([sent.raw?.slice(-20), answer.status, errorOf(answer)]).toEqual([
          sent.raw?.slice(-20),
          status,
          'invalid_request',
        ]);
      }
      // What is not known is passed over (RFC 6749 section 3.2), and what has no value counts as left out.
      expect((await post(api, endpoint, { raw: `${raw}&__proto__=x&unknown=&a` })).status).toBe(200);
      const got = await api.send('GET', `${endpoint.pattern}?${raw}`);
      expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  test('says nothing to other origins, and its log line holds no secret', async () => {
    await withApi({}, async (api) => {
      const { headers } = await post(api, endpoint, { headers: { origin: 'https://evil.example' } });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      const preflight = await api.send('OPTIONS', endpoint.pattern, { headers: { origin: 'https://evil.example' } });
      expect(preflight.status).toBe(405);
      const logged = JSON.stringify(api.lines.map(({ fields: { agent_id: _, ...rest } }) => rest));
      for (const secret of [KEY, CREDENTIAL, REQUEST_ID]) expect(logged).not.toContain(secret);
    });
  });

  test('is limited as every other: for each client, and for whoever fails', async () => {
    await withApi({ rate_limit_per_minute: 10 }, async (api) => {
      const statuses = [];
      for (let sent = 0; sent < 11; sent += 1) statuses.push((await post(api, endpoint)).status);
      expect(statuses).toEqual([...Array(10).fill(200), 429]);
      expect((await post(api, endpoint, { key: OTHER_KEY })).status).toBe(200);
      expect((await post(api, endpoint, { key: 'plk_none' })).status).toBe(401);
      const slowed = await post(api, endpoint, { key: 'plk_none' });
      expect([slowed.status, errorOf(slowed), slowed.headers.has('retry-after')]).toEqual([
        429,
        'temporarily_unavailable',
        true,
      ]);
    });
  });
});

type Schema = { readonly properties: Record<'error' | 'error_uri', { readonly enum: readonly string[] }> };
const NO_SCHEMA: Schema = { properties: { error: { enum: [] }, error_uri: { enum: [] } } };
