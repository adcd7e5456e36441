// The first seconds of `npm start` and `npm test`, in a clone in small: its packages and its compiler are stand-ins.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { newFolder, processesAbout, until } from '../support/processes.ts';

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url));
const packageFile = fileURLToPath(new URL('../../package.json', import.meta.url));

/** A folder in which `npm start` and `npm test` build for ten minutes. */
function newClone(node = '>=20.0'): string {
  const root = newFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  cpSync(scripts, join(root, 'scripts'), { recursive: true });
  const commands = { start: 'node scripts/start.mjs', test: 'node scripts/test.mjs' };
  write('package.json', JSON.stringify({ name: 'in-small', type: 'module', engines: { node }, scripts: commands }));
  write('package-lock.json', JSON.stringify({ packages: {} }));
  write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
  write('node_modules/typescript/package.json', '{}');
  write('node_modules/typescript/bin/tsc', 'setTimeout(() => {}, 600_000);');
  mkdirSync(join(root, 'tmp'));
  return root;
}

function runNpm(root: string, command: 'start' | 'test') {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, TMPDIR: join(root, 'tmp') };
  const npm = spawn('npm', [command, '--silent'], { cwd: root, env, stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => npm.once('close', resolve));
  return { pid: npm.pid as number, kill: (signal: NodeJS.Signals) => npm.kill(signal), ended };
}

const isBuilding = (root: string): Promise<void> => until(() => processesAbout(`${root}/node_modules/`).length > 0);

const ways = [
  ['start', 'SIGTERM'],
  ['start', 'SIGKILL'],
  ['test', 'SIGTERM'],
  ['test', 'SIGKILL'],
] as const;

test.each(ways)('when the npm of `npm %s` ends by %s, nothing goes on behind it', async (command, signal) => {
  const root = newClone();
  const npm = runNpm(root, command);
  await isBuilding(root);
  npm.kill(signal);
  await npm.ended;
  await until(() => processesAbout(root).length === 0);
});

test('`npm test` that is interrupted while it builds ends at once and leaves no temporary folder', async () => {
  const root = newClone();
  const npm = runNpm(root, 'test');
  await isBuilding(root);
  process.kill(-npm.pid, 'SIGINT');
  await npm.ended;
  await until(() => processesAbout(root).length === 0);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});

test('a Node that is too old is told so by every command, before it reads a line that it cannot understand', () => {
  const root = newClone('>=99.1');
  const message = /^Placet needs Node 99\.1 or later; this is .+\n.+nodejs\.org.+\n$/;
  const { scripts: commands } = JSON.parse(readFileSync(packageFile, 'utf8')) as { scripts: Record<string, string> };
  const ours = Object.values(commands).filter((command) => command.startsWith('node '));
  expect(ours.length).toBeGreaterThan(4);
  for (const command of [...ours, 'node scripts/placet.mjs']) {
    if (ours.includes(command))
      writeFileSync(join(root, command.split(' ').at(-1) as string), 'a Node of tomorrow reads this');
    const { status, stderr } = spawnSync('/bin/sh', ['-c', command], { cwd: root, encoding: 'utf8' });
    expect([command, status, stderr]).toEqual([command, 1, expect.stringMatching(message)]);
  }
});
