// `placet dev` as a whole: one run per folder, data that survives, and no process left behind however it ends.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readRunFile } from '../../dev/data-folder.ts';
import { newFolder, type Script } from '../support/processes.ts';
import { until } from '../support/wait.ts';
import { hasNoProcess, isRunning, query, startDev } from './support.ts';

const queryIn = (root: string, sql: string) => query(readRunFile(root)?.environment['DATABASE_OWNER_URL'] ?? '', sql);

async function interrupt(run: Script, root: string): Promise<void> {
  run.process.kill('SIGINT');
  expect(await run.ended).toBe(0);
  await hasNoProcess(root);
}

test('a run tells its page, keeps its data over stop and kill -9, and forgets it when asked', async () => {
  const root = newFolder();
  const first = startDev(root, { hasRealRoles: true });
  await isRunning(first);
  const page = readRunFile(root)?.page_url ?? 'none';
  expect(first.output()).toContain(`Open   ${page}`);
  // A browser takes localhost for either address.
  const api = `${readRunFile(root)?.environment['PLACET_PUBLIC_URL']}/readyz`;
  for (const url of [page, api]) {
    for (const host of ['127.0.0.1', '[::1]', 'localhost'])
      expect((await fetch(Object.assign(new URL(url), { hostname: host }))).status).toBe(200);
  }
  await queryIn(root, 'create table kept as select 7 as value');
  await interrupt(first, root);

  const second = startDev(root);
  await isRunning(second);
  expect(readRunFile(root)?.page_url).toBe(page);
  second.process.kill('SIGKILL');
  await second.ended;

  // At once: what the killed run left is still ending.
  const third = startDev(root);
  await isRunning(third);
  expect(await queryIn(root, 'select value from kept')).toEqual([{ value: 7 }]);
  await interrupt(third, root);

  const fresh = startDev(root, { fresh: true });
  await isRunning(fresh);
  await expect(queryIn(root, 'select value from kept')).rejects.toThrow(/does not exist/);
  await interrupt(fresh, root);
});

test('two folders that start at the same moment, and ask for no port, both come up', async () => {
  const roots = [newFolder(), newFolder()];
  const runs = roots.map((root) => startDev(root, { env: { PLACET_PORT: '' } }));
  await Promise.all(runs.map(isRunning));
  const urls = roots.map((root) => readRunFile(root)?.api_url);
  expect(new Set(urls).size).toBe(2);
  for (const [place, run] of runs.entries()) await interrupt(run, roots[place] as string);
});

describe('one run', () => {
  const root = newFolder();
  let run: Script;

  beforeAll(async () => {
    run = startDev(root);
    await isRunning(run);
  });

  afterAll(() => interrupt(run, root));

  test('a second run in the same folder says where the first one is, and leaves it alone', async () => {
    const second = startDev(root);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('already runs in this folder');
    expect(second.output()).toContain(readRunFile(root)?.page_url ?? 'none');
    expect(run.process.exitCode).toBe(null);
  });

  test('secrets stand in files of their owner alone', () => {
    for (const name of ['master.key', 'app-password', 'run.json', 'demo-agent.json', 'postgres/password']) {
      expect(`${name} ${(statSync(join(root, '.placet', name)).mode & 0o777).toString(8)}`).toBe(`${name} 600`);
    }
  });

  test('a server that is killed is started again at the same place', async () => {
    const before = readRunFile(root)?.environment['DATABASE_URL'];
    const pid = Number(readFileSync(join(root, '.placet/postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    await run.says('PostgreSQL ended by itself');
    await until(() =>
      queryIn(root, 'select 1').then(
        () => true,
        () => false,
      ),
    );
    expect(readRunFile(root)?.environment['DATABASE_URL']).toBe(before);
  });
});

test.each(['PostgreSQL', 'Database schema'])('a stop right after the step "%s" leaves no process', async (step) => {
  const root = newFolder();
  const run = startDev(root);
  await run.says(`✓ ${step}`);
  await interrupt(run, root);
});

test('settings that are wrong stop the start before anything runs', async () => {
  const root = newFolder();
  const run = startDev(root, { env: { SLACK_BOT_TOKEN: 'xoxb-alone' } });
  expect(await run.ended).toBe(1);
  expect(run.output()).toContain('SLACK_APP_TOKEN');
  expect(existsSync(join(root, '.placet'))).toBe(false);
});
