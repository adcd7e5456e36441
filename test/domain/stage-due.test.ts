// When a stage reminds and when it asks more groups: by how long it has been open, spread over requests, the same each time.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Stage } from '../../src/domain/request/request.ts';
import { escalateAt, remindAt } from '../../src/domain/request/stage-due.ts';
import { decision, later, NOW, requirement, subject } from './decisions.ts';

const LEADS = { group_id: 'g9', name: 'leads' };
const timed = (second: Partial<Stage> = {}, id = 'apr_1') => {
  const [first, last] = requirement(1, 1).stages as [Stage, Stage];
  return { ...subject({ requirement: { stages: [first, { ...last, ...second }] } }), id, created_at: NOW };
};
const FULL = [decision('ann', { decided_at: later(100) })];

describe('the one reminder', () => {
  test('is due at half time, and never for what did not wait', () => {
    expect(remindAt(timed(), [])).toEqual(later(300));
    expect(remindAt({ ...timed(), expires_at: null }, [])).toBeNull();
  });

  test('of a later stage is due half-way from its beginning to the expiry, or as its rule says', () => {
    expect(remindAt(timed(), FULL)).toEqual(later(350));
    const after = remindAt(timed({ remind_after_seconds: 60 }), FULL)?.getTime() ?? 0;
    expect(after).toBeGreaterThanOrEqual(later(160).getTime());
    expect(after).toBeLessThanOrEqual(later(166).getTime());
  });
});

describe('an escalation', () => {
  const escalate = { after_seconds: 60, to: [LEADS] };
  test('is that of the open stage alone, counted from its beginning, and comes once', () => {
    expect(escalateAt(timed({ escalate }), [])).toBeNull();
    expect(escalateAt(timed({ escalate }), FULL)?.getTime()).toBeGreaterThanOrEqual(later(160).getTime());
    expect(escalateAt(timed({ escalate, added: [LEADS], escalated_at: later(170) }), FULL)).toBeNull();
    expect(escalateAt(timed(), FULL)).toBeNull();
  });

  test('that adds nobody is never due: else it would be due again for ever', () => {
    expect(escalateAt(timed({ escalate: { after_seconds: 60, to: [] } }), FULL)).toBeNull();
  });

  test('of many requests that were made in one second is spread, never too early, and the same each time it is asked', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^apr_[0-9a-z]{36}$/), {
      minLength: 200,
      maxLength: 200,
      size: 'max',
    });
    fc.assert(
      fc.property(ids, fc.integer({ min: 10, max: 100_000 }), (all, after_seconds) => {
        const at = (id: string) => {
          const request = timed({ escalate: { after_seconds, to: [LEADS] } }, id);
          return (escalateAt(request, FULL)?.getTime() ?? 0) - later(100 + after_seconds).getTime();
        };
        const offsets = all.map(at);
        const range_ms = Math.min(60_000, after_seconds * 100);
        expect(offsets).toEqual(all.map(at));
        expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...offsets)).toBeLessThan(range_ms);
        // No tenth of the range has more than a third of them.
        const tenths = Array.from({ length: 10 }, (_, tenth) =>
          offsets.filter((ms) => Math.floor((ms * 10) / range_ms) === tenth),
        );
        expect(Math.max(...tenths.map(({ length }) => length))).toBeLessThan(all.length / 3);
      }),
      { numRuns: 20 },
    );
  });
});
