// The lock of a folder: one holder at a time, and no holder that is dead.
import { readFileSync, writeFileSync } from 'node:fs';
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

const DEAD = '999999 1';

test('while another one clears a dead lock, nobody else does, and the one that clears is named', () => {
  const file = newLock();
  writeFileSync(file, DEAD);
  const clearing = takeLock(`${file}.clearing`);
  expect(takeLock(file)).toEqual({ kind: 'taken', by: process.pid });
  expect(readFileSync(file, 'utf8')).toBe(DEAD);
  if (clearing.kind === 'held') clearing.lock.release();
  expect(takeLock(file).kind).toBe('held');
});

test('one that was killed while it cleared a dead lock keeps nobody out', () => {
  const file = newLock();
  for (const each of [file, `${file}.clearing`, `${file}.clearing.clearing`]) writeFileSync(each, DEAD);
  expect(takeLock(file).kind).toBe('held');
  expect(takeLock(file)).toEqual({ kind: 'taken', by: process.pid });
});

test('of three starts over a dead lock one wins each time, and the others name a process that lives', async () => {
  const file = newLock();
  const code = `
    import { createInterface } from 'node:readline';
    import { takeLock } from './dist/dev/lock.js';
    const lines = createInterface({ input: process.stdin });
    let held;
    lines.on('line', () => {
      held?.lock.release();
      const result = takeLock(${JSON.stringify(file)});
      held = result.kind === 'held' ? result : undefined;
      console.log('result ' + (result.by ?? 'held'));
    });
    console.log('waiting');
  `;
  const rivals = Array.from({ length: 3 }, () => runScript(code));
  await Promise.all(rivals.map((rival) => rival.says('waiting')));
  const living = rivals.map((rival) => String(rival.process.pid));
  const resultsOf = (rival: (typeof rivals)[number]) => rival.output().match(/result \w+/g) ?? [];
  for (let round = 1; round <= 30; round += 1) {
    writeFileSync(file, DEAD);
    for (const rival of rivals) rival.process.stdin?.write('go\n');
    await until(() => rivals.every((rival) => resultsOf(rival).length === round));
    const results = rivals.map((rival) => resultsOf(rival).at(-1)?.replace('result ', '') ?? '');
    expect(results.filter((result) => result === 'held')).toHaveLength(1);
    for (const result of results) expect(['held', ...living]).toContain(result);
  }
  for (const rival of rivals) rival.process.kill('SIGKILL');
});
