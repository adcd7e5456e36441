// A card of an approval that may be acted on several times: how often and until when, and how often it was.

import { expect, test } from '@jest/globals';
import type { Grant, Lease } from '../../../src/domain/credential/lease.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { messageFaults } from './drawn.ts';
import { approvedRecord, DIGEST, makeRecord, NOW } from './request-records.ts';

const CREDENTIAL = {
  type: 'jwt',
  audience: 'https://a.example',
  scopes: ['a:b'],
  lifetime_seconds: 300,
  uses: 3,
  window_seconds: 14_400,
} as const;
const GRANT: Grant = {
  ...{ id: 'grt_1', request_id: 'apr_1', digest: DIGEST, credential: CREDENTIAL },
  claim_expires_at: new Date('2026-11-21T14:07:00Z'),
  ends_at: new Date('2026-11-21T18:00:00Z'),
  ...{ uses_max: 3, redeemed_at: null, redemptions: 0, uses: 0 },
};
const USED: Lease = {
  ...{ id: 'lse_1', grant_id: 'grt_1', request_id: 'apr_1', digest: DIGEST, use: 1, idempotency_key: null, jkt: null },
  state: 'used',
  issued_at: new Date('2026-11-21T14:03:00Z'),
  expires_at: new Date('2026-11-21T14:08:00Z'),
  used_at: new Date('2026-11-21T14:04:00Z'),
};
const RESULT = { status: 'succeeded', detail: null, result_digest: null, reported_at: NOW } as const;

test('a card says in words how often and until when the action may run, before the approval and after', () => {
  const drawn = (...of: Parameters<typeof makeRecord>) => JSON.stringify(drawCard(makeRecord(...of), NOW));
  const before = drawn({ credential: CREDENTIAL });
  expect(before).toContain('this exact action up to 3 times');
  expect(before).toContain(' within 4 hours of the approval');
  const after = drawn({ state: 'approved', closed_at: NOW, credential: CREDENTIAL }, { grant: GRANT });
  expect(after).toMatch(/this exact action up to 3 times.* until .*2026-11-21 18:00 UTC/);
  // What is once, as every approval that says nothing else, takes no line.
  const { uses: _uses, window_seconds: _window, ...once } = CREDENTIAL;
  expect(drawn({ credential: once })).not.toContain('this exact action');
});

test.each([
  [
    'Used 1 of 3 times; it may be claimed again until 2026-11-21 14:07 UTC. The last one: Used at 2026-11-21 14:04 UTC, no result reported yet.',
    { grant: { ...GRANT, redemptions: 1, uses: 1 }, lease: USED },
    NOW,
  ],
  [
    'Used 3 of 3 times. The last one: Ran at 2026-11-21 14:04 UTC, succeeded.',
    { grant: { ...GRANT, redemptions: 3, uses: 3 }, lease: USED, result: RESULT },
    NOW,
  ],
] as const)('tells approvers how often it was used: %s', (line, more, now) => {
  const card = drawCard(approvedRecord(more), now);
  expect(card.text.endsWith(` ${line}`)).toBe(true);
  expect(messageFaults(card)).toEqual([]);
});
