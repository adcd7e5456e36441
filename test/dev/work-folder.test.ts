// A work folder in the system's folder for temporary files: removed by its run, or by the next one when that was killed.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { nameProcess } from '../../src/process/pid.ts';
import { newFolder, runScript, type Script } from '../support/processes.ts';

/** Makes a work folder below `place`, says so, and lives on. */
function startRun(place: string): Script {
  const code = `
    import { makeWorkFolder } from './dist/dev/work-folder.js';
    console.log('works in', makeWorkFolder('demo'));
    setInterval(() => {}, 60_000);
  `;
  return runScript(code, { ...process.env, TMPDIR: place });
}

async function stopRun(run: Script): Promise<void> {
  await run.says('works in');
  run.process.kill('SIGKILL');
  await run.ended;
}

test('a run removes the folder of one that was killed, and not that of one that lives', async () => {
  const place = newFolder();
  await stopRun(startRun(place));
  const [killed = ''] = readdirSync(place);
  mkdirSync(join(place, killed, 'data'));
  const living = startRun(place);
  await living.says('works in');
  const next = startRun(place);
  await next.says('works in');
  const left = readdirSync(place);
  expect(left).toHaveLength(2);
  expect(left).not.toContain(killed);
  await Promise.all([living, next].map(stopRun));
});

test('nothing is removed that is not known to be of a run that has ended', async () => {
  const place = newFolder();
  const { pid, started } = nameProcess(process.pid);
  const make = (name: string, owner?: string): void => {
    mkdirSync(join(place, name));
    if (owner !== undefined) writeFileSync(join(place, name, 'started'), owner);
  };
  make(`placet-test-${pid}-living`, started);
  make(`placet-test-${pid}-nobody`);
  make(`placet-test-${pid}-beginning`, '');
  make('placet-test-none-abcdef', 'long ago');
  make(`other-test-${pid}-abcdef`, 'long ago');
  const elsewhere = newFolder();
  writeFileSync(join(elsewhere, 'started'), 'long ago');
  symlinkSync(elsewhere, join(place, `placet-test-${pid}-linked`));
  const before = readdirSync(place);
  await stopRun(startRun(place));
  expect(readdirSync(place)).toEqual(expect.arrayContaining(before));
  expect(existsSync(join(elsewhere, 'started'))).toBe(true);
});
