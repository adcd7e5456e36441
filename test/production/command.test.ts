// The `placet` command of a built tree, in small: its program is a stand-in that says how it was called.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { nameProcess } from '../../src/process/pid.ts';
import { newFolder } from '../support/processes.ts';

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url));

/** A folder that every system has. */
const PLACE = '/mnt';

type Tree = {
  /** Files that are there, beside those of every built tree. */
  readonly files?: readonly string[];
  readonly without?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
};

const BUILT = ['dist/src/main.js', 'dist/workflow-bundle.js', 'node_modules/pg/index.js'];
/** What only a clone has that is worked on. */
const OF_CLONE = ['dev/package.json', 'node_modules/typescript/bin/tsc', 'src/main.ts'];

/** A built tree; whoever builds in it leaves a mark, and any registry would be one that nobody listens at. */
function newTree({ files = [], without = [] }: Tree): string {
  const root = newFolder();
  cpSync(scripts, join(root, 'scripts'), { recursive: true });
  for (const path of [...BUILT, ...files].filter((each) => !without.includes(each))) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    const name = path === 'dist/dev/main.js' ? 'clone' : 'installation';
    const says = `console.log(JSON.stringify(['${name}', ...process.argv.slice(2)]));`;
    writeFileSync(join(root, path), path.endsWith('main.js') ? says : '');
  }
  writeFileSync(join(root, 'node_modules/typescript-ran'), '');
  const manifest = { name: 'in-small', type: 'module', engines: { node: '>=20.0' } };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  // The lock file names what is not installed: whoever looks will want to install it.
  const packages = { 'node_modules/absent': { version: '1.0.0' } };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  writeFileSync(join(root, '.npmrc'), 'registry=http://127.0.0.1:1/\nfetch-retries=0\n');
  return root;
}

const SERVE = ['serve', '--role', 'api'];

const placet = (root: string, env: NodeJS.ProcessEnv = {}) =>
  run([process.execPath, join(root, 'scripts/placet.mjs'), ...SERVE], env);

/** For root by a mount of its own, since rights alone keep root from nothing. */
function placetForReading(root: string) {
  if (process.getuid?.() === 0) {
    const mounts = `mount --bind ${root} ${PLACE} && mount -o remount,bind,ro ${PLACE} && exec "$@"`;
    const command = [process.execPath, `${PLACE}/scripts/placet.mjs`, ...SERVE];
    return run(['unshare', '-m', '/bin/sh', '-c', mounts, 'sh', ...command], {});
  }
  execFileSync('chmod', ['-R', 'a-w', root]);
  return placet(root).finally(() => execFileSync('chmod', ['-R', 'u+w', root]));
}

async function run([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv) {
  const { PATH } = process.env;
  const child = spawn(command, args, { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...output };
}

const filesOf = (root: string) => readdirSync(root, { recursive: true }).map(String).sort();

describe('a built tree that is there to run is run as it stands: nothing is built, fetched, locked or written', () => {
  test.each<readonly [string, Tree]>([
    ['without the compiler', { files: ['dev/package.json', 'src/main.ts'] }],
    ['without the workspace of a clone', { files: ['node_modules/typescript/bin/tsc'] }],
    ['without anything of a clone', {}],
    ['declared to be in production, with all of a clone', { files: OF_CLONE, env: { NODE_ENV: 'production' } }],
    ['with sources that are newer', { files: ['src/main.ts'] }],
    ['with the program of a clone but not its servers', { files: ['dist/dev/main.js'] }],
    ['without the sources', { files: ['dev/package.json'] }],
  ])('%s', async (_what, tree) => {
    const root = newTree(tree);
    const before = filesOf(root);
    const { code, out, err } = await placet(root, tree.env);
    expect([code, err, JSON.parse(out)]).toEqual([0, '', ['installation', 'serve', '--role', 'api']]);
    expect(filesOf(root)).toEqual(before);
  });

  test('with all of a clone, where nobody may write', async () => {
    const root = newTree({ files: OF_CLONE });
    expect(await placetForReading(root)).toMatchObject({
      code: 0,
      err: '',
      out: '["installation","serve","--role","api"]\n',
    });
  });

  test('while another process holds the lock of a build', async () => {
    const root = newTree({});
    mkdirSync(join(root, '.placet'));
    const { pid, started } = nameProcess(process.pid);
    writeFileSync(join(root, '.placet/prepare.lock'), `${pid} ${started}`);
    expect(await placet(root)).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(join(root, '.placet/prepare.lock'), 'utf8')).toBe(`${pid} ${started}`);
  });
});

test.each<readonly [string, Tree]>([
  ['a clone that is worked on', { files: OF_CLONE }],
  [
    'a tree that is not built, although in production',
    { without: ['dist/src/main.js'], env: { NODE_ENV: 'production' } },
  ],
  ['a tree whose workflows are not bundled', { without: ['dist/workflow-bundle.js'] }],
])('%s is prepared first, and says what it lacks', async (_what, tree) => {
  const { code, out, err } = await placet(newTree(tree), tree.env);
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('registry');
});
