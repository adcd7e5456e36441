// The first seconds of `npm start` and `npm test`, in a clone in small: its packages and its compiler are stand-ins.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { nameProcess } from '../../src/process/pid.ts';
import { newFolder, processesAbout } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url));
const built = fileURLToPath(new URL('../../dist', import.meta.url));
const packageFile = fileURLToPath(new URL('../../package.json', import.meta.url));

/** What `npm test` makes its work folder with. */
const BUILT = ['dev/work-folder.js', 'src/process/pid.js'];

type InSmall = { readonly node?: string; readonly compiler?: string };

/** A folder in which `npm start` and `npm test` build, by default for ten minutes. */
function newClone({ node = '>=20.0', compiler = 'setTimeout(() => {}, 600_000);' }: InSmall = {}): string {
  const root = newFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  cpSync(scripts, join(root, 'scripts'), { recursive: true });
  for (const file of BUILT) cpSync(join(built, file), join(root, 'dist', file));
  const commands = { start: 'node scripts/start.mjs', test: 'node scripts/test.mjs' };
  write('package.json', JSON.stringify({ name: 'in-small', type: 'module', engines: { node }, scripts: commands }));
  write('package-lock.json', JSON.stringify({ packages: {} }));
  write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
  write('node_modules/typescript/package.json', '{}');
  write('node_modules/typescript/bin/tsc', compiler);
  mkdirSync(join(root, 'tmp'));
  return root;
}

function runNpm(root: string, command: 'start' | 'test', more: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  // From Node 22 on, npm lets Node keep compiled code in the temporary folder, and makes that folder when it is gone.
  const env = { PATH, HOME, TMPDIR: join(root, 'tmp'), NODE_DISABLE_COMPILE_CACHE: '1', ...more };
  const npm = spawn('npm', [command, '--silent'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let output = '';
  npm.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise((resolve) => npm.once('close', (code) => resolve({ code, output })));
  return { pid: npm.pid as number, kill: (signal: NodeJS.Signals) => npm.kill(signal), ended };
}

/** How a command ends that cannot do its work: with 1, its message once, and no word of ours about where in the code. */
async function expectRefusal(root: string, command: 'start' | 'test', message: string, more: NodeJS.ProcessEnv = {}) {
  const { code, output } = (await runNpm(root, command, more).ended) as { code: number; output: string };
  expect([code, output.split(message).length - 1, /^\s+at /m.test(output)]).toEqual([1, 1, false]);
}

const isBuilding = (root: string) => until(() => processesAbout(`${root}/node_modules/`).length > 0);

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
  const root = newClone({ node: '>=99.1' });
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

const both = ['start', 'test'] as const;

test.each(both)(
  '`npm %s` that cannot reach the registry of npm says so, instead of waiting for it',
  async (command) => {
    const root = newClone();
    const away = { version: '1.0.0', integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
    const wanted = { name: 'in-small', dependencies: { away: '1.0.0' } };
    const packages = { '': wanted, 'node_modules/away': away };
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ name: 'in-small', lockfileVersion: 3, packages }));
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...own, ...wanted }));
    writeFileSync(join(root, '.npmrc'), 'registry=http://127.0.0.1:1/\n');
    await expectRefusal(root, command, 'npm cannot reach its registry (ECONNREFUSED).');
    expect(processesAbout(root)).toEqual([]);
  },
);

/** Says what npm says without a network when it has some of the packages in its cache. */
const HALF_CACHED_NPM = `#!${process.execPath}
const hit = 'npm http fetch GET 200 https://registry.example/b 1ms (cache hit)';
for (let attempt = 1; attempt <= 4; attempt += 1) {
  console.error('npm http fetch GET https://registry.example/a attempt ' + attempt + ' failed with EAI_AGAIN');
  console.error(hit);
}
process.on('SIGTERM', () => {
  console.error(hit);
  process.exit(1);
});
setTimeout(() => {}, 600_000);
`;

test('a registry that is away is told as such, although npm finds some packages in its cache', () => {
  const root = newClone();
  writeFileSync(join(root, 'node_modules/.package-lock.json'), 'none');
  writeFileSync(join(root, 'npm'), HALF_CACHED_NPM, { mode: 0o755 });
  const env = { PATH: `${root}:${process.env['PATH']}` };
  const { status, stderr } = spawnSync(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    encoding: 'utf8',
    env,
    timeout: 30_000,
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('npm cannot reach its registry (EAI_AGAIN).')]);
});

test.each(both)('`npm %s` in a folder that it cannot write in names the folder', async (command) => {
  const root = newClone();
  writeFileSync(join(root, '.placet'), '');
  await expectRefusal(root, command, `must be able to write below ${root}:`);
});

test.each(both)('`npm %s` on a disk that fills up while it builds says what to look at', async (command) => {
  const root = newClone({
    compiler: "process.stderr.write('error: ENOSPC: no space left on device, write'); process.exit(2);",
  });
  await expectRefusal(root, command, `must be able to write below ${root}:`);
});

test('`npm test` without a folder for temporary files names it', async () => {
  const TMPDIR = join(newFolder(), 'gone');
  await expectRefusal(newClone({ compiler: '' }), 'test', `must be able to write below ${TMPDIR}:`, { TMPDIR });
});

test('`npm test` removes the folder of a run that was killed, and of no other', async () => {
  const root = newClone({ compiler: '' });
  const folderOf = (pid: number, started: string): string => {
    const name = `placet-test-${pid}-abcdef`;
    mkdirSync(join(root, 'tmp', name, 'postgres'), { recursive: true });
    writeFileSync(join(root, 'tmp', name, 'started'), started);
    return name;
  };
  // The same pid with another start time is another process: that one is gone.
  folderOf(process.ppid, 'long ago');
  const living = folderOf(process.pid, nameProcess(process.pid).started);
  await runNpm(root, 'test').ended;
  expect(readdirSync(join(root, 'tmp'))).toEqual([living]);
});
