// The description and the door agree on texts and cursors: what fits the one is taken by the other. Found by fuzzing.
import { expect, test } from '@jest/globals';
import { isId } from '../../src/domain/ids.ts';
import { openApiAt } from './open-api.ts';
import { ASK, DIGEST, REQUEST_ID } from './samples.ts';
import { type TestApi, withApi } from './support.ts';

type Text = { readonly pattern: string; readonly maxLength: number };
type Nullable = { readonly anyOf: readonly [Text, unknown] };
type Body = { readonly properties: { resource: Text; justification: Nullable; detail: Nullable } };
type Method = {
  readonly parameters?: readonly { readonly name: string; readonly schema: Text & { uniqueItems?: boolean } }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Body } } };
};

const REQUESTS = '/v1/approval-requests';
const RESULT = `${REQUESTS}/${REQUEST_ID}/result`;

const describedAt = async ({ url }: TestApi, path: string, method: string): Promise<Method> =>
  ((await openApiAt(url)).paths[path]?.[method] ?? {}) as Method;

const bodyOf = (method: Method): Body['properties'] => {
  const schema = method.requestBody?.content['application/json'].schema;
  if (schema === undefined) throw new Error('no body is described');
  return schema.properties;
};

/** The three texts that agents write: what is said of each, and what the server says to one. */
async function texts(api: TestApi): Promise<readonly { described: Text; take: (text: string) => Promise<boolean> }[]> {
  const input = bodyOf(await describedAt(api, REQUESTS, 'post'));
  const body = bodyOf(await describedAt(api, `${REQUESTS}/{id}/result`, 'post'));
  const isTaken = async (path: string, body: object) =>
    (await api.send('POST', path, { body, headers: { 'idempotency-key': 'k' } })).status < 300;
  return [
    { described: input.resource, take: (resource) => isTaken(REQUESTS, { ...ASK, resource }) },
    { described: input.justification.anyOf[0], take: (justification) => isTaken(REQUESTS, { ...ASK, justification }) },
    { described: body.detail.anyOf[0], take: (detail) => isTaken(RESULT, { status: 'failed', detail }) },
  ];
}

test('a text may be as long as its description says, counted in characters and not in UTF-16 units', async () => {
  await withApi({}, async (api) => {
    const maxima: number[] = [];
    for (const { described, take } of await texts(api)) {
      maxima.push(described.maxLength);
      expect(await take('😀'.repeat(described.maxLength))).toBe(true);
      expect(await take('😀'.repeat(described.maxLength + 1))).toBe(false);
    }
    expect(maxima).toEqual([500, 3_000, 2_000]);
  });
});

test.each([
  ['an emoji', '😀'],
  ['a line feed', 'a\nb'],
  ['NUL', 'a\u0000'],
  ['C1', 'a\u0085'],
  ['a noncharacter', '\uffff'],
  ['an Arabic noncharacter', '\ufdd0'],
  ['the last character before them', '\ufdcf'],
])('%s is taken exactly where the pattern allows it, for readers with the u flag and without', async (_name, text) => {
  await withApi({}, async (api) => {
    for (const { described, take } of await texts(api)) {
      const isAllowed = new RegExp(described.pattern, 'u').test(text);
      expect(new RegExp(described.pattern).test(text)).toBe(isAllowed);
      expect(await take(text)).toBe(isAllowed);
    }
  });
});

test('what the description calls a cursor, and the door lets through, is what the service takes for one', async () => {
  await withApi({}, async (api) => {
    const { parameters = [] } = await describedAt(api, REQUESTS, 'get');
    const { pattern } = parameters.find(({ name }) => name === 'cursor')?.schema ?? { pattern: '' };
    for (const cursor of [REQUEST_ID, '0', 'abc', DIGEST, `${REQUEST_ID}0`]) {
      const { status } = await api.send('GET', `${REQUESTS}?cursor=${encodeURIComponent(cursor)}`);
      const isCursor = isId('request', cursor);
      expect([cursor, new RegExp(pattern).test(cursor), status]).toEqual([cursor, isCursor, isCursor ? 200 : 422]);
    }
  });
});
