// Every example in the documents is tried: policies, requests, statements, commands and programs.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { actionDigest, createPlacet, maskValue, verifyCredential } from '@placet/sdk';
import pg from 'pg';
import { devCommands } from '../dev/commands.ts';
import { forgeClaims, forgeKey, ISSUER, jwksOf, NOW } from '../sdk/test/forge.ts';
import { startWireServer } from '../sdk/test/wire-server.ts';
import { runCli } from '../src/cli/main.ts';
import type { Operations } from '../src/cli/operations.ts';
import { operatorPrincipal } from '../src/domain/people/principal.ts';
import { newApprovalRequest } from '../src/http/api/wire.ts';
import { parsePolicyFile } from '../src/policy/read.ts';
import { openProject } from '../src/process/project-folder.ts';
import { submit } from '../src/service/agent/submit.ts';
import { decide } from '../src/service/approver/decide.ts';
import { makeClick, makePolicy, makeSubmission, makeWorld } from './support/builders.ts';
import { createTestDatabase, TENANT, type TestDatabase } from './support/database.ts';
import { readTree } from './tidy/tree.ts';

const files = readTree();
const documents = files.filter(({ path }) => path.endsWith('.md'));
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';

type Block = { readonly path: string; readonly language: string; readonly mark: string; readonly text: string };

const blocks: Block[] = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', mark = '', body = '']) => ({
    path,
    language,
    mark,
    text: body,
  })),
);
const marked = (language: string, mark?: string) =>
  blocks.filter((block) => block.language === language && (mark === undefined || block.mark === mark));

test('the checks below see the documents and their examples', () => {
  expect(documents.length).toBeGreaterThan(12);
  for (const [language, mark] of [
    ['yaml', 'policy'],
    ['sql', 'empty'],
    ['js', 'agent'],
    ['js', 'verify'],
    ['sh', 'curl'],
  ] as const) {
    expect([language, mark, marked(language, mark).length > 0]).toEqual([language, mark, true]);
  }
});

test('every example of a policy is a policy without problems', () => {
  for (const block of marked('yaml', 'policy')) {
    expect(parsePolicyFile(new TextEncoder().encode(block.text))).toMatchObject({ kind: 'document' });
  }
});

test('every request body in a curl example is one that the API takes', () => {
  const bodies = marked('sh').flatMap(({ text }) =>
    [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, body = '']) => body),
  );
  expect(bodies.length).toBeGreaterThan(0);
  for (const body of bodies) expect(newApprovalRequest.safeParse(JSON.parse(body)).error).toBeUndefined();
});

test('every JSON example is JSON', () => {
  for (const block of marked('json')) expect(() => JSON.parse(block.text)).not.toThrow();
});

describe('commands', () => {
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ path, text }) =>
      text
        .replaceAll('\\\n', ' ')
        .split('\n')
        .map((line) => ({ path, line: line.replace(/\s+#.*$/, '').trim() })),
    );

  test('every npm script that is shown exists', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const shown = lines.flatMap(({ line }) => /^npm (?:run )?([\w:]+)/.exec(line)?.[1] ?? []);
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.filter((name) => !(name in scripts) && name !== 'ci')).toEqual([]);
  });

  test('every placet command that is shown is one, with the arguments that it takes', async () => {
    const shown = lines.filter(({ line }) => /^(npx )?placet /.test(line));
    expect(shown.length).toBeGreaterThan(5);
    for (const { path, line } of shown) {
      const argv = line.replace(/^(npx )?placet /, '').split(/\s+/);
      expect([path, line, await usage(argv)]).toEqual([path, line, 'understood']);
    }
  });
});

/** Runs a command whose every operation fails: whatever is not wrong usage was understood. */
async function usage(argv: string[]): Promise<string> {
  const fail = () => Promise.reject(new Error('not in this test'));
  const operations = new Proxy({} as Operations, { get: () => fail });
  let output = '';
  const policy = marked('yaml', 'policy')[0]?.text ?? '';
  const io = {
    out: () => undefined,
    err: (text: string) => {
      output += text;
    },
    readFile: () => Promise.resolve(new TextEncoder().encode(policy)),
    saveFile: fail,
    ...{ confirm: null, ask: fail, project: openProject('.'), operator: operatorPrincipal('test'), version: '1.2.3' },
  };
  return (await runCli(argv, { operations, io, more: devCommands(io, { dev: fail, openDemo: fail }) })) === 2
    ? output
    : 'understood';
}

describe('programs', () => {
  // Annotated, since the constructor has no name of its own in the language.
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
    ...text: string[]
  ) => (...values: unknown[]) => Promise<unknown>;
  const run = (block: Block | undefined, names: Record<string, unknown>) => {
    const body = (block?.text ?? 'throw new Error("no such example")').replace(/^import .*$/gm, '');
    return new AsyncFunction(...Object.keys(names), body)(...Object.values(names));
  };

  test('the first agent of the README asks, waits for the approval and runs', async () => {
    const server = await startWireServer();
    const output: unknown[] = [];
    const env = { PLACET_URL: server.url, PLACET_AGENT_KEY: 'plk_test' };
    const process = { env, argv: ['node', 'agent.mjs', 'job-1'] };
    try {
      const [block] = marked('js', 'agent');
      await run(block, { createPlacet, process, console: { log: (line: unknown) => output.push(line) } });
      expect(output).toEqual(['refunded 120 for A-1001']);
      expect(server.seen[0]?.body).toMatchObject({ action: 'orders.refund', resource: 'order/A-1001' });
      expect(server.seen[0]?.headers['idempotency-key']).toBe('job-1');
    } finally {
      await server.close();
    }
  });

  test('the verification that is shown accepts a good credential for that very action', async () => {
    const key = forgeKey();
    const token = forgeClaims(key);
    const output: unknown[] = [];
    const verify: typeof verifyCredential = (text, options) =>
      verifyCredential(text, { ...options, keys: jwksOf(key), now: NOW });
    const console = { log: (...values: unknown[]) => output.push(...values) };
    await run(marked('js', 'verify')[0], { verifyCredential: verify, token, PLACET_URL: ISSUER, console });
    expect(output).toEqual(['apr_1', 'lse_1']);
  });

  test('the digest that is computed by hand is the one of the SDK', () => {
    const [shown] = /sha256:[0-9a-f]{64}/.exec(textOf('docs/verify.md')) ?? [];
    const json = /'(\{"action"[^']*\})'/.exec(textOf('docs/verify.md'))?.[1] ?? '{}';
    expect(shown).toBe(actionDigest(JSON.parse(json)));
  });

  test('the commitment that is computed by hand is the one of the SDK', () => {
    const [, shown] = /commitment `(sha256:[0-9a-f]{64})`/.exec(textOf('docs/verify.md')) ?? [];
    const salt = Buffer.from([...Array(16).keys()]).toString('base64url');
    expect(shown).toBe(maskValue('EUR', salt).commitment);
  });
});

describe('statements', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const world = await makeWorld(database, {
      ...makePolicy(),
      actions: {
        'orders.refund': {
          parameters: { properties: { amount: { type: 'number' }, currency: { type: 'string', maxLength: 3 } } },
          mask: ['currency'],
        },
      },
    });
    const [approved, denied] = [
      await submit(world.deps, world.caller, makeSubmission()),
      await submit(world.deps, world.caller, makeSubmission()),
    ];
    await decide(world.deps, makeClick(approved, 'ann'));
    await decide(world.deps, makeClick(denied, 'ben', { decision: 'deny', reason: 'not now' }));
    await submit(world.deps, world.caller, makeSubmission({ action: 'unknown.action' }));
  });
  afterAll(() => database.drop());

  /** As an auditor would: a role that may read, inside one tenant. */
  const ask = async (sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: database.owner_url });
    await client.connect();
    try {
      await client.query('set role placet_auditor');
      await client.query("select set_config('placet.tenant_id', $1, false)", [TENANT]);
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  test.each(marked('sql', 'empty').map(({ path, text }) => [path, text]))(
    'of %s give no row: %s',
    async (_path, text) => {
      expect(await ask(text)).toEqual([]);
    },
  );

  test('would give a row had the record been tampered with', async () => {
    const digestCheck = marked('sql', 'empty').find(({ text }) => text.includes('sha256('))?.text ?? '';
    await database.asSuperuser(`update placet.approval_requests set canonical = canonical || ' '`);
    expect((await ask(digestCheck)).length).toBe(3);
  });
});
