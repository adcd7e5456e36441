// `placet init` in real folders: what it shows is what it writes; what is refused, or not agreed to, changes nothing.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FRAMEWORKS } from '../../src/cli/init-lines.ts';
import type { Operations } from '../../src/cli/operations.ts';
import { PlacetError } from '../../src/domain/errors.ts';
import { openProject } from '../../src/process/project-folder.ts';
import { newFolder } from '../support/processes.ts';
import { run } from './support.ts';

const KEY = 'plk_made-once';
const createAgent: Operations['createAgent'] = async ({ name, environment }) => {
  return { agent_id: 'agt_1', name, environment, key: KEY, expires_at: new Date('2030-01-02') };
};
const ANSWERS = ['--owner', 'olga@example.com', '--approver', 'ann@example.com', '--channel', 'C0ORDERS'];
const init = (...more: string[]) => ['init', '--agent', 'support', ...ANSWERS, ...more];

/** All files of a folder with their texts. */
const filesOf = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

type Input = { readonly folder: string; readonly answer?: boolean | null; readonly operations?: Partial<Operations> };
const runIn = ({ folder, answer = null, operations = { createAgent } }: Input, command: string[]) =>
  run(command, operations, {}, answer, { project: openProject(folder) });

describe('what is shown', () => {
  test('is all that is written: rule, lines, key and the ignored .env; the key stands in .env alone', async () => {
    const folder = newFolder();
    const { code, out, err } = await runIn({ folder, answer: true }, init('--framework', 'langchain'));
    expect(code).toBe(0);
    const files = filesOf(folder);
    expect(Object.keys(files).sort()).toEqual(['.env', '.gitignore', 'placet-policy.yaml', 'placet.mjs']);
    for (const [name, text] of Object.entries(files)) {
      expect(err).toContain(`+++ ${name}`);
      for (const line of text.trimEnd().split('\n'))
        expect(err).toContain(`+${line.replace(KEY, '(made once you agree)')}`);
    }
    expect(files['.env']).toBe(`PLACET_URL=https://placet.example\nPLACET_AGENT_KEY=${KEY}\n`);
    expect(files['.gitignore']).toBe('.env\n');
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(out + err + files['placet.mjs'] + files['placet-policy.yaml']).not.toContain(KEY);
    expect(out).toContain('npm install @placet/langchain @placet/sdk');
    const lines = files['placet.mjs']?.split('\n').filter((line) => line !== '' && !line.startsWith('//')) ?? [];
    expect(lines.length).toBeLessThanOrEqual(10);
  });

  test('changes nothing, and makes no agent, where it is not agreed to or nobody can be asked', async () => {
    for (const [answer, expected] of [
      [false, 1],
      [null, 2],
    ] as const) {
      const folder = newFolder();
      const { code, err } = await runIn({ folder, answer, operations: {} }, init('--framework', 'mcp'));
      expect([code, filesOf(folder)]).toEqual([expected, {}]);
      expect(err).toContain('Nothing was changed');
    }
  });

  test('is written without a question by --yes; a second time there is nothing to do', async () => {
    const folder = newFolder();
    await runIn({ folder }, init('--framework', 'sdk', '--yes'));
    const before = filesOf(folder);
    const again = await runIn({ folder, operations: {} }, init('--framework', 'sdk', '--yes'));
    expect([again.code, again.out]).toEqual([0, 'All of it is here already. Nothing was changed.\n']);
    expect(filesOf(folder)).toEqual(before);
  });
});

describe('what is there', () => {
  test('is kept: other lines of .env and .gitignore, a key, and a policy with its comments', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, '.env'), 'OTHER=1\nPLACET_AGENT_KEY=plk_mine');
    chmodSync(join(folder, '.env'), 0o640);
    writeFileSync(join(folder, '.gitignore'), 'node_modules\n.env*\n');
    const policy = [
      'version: 1',
      'approver_groups:',
      '  approvers: { members: [ann@example.com], channel: C0ORDERS } # who else?',
      'rules:',
      '- name: reads',
      '  match: { action: orders.read, resource: "*" }',
      '  effect: allow',
    ];
    writeFileSync(join(folder, 'placet-policy.yaml'), policy.join('\n'));
    const { code } = await runIn({ folder, operations: {} }, init('--framework', 'ai-sdk', '--yes'));
    const files = filesOf(folder);
    expect(code).toBe(0);
    expect(files['.env']).toBe('OTHER=1\nPLACET_AGENT_KEY=plk_mine\nPLACET_URL=https://placet.example\n');
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o640);
    expect(files['.gitignore']).toBe('node_modules\n.env*\n');
    const after = files['placet-policy.yaml']?.split('\n') ?? [];
    expect(after.filter((line) => policy.includes(line))).toEqual(policy);
    expect(after).toContain('- name: tools of support');
  });

  test.each<[string, (folder: string) => void]>([
    ['a file with other lines', (folder) => writeFileSync(join(folder, 'placet.mjs'), 'export const mine = 1;\n')],
    ['a link', (folder) => symlinkSync('/etc/hosts', join(folder, 'placet.mjs'))],
    ['an .env that is a link', (folder) => symlinkSync('/etc/hosts', join(folder, '.env'))],
    ['a folder in the place of a file', (folder) => mkdirSync(join(folder, '.env'))],
    [
      'an .env that git tracks',
      (folder) => {
        writeFileSync(join(folder, '.env'), 'A=1\n');
        execFileSync('git', ['init', '-q', folder]);
        execFileSync('git', ['-C', folder, 'add', '.env']);
      },
    ],
    ['a policy that is none', (folder) => writeFileSync(join(folder, 'placet-policy.yaml'), 'rules: 5\n')],
  ])('is never overwritten: %s ends it before anything is made', async (_what, put) => {
    const folder = newFolder();
    put(folder);
    const before = readdirSync(folder).sort();
    const { code, err } = await runIn({ folder, operations: {} }, init('--framework', 'langchain', '--yes'));
    expect(code).toBeGreaterThan(0);
    expect(err).toMatch(/\((conflict|policy_invalid)\)/);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test('changed between the question and the answer ends it', async () => {
    const folder = newFolder();
    const operations = {
      createAgent: async (input: Parameters<typeof createAgent>[0]) => {
        writeFileSync(join(folder, '.gitignore'), 'mine\n');
        return createAgent(input);
      },
    };
    const { code, err } = await runIn({ folder, operations }, init('--framework', 'langchain', '--yes'));
    expect([code, err]).toEqual([1, expect.stringMatching(/placet agent rotate support[\s\S]*conflict/)]);
    expect(filesOf(folder)).toEqual({ '.gitignore': 'mine\n' });
  });
});

test('what is not given is asked for, and where nobody can be asked it says which option is missing', async () => {
  const folder = newFolder();
  const { code, err } = await runIn({ folder, operations: {} }, ['init', '--yes']);
  expect([code, err]).toEqual([2, 'Nothing was changed: --framework is needed.\n']);
  const questions: string[] = [];
  const answers = ['python', 'ann@example.com', 'C0ORDERS', 'olga@example.com'];
  const ask = async (question: string) => {
    questions.push(question);
    return answers[questions.length - 1] ?? '';
  };
  const project = openProject(folder);
  expect((await run(['init', '--yes'], { createAgent }, {}, null, { project, ask })).code).toBe(0);
  expect(questions.map((question) => question.split(' ')[0])).toEqual(['Framework', 'Who', 'Slack', 'Who']);
  expect(Object.keys(filesOf(folder))).toContain('placet_gate.py');
});

test('an agent that is there already ends it, and says what helps', async () => {
  const folder = newFolder();
  const operations = { createAgent: () => Promise.reject(new PlacetError('conflict')) };
  const { code, err } = await runIn({ folder, operations }, init('--framework', 'sdk', '--yes'));
  expect([code, err, filesOf(folder)]).toEqual([1, expect.stringContaining('remedy: name another with --agent'), {}]);
});

test.each(['placet.example', 'ftp://placet.example', 'https://placet.example\nPLACET_AGENT_KEY=plk_other'])(
  'a URL that is none, or brings more lines with it, is wrong usage: %j',
  async (url) => {
    const folder = newFolder();
    const { code } = await runIn({ folder, operations: {} }, init('--framework', 'sdk', '--yes', '--url', url));
    expect([code, filesOf(folder)]).toEqual([2, {}]);
  },
);

test('each framework has its file, its packages and what is to be done next', () => {
  for (const make of Object.values(FRAMEWORKS)) {
    for (const isTypeScript of [true, false]) {
      const { file, lines, install, next } = make({ isTypeScript });
      expect([file.length, lines.length, install.length, next.length]).not.toContain(0);
      expect(lines.join('\n')).not.toContain('plk_');
    }
  }
});
