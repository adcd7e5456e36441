// Names and numbers of a body that are taken: what the use case gets, and what the answer shows, is what was sent.
import { describe, expect, test } from '@jest/globals';
import type { ApiDeps } from '../../src/http/deps.ts';
import { aView } from './samples.ts';
import { withApi } from './support.ts';

const PATH = '/v1/approval-requests';
const HEADERS = { 'idempotency-key': 'k' };
const withParameters = (text: string) => `{"action":"a","resource":"r","parameters":${text}}`;

/** The parameters as the use case got them and as the answer shows them, when `text` was sent. */
async function passOn(text: string): Promise<string[]> {
  const seen: string[] = [];
  const deps: Partial<ApiDeps> = {
    submit: async (_caller, { ask }) => {
      seen.push(JSON.stringify(ask.parameters));
      return aView({ parameters: ask.parameters });
    },
  };
  await withApi({ deps }, async ({ send }) => {
    const answer = await send('POST', PATH, { raw: withParameters(text), headers: HEADERS });
    seen.push(/"parameters":(\{.*?\}),"masked"/.exec(answer.text)?.[1] ?? answer.text);
  });
  return seen;
}

describe('what is sent is what is passed on', () => {
  test('names that only look alike stay two members, and toJSON is a name like any other', async () => {
    const text = '{"caf\u00e9":1,"cafe\u0301":2,"toJSON":"x","hasOwnProperty":1}';
    expect(await passOn(text)).toEqual([text, text]);
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString', '__lookupGetter__'])(
    'a member named %s is data, from the body to the use case and back',
    async (name) => {
      const text = `{"${name}":{"admin":true},"list":[{"${name}":1}]}`;
      expect(await passOn(text)).toEqual([text, text]);
      expect('admin' in {}).toBe(false);
    },
  );

  test.each([
    ['1e16', '10000000000000000'],
    ['10000000000000000', '10000000000000000'],
    ['4.50', '4.5'],
    ['1e21', '1e+21'],
    ['6.02214076e+23', '6.02214076e+23'],
    ['1E30', '1e+30'],
    ['0.000000000000000000000000001', '1e-27'],
    ['9007199254740992', '9007199254740992'],
  ])('the number %s is taken, as %s', async (sent, kept) => {
    expect(await passOn(`{"n":${sent}}`)).toEqual([`{"n":${kept}}`, `{"n":${kept}}`]);
  });
});

test.each([
  ['ann@example.com', 'ann@example.com'],
  ["O'Brien+tag@Example.com", "o'brien+tag@example.com"],
  ['Ann@BÜCHER.example', 'ann@xn--bcher-kva.example'],
  ['ann@xn--bcher-kva.example', 'ann@xn--bcher-kva.example'],
  ['ann@почта.рф', 'ann@xn--80a1acny.xn--p1ai'],
  ['{ops}/night@example.com', '{ops}/night@example.com'],
])('the person behind a request may be %s, kept as %s', async (on_behalf_of, kept) => {
  const seen: unknown[] = [];
  const deps: Partial<ApiDeps> = {
    submit: async (_caller, { ask }) => {
      seen.push(ask.on_behalf_of);
      return aView();
    },
  };
  await withApi({ deps }, async ({ send }) => {
    const body = { action: 'a', resource: 'r', on_behalf_of };
    expect((await send('POST', PATH, { body, headers: HEADERS })).status).toBe(201);
  });
  expect(seen).toEqual([kept]);
});
