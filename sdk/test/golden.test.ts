// Guards the golden file that the Python package reads, too: what is digested, masked and asked is the same in both languages.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { actionBytes } from '../src/canonical.ts';
import { actionDigest, type CredentialAsk, createPlacet, type ToolCall } from '../src/index.ts';

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
const read = (name: string) => JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
const golden: Golden = read('wire');

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

type Exchange = {
  readonly method: string;
  readonly path: string;
  /** The very key, or `*` for any. */
  readonly idempotency_key?: string;
  readonly body?: object;
  readonly answer: string;
};
type Conversation = {
  readonly name: string;
  readonly options?: {
    readonly on_behalf_of?: string;
    readonly timeout_seconds?: number;
    readonly credential?: { readonly audience: string; readonly scopes: string[]; readonly lifetime_seconds: number };
  };
  readonly wait_seconds?: number;
  readonly tool?: 'raises';
  readonly exchanges: readonly Exchange[];
  readonly outcome: { readonly error?: string; readonly [name: string]: unknown };
};
type Conversations = {
  readonly agent_key: string;
  readonly call: ToolCall;
  readonly answers: {
    readonly [name: string]: { readonly status: number; readonly body?: object; readonly text?: string };
  };
  readonly conversations: readonly Conversation[];
};

class ToolFailedError extends Error {
  override readonly name = 'ToolFailedError';
}

describe('a call, from the ask to its end, is one conversation in both languages', () => {
  const { agent_key, call, answers, conversations }: Conversations = read('conversations');

  test.each(conversations)('$name', async ({ options = {}, wait_seconds, tool, exchanges, outcome }) => {
    const left = [...exchanges];
    const fetch = async (url: unknown, init: RequestInit = {}) => {
      const { answer, idempotency_key, ...wanted } = left.shift() ?? { answer: '', method: '', path: '' };
      const body = init.body === undefined ? {} : { body: JSON.parse(String(init.body)) };
      expect({ method: init.method, path: new URL(String(url)).pathname, ...body }).toEqual(wanted);
      const key = new Headers(init.headers).get('idempotency-key');
      expect(idempotency_key === '*' ? key !== null : key === (idempotency_key ?? null)).toBe(true);
      const { status = 0, text, body: document } = answers[answer] ?? {};
      return new Response(text ?? JSON.stringify(document), { status });
    };
    const { credential: wire, on_behalf_of: onBehalfOf, timeout_seconds: timeoutSeconds } = options;
    const credential: CredentialAsk | undefined = wire && { ...wire, lifetimeSeconds: wire.lifetime_seconds };
    const retry = { attemptsMax: 2, delayMs: 1 };
    const placet = createPlacet({ url: 'https://placet.example', apiKey: agent_key, fetch, retry });
    const gate = placet.gate({
      ...(credential && { credential }),
      ...(onBehalfOf !== undefined && { onBehalfOf }),
      ...(timeoutSeconds !== undefined && { timeoutSeconds }),
      onReportError: () => undefined,
    });
    const passing = gate.pass(call, {
      ...(wait_seconds !== undefined && { waitSeconds: wait_seconds }),
      tool: (_parameters, context) => {
        if (tool === 'raises') throw new ToolFailedError('private words');
        return context.credential === null ? 'done' : `done with ${context.credential}`;
      },
    });
    const { error: name, ...about } = outcome;
    if (name === undefined) {
      const { reference: _, ...found } = await passing;
      expect(found).toEqual(outcome);
    } else {
      const error = await passing.catch((thrown: unknown) => thrown);
      expect([(error as Error).constructor.name, error]).toMatchObject([name, about]);
    }
    expect(left).toEqual([]);
  });
});
