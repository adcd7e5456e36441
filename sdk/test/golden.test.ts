// Guards the golden file that the Python package reads, too: what is digested, masked and asked is the same in both languages.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { actionBytes } from '../src/canonical.ts';
import { actionDigest, createPlacet, type ToolCall } from '../src/index.ts';

type Golden = {
  readonly actions: readonly {
    readonly name: string;
    readonly envelope: Parameters<typeof actionDigest>[0];
    readonly bytes: string;
    readonly digest: string;
  }[];
  readonly masked: readonly {
    readonly name: string;
    readonly envelope: Parameters<typeof actionDigest>[0];
    readonly salts: { readonly [name: string]: string };
    readonly digest: string;
  }[];
  readonly refused: readonly { readonly name: string; readonly json: string }[];
  readonly agent_key: string;
  readonly calls: readonly {
    readonly name: string;
    readonly call: ToolCall;
    readonly idempotency_key: string;
    readonly parameters: object;
    readonly digest: string;
  }[];
};
const golden: Golden = JSON.parse(readFileSync(new URL('golden/wire.json', import.meta.url), 'utf8'));

test.each(golden.actions)('an action has its bytes and its digest: $name', ({ envelope, bytes, digest }) => {
  expect(new TextDecoder().decode(actionBytes(envelope))).toBe(bytes);
  expect(actionDigest(envelope)).toBe(digest);
});

test.each(golden.masked)('masked parameters are digested under their salts: $name', ({ envelope, salts, digest }) => {
  expect(actionDigest(envelope, salts)).toBe(digest);
});

test.each(golden.refused)('parameters that are no strict JSON have no digest: $name', ({ json }) => {
  expect(() => actionDigest({ action: 'a', resource: 'r', parameters: JSON.parse(json) })).toThrow();
});

describe('a tool call', () => {
  test.each(golden.calls)('is asked under its key, with its secrets masked: $name', async ({ call, ...expected }) => {
    let sent: unknown;
    const fetch = (_url: unknown, init?: RequestInit) => {
      const { parameters, ...envelope } = JSON.parse(String(init?.body));
      const idempotency_key = new Headers(init?.headers).get('idempotency-key');
      sent = { idempotency_key, parameters, digest: actionDigest({ ...envelope, parameters }) };
      return Promise.reject(new TypeError('not sent'));
    };
    const retry = { attemptsMax: 1 };
    const placet = createPlacet({ url: 'https://placet.example', apiKey: golden.agent_key, fetch, retry });
    await expect(placet.gate().ask(call)).rejects.toMatchObject({ code: 'unreachable' });
    const { name: _, ...wanted } = expected;
    expect(sent).toEqual(wanted);
  });
});
