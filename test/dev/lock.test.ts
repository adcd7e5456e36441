// The lock of a folder: one holder at a time, and no holder that is dead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { takeLock } from '../../dev/lock.ts';
import { newFolder, runScript } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const newLock = (): string => join(newFolder(), 'a.lock');

test('a held lock is not given twice, and its holder is named', () => {
  const file = newLock();
  const first = takeLock(file);
  expect(first.kind).toBe('held');
  expect(takeLock(file)).toEqual({ kind: 'taken', by: process.pid });
});

test('a released lock can be taken again', () => {
  const file = newLock();
  const first = takeLock(file);
  if (first.kind === 'held') first.lock.release();
  expect(takeLock(file).kind).toBe('held');
});

test('a lock whose holder was killed is taken over', async () => {
  const file = newLock();
  const holder = runScript(`
    import { takeLock } from './dist/dev/lock.js';
    console.log(takeLock(${JSON.stringify(file)}).kind);
    setInterval(() => {}, 1000);
  `);
  await holder.says('held');
  expect(takeLock(file)).toEqual({ kind: 'taken', by: holder.process.pid });
  holder.process.kill('SIGKILL');
  await holder.ended;
  expect(takeLock(file).kind).toBe('held');
});

test('a lock whose pid now belongs to another process is taken over', () => {
  const file = newLock();
  writeFileSync(file, `${process.pid} 1`);
  expect(takeLock(file).kind).toBe('held');
});

test('of many that find a dead lock at once, exactly one gets it', async () => {
  const file = newLock();
  writeFileSync(file, '999999 1');
  const code = `
    import { takeLock } from './dist/dev/lock.js';
    process.stdin.once('data', () => console.log('result ' + takeLock(${JSON.stringify(file)}).kind));
    console.log('waiting');
  `;
  const rivals = Array.from({ length: 6 }, () => runScript(code));
  await Promise.all(rivals.map((rival) => rival.says('waiting')));
  for (const rival of rivals) rival.process.stdin?.write('go\n');
  await until(() => rivals.every((rival) => rival.output().includes('result')));
  expect(rivals.filter((rival) => rival.output().includes('result held'))).toHaveLength(1);
  for (const rival of rivals) rival.process.kill('SIGKILL');
});
