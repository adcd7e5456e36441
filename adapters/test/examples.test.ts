// Guards the examples: each takes at most ten lines more than its bare twin, which runs whatever the model wants; and through
// it a batch of three calls, of which one is denied, ends as people have clicked.
import { randomUUID } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { approver, createPlaygroundClient, FINANCE_LEAD } from '@placet/playground';
import { createEmptyDatabase, type EmptyDatabase } from '../../test/support/database.ts';
import { newFolder, runScript } from '../../test/support/processes.ts';
import { findPythonPackage, type PythonPackage } from '../../test/support/python-package.ts';
import { until } from '../../test/support/wait.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { START_MS_MAX, startPlacet, type TestPlacet, violations } from './placet.ts';

const CHANGED_LINES_MAX = 10;
const RUN_MS_MAX = 180_000;

const PYTHON = 'LangChain, in Python';
const ALL = [...FRAMEWORKS, PYTHON];
const asksFor = (order: string) => (message: { readonly blocks?: unknown }) => {
  const text = JSON.stringify(message.blocks ?? []);
  return text.includes(order) && text.includes('"action_id":"approve"');
};
const root = fileURLToPath(new URL('../../', import.meta.url));

/** The lines of an example that say something; its first comment is its title. */
const linesOf = (framework: string, name: string) => {
  const path = framework === PYTHON ? `python/example/${name}.py` : `adapters/${framework}/example/${name}.mjs`;
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '' && !/^\s*(?:\/\/|#|""")/.test(line));
};

/** How many lines the second has that are not the first's, in the first's order. */
function changedLines(before: readonly string[], after: readonly string[]): number {
  let row = new Array<number>(before.length + 1).fill(0);
  for (const line of after) {
    const next = [0];
    for (const [place, known] of before.entries()) {
      const longest = Math.max(row[place + 1] ?? 0, next[place] ?? 0);
      next.push(line === known ? (row[place] ?? 0) + 1 : longest);
    }
    row = next;
  }
  return after.length - (row.at(-1) ?? 0);
}

test('changed lines are counted as a reader would', () => {
  expect(changedLines(['a', 'b', 'c'], ['a', 'b', 'c'])).toBe(0);
  expect(changedLines(['a', 'b', 'c'], ['x', 'a', 'B', 'c', 'y'])).toBe(3);
});

test.each(ALL)('an agent of %s takes at most ten changed lines', (framework) => {
  const [bare, gated] = ['bare', 'gated'].map((name) => linesOf(framework, name));
  const changed = changedLines(bare ?? [], gated ?? []);
  expect(changed).toBeGreaterThan(3);
  expect(changed).toBeLessThanOrEqual(CHANGED_LINES_MAX);
});

describe('the examples run', () => {
  let placet: TestPlacet;
  let threads: EmptyDatabase;
  let python: PythonPackage;
  beforeAll(async () => {
    [placet, threads, python] = await Promise.all([startPlacet(), createEmptyDatabase(), findPythonPackage()]);
  }, START_MS_MAX);
  afterAll(async () => {
    await placet.close();
    await threads.drop();
  }, START_MS_MAX);

  const wanted = ['A-1', 'A-2', 'A-3'].map((order) => ({ id: `call_${order}`, args: { order, amount: 120 } }));
  const launch = (framework: string, which: string, calls: readonly object[], key = '') => {
    const { PATH } = process.env;
    const args = JSON.stringify([process.execPath, 'run.mjs', framework, randomUUID(), which]);
    const code =
      framework === PYTHON
        ? `const { spawnSync } = await import('node:child_process');
           const args = ['python/example/run.py', '${randomUUID()}', '${which}'];
           process.exitCode = spawnSync('${python.path}', args, { stdio: 'inherit' }).status;`
        : `process.argv = ${args}; await import(process.cwd() + '/adapters/example/run.mjs')`;
    return runScript(code, {
      ...{ PATH, PLACET_URL: placet.product.apiUrl, PLACET_AGENT_KEY: key, THREADS_URL: threads.owner_url },
      ...{ PYTHONPATH: 'python/src', PYTHONDONTWRITEBYTECODE: '1' },
      ...{ WANTED: JSON.stringify(calls), STATE_FOLDER: newFolder() },
    });
  };

  test(
    'bare, all that the model wants is done, whatever the framework',
    async () => {
      for (const framework of ALL) {
        const script = launch(framework, 'bare', wanted.slice(0, 1));
        expect([framework, await script.ended, script.output().trim()]).toEqual([framework, 0, 'refunded 120 for A-1']);
      }
    },
    RUN_MS_MAX,
  );

  test(
    'of a batch of three, what is denied is not done, and the model knows why, whatever the framework',
    async () => {
      const denyOne = async (framework: string) => {
        const { agent, decide } = await placet.newAgent();
        const script = launch(framework, 'gated', wanted, agent.key);
        await decide('approve', { order: 'A-3' });
        await decide('deny', { order: 'A-2' });
        await decide('approve', { order: 'A-1' });
        expect([framework, await script.ended, script.output()]).toEqual([framework, 0, expect.any(String)]);
        const lines = script.output().trim().split('\n');
        const isDone = (line: string) => line.startsWith('refunded');
        expect(lines.filter(isDone).sort()).toEqual(['refunded 120 for A-1', 'refunded 120 for A-3']);
        const answers = lines.filter((line) => !isDone(line)).map((line): unknown => JSON.parse(line));
        expect(answers).toEqual([expect.objectContaining({ denied: true, reason: 'Too much', retry: false })]);
      };
      // Two at a time: a channel of Slack takes a card a second, and nobody waits for one for long.
      for (let place = 0; place < ALL.length; place += 2) await Promise.all(ALL.slice(place, place + 2).map(denyOne));
    },
    RUN_MS_MAX,
  );

  /** `npm run example -- …`, without the settings of the tests' own servers. */
  const runExample = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const isTheirs = (name: string) => /^(?:PLACET_TEST|TEMPORAL)_|^PLACET_(?:URL|AGENT_KEY)$/.test(name);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isTheirs(name)));
    const argv = JSON.stringify(['example', ...args]);
    return runScript(`process.argv.push(...${argv}); await import('./scripts/example.mjs');`, { ...env, ...more });
  };

  test(
    'one command brings Placet, the playground and the agent, which goes on once somebody has clicked, and leaves nothing',
    async () => {
      const TMPDIR = newFolder();
      // PostgreSQL's own user may have to run its programs from here.
      chmodSync(TMPDIR, 0o755);
      const script = runExample(['langgraph'], { TMPDIR });
      const isOpen = () => script.output().includes('click Approve') || script.process.exitCode !== null;
      await until(isOpen, { what: 'the page of the playground', limit_ms: RUN_MS_MAX });
      const slack = createPlaygroundClient(/Open\s+(\S+)/.exec(script.output())?.[1] ?? '');
      const card = await until(
        async () => (await slack.state()).channels.flatMap(({ messages }) => messages).find(asksFor('A-1001')),
        { what: 'a card of the example', limit_ms: RUN_MS_MAX },
      );
      await approver.press({ slack }, FINANCE_LEAD, card);
      expect([await script.ended, script.output()]).toEqual([0, expect.stringContaining('refunded 120 for A-1001')]);
      expect(readdirSync(TMPDIR)).toEqual([]);
    },
    RUN_MS_MAX,
  );

  test(
    'the same command takes the Placet that it is told of, also in Python, and says which frameworks there are',
    async () => {
      const { agent, decide } = await placet.newAgent();
      const environment = { PLACET_URL: placet.product.apiUrl, PLACET_AGENT_KEY: agent.key };
      const script = runExample(['python', randomUUID()], environment);
      await decide('approve', {});
      expect([await script.ended, script.output()]).toEqual([0, expect.stringContaining('refunded 120 for A-1001')]);
      const unknown = runExample(['crewai'], environment);
      expect([await unknown.ended, unknown.output()]).toEqual([2, expect.stringContaining('langgraph | langchain')]);
      const threadless = runExample(['langgraph'], environment);
      expect([await threadless.ended, threadless.output()]).toEqual([1, expect.stringContaining('THREADS_URL')]);
    },
    RUN_MS_MAX,
  );

  test('no approval was run without its people or twice (INV-10)', async () => {
    expect(await violations(placet.product)).toEqual([]);
  });
});
