// What Slack refused: when it is tried again, and when it is told that people cannot be asked; and the reminder. By tables.
import { describe, expect, test } from '@jest/globals';
import { type KnownMessage, nextAttemptAt } from '../../src/domain/work/message.ts';
import { pendingWorkOf, staleCards } from '../../src/domain/work/pending-work.ts';
import { dueReplies } from '../../src/domain/work/reply.ts';
import { at, makeRecord, message, OWNER } from '../slack/draw/request-records.ts';

describe('what Slack refused', () => {
  test('is tried again after waits that double from five seconds to five minutes, once it is over to half an hour', () => {
    const waits = (is_pending: boolean) =>
      Array.from(
        { length: 11 },
        (_, attempts) => (nextAttemptAt(attempts, is_pending, at(0)).getTime() - at(0).getTime()) / 1_000,
      );
    expect(waits(true)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]);
    expect(waits(false).slice(6)).toEqual([320, 640, 1_280, 1_800, 1_800]);
  });
  const failed = (minutes: number) => message({ state: 'failed', error: 'is_archived', next_attempt_at: at(minutes) });
  test('wakes the run for its next try, which is none once the request is over', () => {
    expect(pendingWorkOf(makeRecord(), [failed(3)], at(2)).wake_at_ms).toBe(at(3).getTime());
    expect(staleCards(makeRecord(), [failed(3)], at(2))).toEqual([]);
    expect(staleCards(makeRecord(), [failed(3)], at(3))).toEqual(['C0PAYMENTS']);
    const over = makeRecord({ state: 'cancelled', closed_at: at(2) });
    expect(pendingWorkOf(over, [failed(3)], at(2))).toMatchObject({ is_open: false, is_card_stale: false });
  });
  test('wakes the run once more when it is to be told that people cannot be asked', () => {
    const tell = (messages: readonly KnownMessage[], after_seconds: number) =>
      pendingWorkOf(makeRecord(), messages, at(1), { after_seconds }).wake_at_ms;
    expect(tell([failed(9)], 120)).toBe(at(2).getTime());
    expect(tell([message({ undelivered_at: at(1), error: 'is_inactive' })], 120)).toBe(at(3).getTime());
    expect(tell([failed(9), message({ kind: 'undeliverable', destination: OWNER.id })], 120)).toBe(at(9).getTime());
    expect(tell([message()], 120)).toBe(at(15).getTime());
    expect(tell([failed(9)], 86_400)).toBe(at(9).getTime());
  });
});

describe('the one reminder', () => {
  test('a reminder is due from half time on, once, only where the card stands, only while it can help', () => {
    const due = (messages: readonly KnownMessage[], minutes: number, record = makeRecord()) =>
      dueReplies(record, messages, at(minutes)).map(({ destination }) => destination);
    expect(due([message()], 14)).toEqual([]);
    expect(due([message()], 15)).toEqual(['C0PAYMENTS']);
    expect(due([], 15)).toEqual([]);
    expect(due([message(), message({ kind: 'reminder' })], 15)).toEqual([]);
    expect(due([message()], 15, makeRecord({ state: 'denied', closed_at: at(10) }))).toEqual([]);
    expect(due([message()], 30)).toEqual([]);
  });
});
