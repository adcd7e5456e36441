// How long an background task rests after failures, and when its waits begin anew.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { NOTHING_LEFT, type PendingWork } from '../../src/domain/work/pending-work.ts';
import { type BackgroundTask, makeTask, noteReconciled, runTask } from '../../workflows/background-task.ts';

const STALE: PendingWork = { ...NOTHING_LEFT, is_open: true, is_card_stale: true };
const CHANGED: PendingWork = { ...STALE, is_card_stale: false };

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

function makeFailing(): BackgroundTask {
  return makeTask(
    () => Promise.reject(new Error('Slack is away')),
    ({ is_card_stale }) => is_card_stale,
  );
}

/** Seconds that it rests after each of so many failures. */
async function rests(task: BackgroundTask, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await runTask(task, () => undefined);
    found.push(task.backoff_until_ms / 1_000);
  }
  return found;
}

test('a background task that goes on failing backs off twice as long each time, up to five minutes', async () => {
  const task = makeFailing();
  expect(await rests(task, 6)).toEqual([30, 60, 120, 240, 300, 300]);
});

test('what was said meanwhile within a look begins its waits anew; what is still unsaid does not', async () => {
  const [changed, unchanged] = [makeFailing(), makeFailing()];
  for (const task of [changed, unchanged]) await rests(task, 3);
  noteReconciled(changed, CHANGED, 0);
  noteReconciled(unchanged, STALE, 5_000);
  expect([changed.backoff_until_ms, unchanged.backoff_until_ms]).toEqual([0, 5_000]);
  expect([await rests(changed, 1), await rests(unchanged, 1)]).toEqual([[30], [240]]);
});
