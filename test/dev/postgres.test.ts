// The embedded PostgreSQL keeps its data whatever was killed, and never signals a process that is not its own.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startPostgres } from '../../dev/postgres.ts';
import { findPostgres, makeLinks, programsIn } from '../../dev/postgres-binaries.ts';
import { programsFor } from '../../dev/postgres-copy.ts';
import { chooseUser } from '../../dev/postgres-user.ts';
import { newFolder, processesAbout, runScript } from '../support/processes.ts';
import { until } from '../support/wait.ts';
import { query } from './support.ts';

test('a row that was committed is there after a stop and another start', async () => {
  const folder = newFolder();
  const first = await startPostgres({ folder });
  await query(first.url, 'create table kept as select 7 as value');
  await first.stop();
  const second = await startPostgres({ folder });
  expect(await query(second.url, 'select value from kept')).toEqual([{ value: 7 }]);
  await second.stop();
  await until(() => processesAbout(folder).length === 0);
});

test('a row that was committed is there after the server was killed', async () => {
  const folder = newFolder();
  const first = await startPostgres({ folder });
  await query(first.url, 'create table kept as select 7 as value');
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const second = await startPostgres({ folder });
  expect(await query(second.url, 'select value from kept')).toEqual([{ value: 7 }]);
  await second.stop();
});

test('a server whose starter was killed ends, and the next start has its data', async () => {
  const folder = newFolder();
  const starter = runScript(`
    import { startPostgres } from './dist/dev/postgres.js';
    const { url } = await startPostgres({ folder: ${JSON.stringify(folder)} });
    console.log('url ' + url);
    setInterval(() => {}, 1000);
  `);
  await starter.says('url ');
  const url = /url (\S+)/.exec(starter.output())?.[1] ?? '';
  await query(url, 'create table kept as select 7 as value');
  starter.process.kill('SIGKILL');
  await starter.ended;
  const next = await startPostgres({ folder });
  expect(await query(next.url, 'select value from kept')).toEqual([{ value: 7 }]);
  await next.stop();
  await until(() => processesAbout(folder).length === 0);
});

test('a pid file that names a process of someone else stops neither the start nor that process', async () => {
  const folder = newFolder();
  const first = await startPostgres({ folder });
  await first.stop();
  writeFileSync(join(folder, 'data/postmaster.pid'), `${process.pid}\n${folder}/data\n1\n5432\n`);
  const second = await startPostgres({ folder });
  expect(await query(second.url, 'select 1 as value')).toEqual([{ value: 1 }]);
  await second.stop();
});

test('only who knows the password gets in, and it stands in a file of its owner alone', async () => {
  const folder = newFolder();
  const server = await startPostgres({ folder });
  const guessed = new URL(server.url);
  guessed.password = 'guessed';
  await expect(query(guessed.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
  await server.stop();
});

test('an interrupted first start leaves no half-made data folder', async () => {
  const folder = newFolder();
  // What a start that was killed in the midst of initdb leaves behind.
  mkdirSync(join(folder, 'data.new'));
  writeFileSync(join(folder, 'data.new/PG_VERSION'), '18\n');
  const server = await startPostgres({ folder });
  expect(existsSync(join(folder, 'data.new'))).toBe(false);
  await server.stop();
});

test('links between libraries that npm did not make are made', () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'native/lib'), { recursive: true });
  writeFileSync(join(folder, 'native/lib/libpq.so.5.18'), 'library');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(folder, 'native/pg-symlinks.json'), JSON.stringify(links));
  expect(makeLinks(folder)).toBe(1);
  expect(readFileSync(join(folder, 'native/lib/libpq.so.5'), 'utf8')).toBe('library');
  expect(makeLinks(folder)).toBe(0);
});

test('programs in a folder that only we may enter can be run by the user of the server, and leave no copy', () => {
  const closed = newFolder();
  cpSync(join(findPostgres().folder, 'native'), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
  chmodSync(closed, 0o700);
  const user = chooseUser(join(closed, 'data'));
  const programs = programsFor(user, programsIn(closed));
  const { status } = spawnSync(programs.postgres, ['--version'], { ...user, cwd: '/' });
  expect(status).toBe(0);
  programs.remove();
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`placet-postgres-${process.pid}-`))).toEqual([]);
  expect(existsSync(programsIn(closed).postgres)).toBe(true);
});

test('a folder that only we may enter keeps the data of the server all the same', async () => {
  const closed = newFolder();
  chmodSync(closed, 0o700);
  const folder = join(closed, 'a folder & more', 'postgres');
  const first = await startPostgres({ folder });
  await query(first.url, 'create table kept as select 7 as value');
  await first.stop();
  const second = await startPostgres({ folder });
  expect(await query(second.url, 'select value from kept')).toEqual([{ value: 7 }]);
  await second.stop();
});
