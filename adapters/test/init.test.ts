// Guards what a newcomer starts with: what `placet init` writes compiles in a project of each framework, and asks the real
// product with the key that stands in .env; and the code of each README fits the packages.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FRAMEWORKS } from '../../src/cli/init-lines.ts';
import { openProject } from '../../src/process/project-folder.ts';
import { run } from '../../test/cli/support.ts';
import { newFolder } from '../../test/support/processes.ts';
import { findPythonPackage, type PythonPackage } from '../../test/support/python-package.ts';
import { START_MS_MAX, startPlacet, type TestPlacet } from './placet.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RUN_MS_MAX = 120_000;
const SCRIPTS = Object.keys(FRAMEWORKS).filter((name) => name !== 'python');

let placet: TestPlacet;
let python: PythonPackage;
beforeAll(async () => {
  [placet, python] = await Promise.all([startPlacet(), findPythonPackage()]);
}, START_MS_MAX);
afterAll(() => placet.close(), START_MS_MAX);

const compilerOptions = {
  ...{
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  },
  outDir: 'dist',
};

/** Projects of one parent folder have our packages, as npm would install them for a workspace. */
function newWorkspace(): string {
  const folder = newFolder();
  mkdirSync(join(folder, 'node_modules/@placet'), { recursive: true });
  for (const name of SCRIPTS) {
    symlinkSync(join(root, name === 'sdk' ? 'sdk' : `adapters/${name}`), join(folder, 'node_modules/@placet', name));
  }
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  return folder;
}

/** With its files it is a project of TypeScript. */
function newProject(workspace: string, name: string, files?: readonly string[], lib = compilerOptions.lib): string {
  const folder = join(workspace, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  if (files)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, lib }, files }),
    );
  return folder;
}

/** Runs `placet init` there, with an agent that is made in the product. */
async function initIn(folder: string, framework: string) {
  const { agent, requests } = await placet.newAgent();
  const createAgent = async () => {
    return { agent_id: 'agt_1', name: 'support', environment: 'production', key: agent.key, expires_at: new Date() };
  };
  const people = ['--owner', 'support@example.com', '--approver', 'finance-lead@example.com', '--channel', 'C0ORDERS'];
  const command = ['init', '--framework', framework, '--agent', 'support', ...people, '--yes'];
  const more = ['--url', placet.product.apiUrl];
  const { code, err } = await run([...command, ...more], { createAgent }, {}, null, { project: openProject(folder) });
  expect([code, err]).toEqual([0, expect.stringContaining('+++ .env')]);
  return requests;
}
const start = (folder: string, ...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: folder });
const ASKING_SCRIPT = `
  process.env.PLACET_HOLD_SECRET = 'of the test, and long enough for a seal';
  const { gate } = await import('./placet.mjs');
  await gate.ask({ run: 'run-1', id: 'call_1', tool: 'orders.refund', arguments: { order: 'A-1' } });
  process.exit();`;

test(
  'what is written for a framework compiles under strict types, whichever it is',
  async () => {
    const workspace = newWorkspace();
    for (const framework of SCRIPTS) await initIn(newProject(workspace, framework, ['placet.ts']), framework);
    // All at once: most of what the compiler reads is the same.
    const files = SCRIPTS.map((name) => `${name}/placet.ts`);
    writeFileSync(join(workspace, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    await start(workspace, join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', '.');
  },
  RUN_MS_MAX,
);

/** The code of a page, as one module; what it leaves to its reader has no name here. */
function codeOf(page: string, language: 'ts' | 'python'): string {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'));
  const code = [...blocks].map(([, block = '']) => block);
  if (language === 'python') return code.join('\n');
  const wrap = (block: string) =>
    /^(?:if .*)?return /m.test(block) ? `export async function wrapped() {\n${block}}\n` : block;
  return code.map(wrap).join('\n');
}
const PAGES = [
  'docs/adapters.md',
  ...SCRIPTS.filter((name) => name !== 'sdk').map((name) => `adapters/${name}/README.md`),
];
/** Cannot find name; no value for a shorthand; a name whose type follows from one of those. */
const LEFT_TO_THE_READER = /error TS(?:2304|2552|18004|7006|7031): /;

test(
  'the code of each README and of docs/adapters.md takes and gives what the packages do',
  async () => {
    const files = PAGES.map((_, place) => `page-${place}.ts`);
    // Without a browser's own names, such as prompt.
    const folder = newProject(newWorkspace(), 'pages', files, ['es2023']);
    for (const [place, page] of PAGES.entries()) {
      const code = codeOf(page, 'ts');
      expect([page, code.includes('gate')]).toEqual([page, true]);
      writeFileSync(join(folder, `page-${place}.ts`), `${code}\nexport {};\n`);
    }
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const checked = await start(folder, compiler, '--noEmit', '--pretty', 'false', '-p', '.').catch((error) => error);
    const lines = String(checked.stdout)
      .split('\n')
      .filter((line) => line.includes(': error '));
    expect(lines.filter((line) => LEFT_TO_THE_READER.test(line))).not.toEqual([]);
    expect(lines.filter((line) => !LEFT_TO_THE_READER.test(line))).toEqual([]);
  },
  RUN_MS_MAX,
);

test.each(SCRIPTS)(
  'what is written for %s asks, as it stands',
  async (framework) => {
    const folder = newProject(newWorkspace(), framework);
    const requests = await initIn(folder, framework);
    await start(folder, '--env-file=.env', '--input-type=module', '--eval', ASKING_SCRIPT);
    expect((await requests()).map(({ action, resource }) => [action, resource])).toEqual([
      ['orders.refund', 'tool/orders.refund'],
    ]);
  },
  RUN_MS_MAX,
);

const ASKING = `
import os, sys
for line in open(".env"):
    name, _, value = line.strip().partition("=")
    os.environ[name] = value
sys.path.insert(0, ".")
from placet import ToolCall
from placet_gate import approvals, gate
gate.ask(ToolCall("run-1", "call_1", "orders.refund", {"order": "A-1"}))
`;

test(
  'what is written for Python keeps its types, and asks; and so does the code of its README',
  async () => {
    const folder = newFolder();
    const requests = await initIn(folder, 'python');
    await python(['-c', `import os; os.chdir(${JSON.stringify(folder)})\n${ASKING}`]);
    const page = join(folder, 'readme.py');
    const code = codeOf('python/README.md', 'python');
    writeFileSync(
      page,
      `# mypy: disable-error-code="name-defined, no-untyped-def, no-untyped-call, empty-body"\n${code}`,
    );
    await python(['-m', 'mypy', '--strict', python.typesOf('init'), join(folder, 'placet_gate.py'), page]);
    expect(await requests()).toHaveLength(1);
  },
  RUN_MS_MAX,
);

test('the rule that is written has people asked before each tool of the agent, and is a whole policy', async () => {
  const folder = newProject(newWorkspace(), 'sdk');
  await initIn(folder, 'sdk');
  const source = readFileSync(join(folder, 'placet-policy.yaml'), 'utf8');
  expect((await run(['policy', 'lint', 'policy.yaml'], {}, { 'policy.yaml': source })).code).toBe(0);
  expect(source).toContain('match: { action: "*", resource: "tool/*", agents: [support] }');
  expect(source).toContain('effect: require');
});
