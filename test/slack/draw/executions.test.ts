// What a card says of an action that is begun without a credential, and of others that ask for the same.

import { describe, expect, test } from '@jest/globals';
import { SAME_PENDING_MAX } from '../../../src/domain/request/record.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { drawReviewModal } from '../../../src/slack/draw/review-modal.ts';
import { messageFaults, viewFaults, wordsIn } from './drawn.ts';
import { approvedRecord, makeRecord, NOW } from './request-records.ts';

describe('the same, asked for more than once', () => {
  test.each([
    [1, '1 other request', 'waits'],
    [2, '2 other requests', 'wait'],
    [99, '99 other requests', 'wait'],
    [SAME_PENDING_MAX, '100 or more other requests', 'wait'],
  ])('%i others: Review says so as it is now, the card as it was when it was drawn', (same_pending, others, wait) => {
    const record = makeRecord({}, { same_pending });
    const modal = drawReviewModal(record, {
      request_id: record.request.id,
      digest: record.request.digest,
      channel_id: null,
      ts: null,
      page: 0,
    });
    const drawn = `When this card was drawn, the same was asked for in ${others} of this agent. Review counts anew.`;
    expect(wordsIn(drawCard(record, NOW))).toContain(drawn);
    expect(wordsIn(modal)).toContain(`The same is asked for in ${others} of this agent, which ${wait} too.`);
    expect([messageFaults(drawCard(record, NOW)), viewFaults(modal)]).toEqual([[], []]);
  });

  test('none: not a word of it', () => {
    expect(wordsIn(drawCard(makeRecord(), NOW))).not.toContain('the same was asked');
  });
});

describe('an action begun without a credential', () => {
  const execution = { idempotency_key: 'one', digest: 'sha256:one', started_at: NOW };
  const result = { detail: null, result_digest: null, reported_at: NOW };

  test.each([
    ['begun, and no more is known', null, 'no result reported yet'],
    ['that succeeded', { ...result, status: 'succeeded' as const }, ', succeeded'],
    ['that failed: it ran', { ...result, status: 'failed' as const }, 'Ran at '],
  ])('%s', (_name, result, sentence) => {
    const words = wordsIn(drawCard(approvedRecord({ execution, result, lease: null }), NOW));
    expect(words).toContain(sentence);
    expect(words).not.toContain('Not run');
  });
});
