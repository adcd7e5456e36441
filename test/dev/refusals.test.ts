// A start that cannot succeed says once why and what to do, ends with 1 and leaves no process.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort } from '../../dev/ports.ts';
import { createProgress } from '../../dev/progress.ts';
import { startTemporal, waitForTemporal } from '../../dev/temporal.ts';
import { findTemporal } from '../../dev/temporal-find.ts';
import { newFolder, runScript } from '../support/processes.ts';
import { CLOSED_POSTGRES_URL, superuserUrl, temporalAddress } from '../support/stack.ts';
import { type DevOptions, hasNoProcess, isRunning, startDev } from './support.ts';

/** What a start said that ended by itself. */
async function refusal(root: string, options: DevOptions): Promise<string> {
  const run = startDev(root, options);
  expect(await run.ended).toBe(1);
  await hasNoProcess(root);
  expect(run.output()).not.toMatch(/^\s+at /m);
  return run.output();
}

const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true }).map(String);
const times = (text: string, part: string): number => text.split(part).length - 1;

test('what keeps a process of ours from serving is said once, and ends the start', async () => {
  const env = { DATABASE_URL: CLOSED_POSTGRES_URL, TEMPORAL_ADDRESS: temporalAddress() };
  const output = await refusal(newFolder(), { env, hasRealRoles: true });
  expect(times(output, 'correct the host and port in DATABASE_URL')).toBe(1);
  expect(times(output, 'process did not start.')).toBe(1);
});

test('a database that cannot be migrated is named with its setting', async () => {
  const owner = Object.assign(new URL(superuserUrl()), { password: 'wrong' }).href;
  const env = { DATABASE_URL: CLOSED_POSTGRES_URL, DATABASE_OWNER_URL: owner, TEMPORAL_ADDRESS: temporalAddress() };
  const output = await refusal(newFolder(), { env });
  expect(times(output, 'correct the login and the password in DATABASE_OWNER_URL')).toBe(1);
});

test('a port that was asked for and is taken stops the start before anything runs', async () => {
  const root = newFolder();
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  try {
    const output = await refusal(root, { env: { PLACET_PORT: String(port) } });
    expect(times(output, 'set PLACET_PORT to another port')).toBe(1);
    expect(existsSync(join(root, '.placet/postgres'))).toBe(false);
  } finally {
    other.close();
  }
});

test('a data folder that cannot be made is named, with what to look at', async () => {
  const root = newFolder();
  writeFileSync(join(root, '.placet'), '');
  expect(times(await refusal(root, {}), `must be able to write below ${root}`)).toBe(1);
});

test('a playground that cannot keep its file says why', async () => {
  const root = newFolder();
  mkdirSync(join(root, '.placet/playground.json'), { recursive: true });
  const output = await refusal(root, { env: { TEMPORAL_ADDRESS: temporalAddress() } });
  expect(times(output, 'The playground did not start: Error: EISDIR')).toBe(1);
});

const full = [
  ['at once', 0],
  ['when PostgreSQL makes its folder', 8_192],
] as const;

test.each(full)(
  'a disk that is full %s is told with its folder; nothing half-made is left, the next start works',
  async (_when, fileBlocks) => {
    const root = newFolder();
    const env = { TEMPORAL_ADDRESS: temporalAddress() };
    const output = await refusal(root, { env, fileBlocks });
    // As root in a closed clone, PostgreSQL's programs are first copied to where its user may run them.
    const named = [root, tmpdir()].filter((folder) => output.includes(`must be able to write below ${folder}:`));
    expect([named.length, times(output, 'must be able to write below')]).toEqual([1, 1]);
    expect(filesBelow(root).filter((name) => /\.new|\.\d+$|initdb-password|dev\.lock/.test(name))).toEqual([]);
    const run = startDev(root, { env });
    await isRunning(run);
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  },
);

test('a demo without a folder for its files names the folder', async () => {
  const { PATH, HOME } = process.env;
  const TMPDIR = join(newFolder(), 'gone');
  const run = runScript("process.argv.push('placet', 'demo'); await import('./dist/dev/main.js');", {
    PATH,
    HOME,
    TMPDIR,
  });
  expect(await run.ended).toBe(1);
  expect(times(run.output(), `must be able to write below ${TMPDIR}`)).toBe(1);
});

test('a Temporal without the namespace of the settings is told from one that does not answer', async () => {
  const answers = waitForTemporal({ address: temporalAddress(), namespace: 'nowhere', limit_ms: 30_000 });
  await expect(answers).rejects.toMatchObject({ details: { remedy: expect.stringContaining('TEMPORAL_NAMESPACE') } });
  const silent = waitForTemporal({ address: '127.0.0.1:1', namespace: 'nowhere', limit_ms: 1_000 });
  await expect(silent).rejects.toMatchObject({ details: { remedy: expect.stringContaining('TEMPORAL_ADDRESS') } });
});

test('a Temporal of our own has the namespace that was asked for', async () => {
  const { PATH, HOME, PLACET_CACHE: cache } = process.env;
  const { path } = await findTemporal({ env: { PATH, HOME }, cache, progress: createProgress({ write: () => true }) });
  const namespace = 'elsewhere';
  const { address, stop } = await startTemporal({ path, namespace, log_file: join(newFolder(), 'temporal.log') });
  await waitForTemporal({ address, namespace, limit_ms: 30_000 });
  await stop();
});

test('a Temporal of our own is told a user also where nothing names one: it would not start', async () => {
  const folder = newFolder();
  const path = join(folder, 'temporal');
  writeFileSync(path, `#!/bin/sh\necho "$USER" > '${folder}/user'\n`, { mode: 0o755 });
  const { PATH, HOME } = process.env;
  const options = JSON.stringify({ path, log_file: join(folder, 'temporal.log') });
  const code = `import { startTemporal } from './dist/dev/temporal.js'; await startTemporal(${options});`;
  await runScript(code, { PATH, HOME }).ended;
  expect(readFileSync(join(folder, 'user'), 'utf8')).toBe('placet\n');
});
