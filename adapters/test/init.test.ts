// Guards what `placet init` writes: in a project of each framework it compiles, and asks the real product with the key that
// stands in .env.
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

/** A project with our packages, as npm would install them. */
function newProject(isTypeScript: boolean): string {
  const folder = newFolder();
  mkdirSync(join(folder, 'node_modules/@placet'), { recursive: true });
  for (const name of SCRIPTS) {
    symlinkSync(join(root, name === 'sdk' ? 'sdk' : `adapters/${name}`), join(folder, 'node_modules/@placet', name));
  }
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
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
  if (isTypeScript)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['placet.ts'] }));
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

test.each(SCRIPTS)(
  'what is written for %s compiles under strict types, and asks',
  async (framework) => {
    const typed = newProject(true);
    await initIn(typed, framework);
    await start(typed, join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', '.');
    const folder = newProject(false);
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
  'what is written for Python keeps its types, and asks',
  async () => {
    const folder = newFolder();
    const requests = await initIn(folder, 'python');
    await python(['-c', `import os; os.chdir(${JSON.stringify(folder)})\n${ASKING}`]);
    await python(['-m', 'mypy', '--strict', '--cache-dir=/dev/null', join(folder, 'placet_gate.py')]);
    expect(await requests()).toHaveLength(1);
  },
  RUN_MS_MAX,
);

test('the rule that is written has people asked before each tool of the agent, and is a whole policy', async () => {
  const folder = newProject(false);
  await initIn(folder, 'sdk');
  const source = readFileSync(join(folder, 'placet-policy.yaml'), 'utf8');
  expect((await run(['policy', 'lint', 'policy.yaml'], {}, { 'policy.yaml': source })).code).toBe(0);
  expect(source).toContain('match: { action: "*", resource: "tool/*", agents: [support] }');
  expect(source).toContain('effect: require');
});
