// What a card says of an action that is begun without a credential, and of others that ask for the same.

import { describe, expect, test } from '@jest/globals';
import { SAME_PENDING_MAX } from '../../../src/domain/request/record.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { drawReviewModal } from '../../../src/slack/draw/review-modal.ts';
import { messageFaults, viewFaults, wordsIn } from './drawn.ts';
import { approvedRecord, makeRecord, NOW } from './request-records.ts';

describe('the same, asked for more than once', () => {
  test.each([
    [1, 'The same is asked for in 1 other request of this agent, which waits too.'],
    [2, 'The same is asked for in 2 other requests of this agent, which wait too.'],
    [99, 'The same is asked for in 99 other requests of this agent, which wait too.'],
    [SAME_PENDING_MAX, 'The same is asked for in 100 or more other requests of this agent, which wait too.'],
  ])('%i others: the card and the Review modal say so', (same_pending, sentence) => {
    const record = makeRecord({}, { same_pending });
    const modal = drawReviewModal(record, {
      request_id: record.request.id,
      digest: record.request.digest,
      channel_id: null,
      ts: null,
      page: 0,
    });
    expect(wordsIn(drawCard(record, NOW))).toContain(sentence);
    expect(wordsIn(modal)).toContain(sentence);
    expect([messageFaults(drawCard(record, NOW)), viewFaults(modal)]).toEqual([[], []]);
  });

  test('none: not a word of it', () => {
    expect(wordsIn(drawCard(makeRecord(), NOW))).not.toContain('The same');
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
