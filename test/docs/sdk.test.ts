// The program in docs/sdk.md: every export of the SDK is in it, its types hold, and it prints on a real API what it says.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'node:util';
import { expect, test } from '@jest/globals';
import * as sdk from '@placet/sdk';
import * as canonical from '@placet/sdk/canonical';
import { transform } from '@swc/core';
import { parsePolicyFile } from '../../src/policy/read.ts';
import { makeKey, startRealApi } from '../http/real-api.ts';
import { makeWorld } from '../support/builders.ts';
import { createTestDatabase } from '../support/database.ts';
import { faultsOf } from '../support/variant.ts';
import { readTree } from '../tidy/tree.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const files = readTree();
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';
const page = textOf('docs/sdk.md');
const program = [...page.matchAll(/^```ts sdk\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text).join('\n');

const IMPORT = /^import (?:type )?\{([^}]*)\} from '(@placet\/[^']+)';$/gm;
/** The names in braces, without what says that one is a type. */
const namesIn = (list: string) => list.split(',').flatMap((name) => name.replace(/\btype\b/, '').trim() || []);

/** The names that a module gives away, types too. */
function exportsOf(path: string): string[] {
  const text = textOf(path);
  return [
    ...[...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => namesIn(list)),
    ...[...text.matchAll(/^export (?:async )?(?:function|const|class|type) (\w+)/gm)].map(([, name = '']) => name),
  ];
}

test('every export of the SDK is used in an example of docs/sdk.md', () => {
  const exported = [...new Set([...exportsOf('sdk/src/index.ts'), ...exportsOf('sdk/src/canonical.ts')])].sort();
  expect(exported.length).toBeGreaterThan(40);
  expect([...program.matchAll(IMPORT)].flatMap(([, list = '']) => namesIn(list)).sort()).toEqual(exported);
  const code = program.replace(IMPORT, '').replace(/\/\/.*$/gm, '');
  expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
});

test('each function that the SDK exports says what it throws, and which specification it follows', () => {
  const exported = new Set([...exportsOf('sdk/src/index.ts'), ...exportsOf('sdk/src/canonical.ts')]);
  const functions = files
    .filter(({ path }) => path.startsWith('sdk/src/'))
    .flatMap(({ text }) => [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:async )?function (\w+)/g)])
    .map(([, comment = '', name = '']) => ({ name, comment }))
    .filter(({ name }) => exported.has(name));
  expect(functions.map(({ name }) => name).sort()).toEqual(
    Object.entries({ ...sdk, ...canonical })
      .flatMap(([name, value]) => (typeof value === 'function' && /^[a-z]/.test(name) ? [name] : []))
      .sort(),
  );
  const isSaid = ({ name, comment }: { readonly name: string; readonly comment: string }) =>
    /\b(?:RFC|FIPS) \d+/.test(comment) && (/\bthrows\b/i.test(comment) || name === 'sha256Digest');
  expect(functions.filter((each) => !isSaid(each)).map(({ name }) => name)).toEqual([]);
});

test('the examples of docs/sdk.md are one program whose types hold', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'placet-sdk-page-'));
  const compilerOptions = {
    ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, noUnusedLocals: true, skipLibCheck: true },
    ...{ module: 'nodenext', target: 'es2023', allowImportingTsExtensions: true },
    ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
    paths: { '@placet/sdk': [`${ROOT}sdk/src/index.ts`], '@placet/sdk/canonical': [`${ROOT}sdk/src/canonical.ts`] },
  };
  try {
    writeFileSync(join(folder, 'page.ts'), program);
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['page.ts'] }));
    expect(await faultsOf(folder)).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the program of docs/sdk.md prints on a real API what its comments say', async () => {
  const [, policy = ''] = /^```yaml policy\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const parsed = parsePolicyFile(new TextEncoder().encode(policy));
  if (parsed.kind !== 'document') throw new Error('the policy of the page has problems');
  const database = await createTestDatabase();
  const world = await makeWorld(database, parsed.document);
  const api = await startRealApi(database);
  const printed: string[] = [];
  const env = { PLACET_URL: api.url, PLACET_AGENT_KEY: await makeKey(world.service) };
  const names = {
    ...{ ...canonical, ...sdk },
    ...{ process: { env }, console: { log: (...values: unknown[]) => printed.push(format(...values)) } },
  };
  try {
    const { code } = await transform(program.replace(IMPORT, ''), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      isModule: true,
    });
    const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
      ...text: string[]
    ) => (...values: unknown[]) => Promise<void>;
    await new AsyncFunction(...Object.keys(names), code.replace(/^export \{\};?$/m, ''))(...Object.values(names));
  } finally {
    await api.close();
    await database.drop();
  }
  const expected = [...program.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  expect(expected.length).toBeGreaterThan(10);
  expect(printed).toEqual(expected);
});
