// Processes are kept running, and none outlives those who started it.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BoundChild, startBound } from '../../src/process/child.ts';
import { isRunning, nameProcess } from '../../src/process/pid.ts';
import { RESTART_MS_MAX, RESTART_MS_MIN, restartDelay, supervise } from '../../src/process/supervise.ts';
import { newFolder, processesAbout, runScript } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const sleeper = { command: 'sleep', args: ['600'] };

/** Keeps one child and hands out each start of it. */
function keepOne(options = sleeper) {
  const starts: BoundChild[] = [];
  const waits: number[] = [];
  const supervisor = supervise([{ name: 'one', options }], {
    onStart: (_name, child) => void starts.push(child),
    onEnd: (_name, _result, restartMs) => void waits.push(restartMs),
    wait: () => Promise.resolve(),
  });
  return { supervisor, starts, waits };
}

test('a killed child is started again, under a new pid', async () => {
  const { supervisor, starts } = keepOne();
  await until(() => starts.length === 1);
  process.kill(starts[0]?.pid ?? 0, 'SIGKILL');
  await until(() => starts.length === 2);
  expect(starts[1]?.pid).not.toBe(starts[0]?.pid);
  await supervisor.stop();
});

test('after stop no child runs and none is started again', async () => {
  const { supervisor, starts, waits } = keepOne();
  await until(() => starts.length === 1);
  await supervisor.stop();
  expect(starts.map((child) => isRunning(nameProcess(child.pid)))).toEqual([false]);
  expect(waits).toEqual([]);
});

test('a stop that comes while a child is being made leaves no child', async () => {
  const { supervisor, starts } = keepOne({ command: 'sleep', args: ['601.25'] });
  await supervisor.stop();
  expect(starts).toEqual([]);
  // What watches a child learns of its end through a pipe, so it goes a moment later.
  await until(() => processesAbout('601.25').length === 0);
});

test('a child that ends at once is restarted later and later, up to a limit', async () => {
  const { supervisor, waits } = keepOne({ command: 'false', args: [] });
  await until(() => waits.length >= 8);
  await supervisor.stop();
  expect(waits.slice(0, 3)).toEqual([RESTART_MS_MIN, 2 * RESTART_MS_MIN, 4 * RESTART_MS_MIN]);
  expect(waits[7]).toBe(RESTART_MS_MAX);
});

test('a restart never waits less than the least or more than the most', () => {
  fc.assert(
    fc.property(fc.nat(), (ends) => {
      expect(restartDelay(ends)).toBeGreaterThanOrEqual(RESTART_MS_MIN);
      expect(restartDelay(ends)).toBeLessThanOrEqual(RESTART_MS_MAX);
    }),
  );
});

test('children stop in the reverse order of their start', async () => {
  const order: string[] = [];
  const children = new Map<string, BoundChild>();
  const items = ['first', 'second', 'third'].map((name) => ({ name, options: sleeper }));
  const onStart = (name: string, child: BoundChild): void => {
    children.set(name, child);
    void child.ended.then(() => order.push(name));
  };
  const supervisor = supervise(items, { onStart, onEnd: () => undefined });
  await until(() => children.size === 3);
  await supervisor.stop();
  expect(order).toEqual(['third', 'second', 'first']);
});

test('a child ends when its parent is killed with SIGKILL', async () => {
  const mark = newFolder();
  const parent = runScript(`
    import { startBound } from './dist/src/process/child.js';
    await startBound({ command: 'sh', args: ['-c', 'while :; do sleep 1; done', ${JSON.stringify(mark)}] });
    console.log('started');
    setInterval(() => {}, 1000);
  `);
  await parent.says('started');
  expect(processesAbout(mark).length).toBeGreaterThan(0);
  parent.process.kill('SIGKILL');
  await until(() => processesAbout(mark).length === 0);
});

test('a child that ignores the request to end is killed', async () => {
  const stubborn = ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'];
  const child = await startBound({ command: 'sh', args: stubborn, grace_seconds: 1 });
  const isReady = new Promise((resolve) => child.process.stdout?.once('data', resolve));
  await isReady;
  await child.stop();
  expect(await child.ended).toBe('SIGKILL');
});

test('how a child ended is told as it was', async () => {
  const child = await startBound({ command: 'sh', args: ['-c', 'exit 7'] });
  expect(await child.ended).toBe(7);
});

test('a pid that now belongs to another process is not taken for the one that was named', () => {
  expect(isRunning({ pid: process.pid, started: '1' })).toBe(false);
  expect(isRunning(nameProcess(process.pid))).toBe(true);
});
