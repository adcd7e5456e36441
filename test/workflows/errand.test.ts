// How long an errand rests after failures, and when its waits begin anew.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { NOTHING_LEFT, type Situation } from '../../src/domain/work/pending-work.ts';
import { type Errand, makeErrand, noteTended, runErrand } from '../../workflows/errand.ts';

const STALE: Situation = { ...NOTHING_LEFT, is_open: true, is_card_stale: true };
const SAID: Situation = { ...STALE, is_card_stale: false };

beforeEach(() => void jest.useFakeTimers({ now: 0 }));
afterEach(() => void jest.useRealTimers());

function makeFailing(): Errand {
  return makeErrand(
    () => Promise.reject(new Error('Slack is away')),
    ({ is_card_stale }) => is_card_stale,
  );
}

/** Seconds that it rests after each of so many failures. */
async function rests(errand: Errand, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await runErrand(errand, () => undefined);
    found.push(errand.rest_until_ms / 1_000);
  }
  return found;
}

test('an errand that goes on failing rests twice as long each time, up to five minutes', async () => {
  const errand = makeFailing();
  expect(await rests(errand, 6)).toEqual([30, 60, 120, 240, 300, 300]);
});

test('what was said meanwhile within a look begins its waits anew; what is still unsaid does not', async () => {
  const [said, unsaid] = [makeFailing(), makeFailing()];
  for (const errand of [said, unsaid]) await rests(errand, 3);
  noteTended(said, SAID, 0);
  noteTended(unsaid, STALE, 5_000);
  expect([said.rest_until_ms, unsaid.rest_until_ms]).toEqual([0, 5_000]);
  expect([await rests(said, 1), await rests(unsaid, 1)]).toEqual([[30], [240]]);
});
