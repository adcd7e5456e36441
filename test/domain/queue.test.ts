// Whose turn it is in a queue of Slack, and when the next one may call. By tables.

import { describe, expect, test } from '@jest/globals';
import { paceNow, type Queue, released, turnOf } from '../../src/domain/work/queue.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(NOW.getTime() + ms);
const queue = (changes: Partial<Queue> = {}): Queue => ({
  not_before: at(-60_000),
  pace_ms: 0,
  held_by: null,
  held_until: null,
  ...changes,
});
const held = (until_ms: number) => ({ held_by: 'msg_1', held_until: at(until_ms) });

describe('a message calls when nobody is before it and nothing holds the queue', () => {
  test.each<[string, Partial<Queue>, number, number | null]>([
    ['a queue at rest', {}, 0, null],
    ['behind two others', {}, 2, 500],
    ['while another one calls', held(20_000), 0, 250],
    ['third, while another one calls', held(20_000), 2, 750],
    ['after a holder that was killed', held(0), 0, null],
    ['before the time that Slack named', { not_before: at(7_000), pace_ms: 1_050 }, 0, 7_000],
    ['fourth, before that time', { not_before: at(7_000), pace_ms: 1_050 }, 3, 10_150],
    ['at that very time', { not_before: NOW, pace_ms: 1_050 }, 0, null],
  ])('%s', (_title, changes, ahead, wait_ms) => {
    const turn = turnOf(queue(changes), ahead, NOW);
    expect(turn).toEqual(wait_ms === null ? { kind: 'taken' } : { kind: 'waiting', until: at(wait_ms) });
  });
});

describe('after a call the queue opens again', () => {
  test.each<[string, number, number | null, number, number]>([
    ['at once while Slack has named no limit', 0, null, 0, 0],
    ['at the pace that it learned', 1_050, null, 1_050, 1_050],
    ['not before the time that Slack named, and paced from then on', 0, 30_000, 30_000, 1_050],
    ['no sooner than a second after a limit', 0, 0, 1_050, 1_050],
    ['slower still when the pace was too fast', 1_050, 1_000, 1_050, 2_100],
    ['no slower than that', 8_400, 1_000, 1_050, 8_400],
  ])('%s', (_title, pace_ms, retry_after_ms, wait_ms, pace_after_ms) => {
    const after = released(queue({ pace_ms }), retry_after_ms, NOW);
    expect(after).toEqual({ not_before: at(wait_ms), pace_ms: pace_after_ms });
  });

  test('and its pace is forgotten once it has rested', () => {
    expect(paceNow({ pace_ms: 1_050, not_before: at(-9_000) }, NOW)).toBe(1_050);
    expect(paceNow({ pace_ms: 1_050, not_before: at(-10_000) }, NOW)).toBe(0);
  });
});
