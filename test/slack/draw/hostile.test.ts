// Whatever an agent writes: it stays text, within Slack's limits, and no card hides content over a live Approve.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentText, showHidden } from '../../../src/domain/request/display.ts';
import type { RequestRecord } from '../../../src/domain/request/record.ts';
import type { JsonObject } from '../../../src/domain/request/request.ts';
import { answerCounted, answerRefused } from '../../../src/slack/draw/answers.ts';
import type { Message } from '../../../src/slack/draw/block-kit.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { type ClickOrigin, drawDenyModal } from '../../../src/slack/draw/modals.ts';
import { contentPages, drawReviewModal } from '../../../src/slack/draw/review-modal.ts';
import { drawMinimalCard, drawOutcome, drawReminder } from '../../../src/slack/draw/small-cards.ts';
import { drawHome, drawWaitingList } from '../../../src/slack/draw/waiting-list.ts';
import { drawn } from '../../support/long.ts';
import {
  buttonsIn,
  charactersIn,
  type Drawn,
  messageFaults,
  mrkdwnIn,
  preformattedIn,
  viewFaults,
  wordsIn,
} from './drawn.ts';
import { anyText, HOSTILE } from './hostile.ts';
import { APPROVAL, DENIAL, DIGEST, makeRecord, NOW, OWNER } from './request-records.ts';

const BODY_BYTES_MAX = 65_536;
const CARD_CHARACTERS_MAX = 10_000;
const RUNS = drawn(40, 12);

function originOf(record: RequestRecord, page = 0): ClickOrigin {
  return { request_id: record.request.id, digest: DIGEST, channel_id: 'C0PAYMENTS', ts: '1.000001', page };
}

/** A request in which everything that comes from outside is hostile. */
const hostileRecord: fc.Arbitrary<RequestRecord> = fc
  .record({
    action: anyText(200).filter((text) => text !== ''),
    resource: anyText(500).filter((text) => text !== ''),
    justification: fc.option(anyText(3_000)),
    on_behalf_of: fc.option(anyText(100)),
    rule: anyText(200),
    name: anyText(200),
    reason: anyText(500),
    detail: anyText(2_000),
    content: anyText(12_000),
    key: anyText(256),
    state: fc.constantFrom('pending', 'approved', 'denied', 'expired', 'cancelled'),
  })
  .map((text) => {
    const person = { ...OWNER, name: text.name };
    const parameters: JsonObject = { [text.key]: text.content, n: [1, { deep: text.key }] };
    const { action, resource, justification, on_behalf_of, rule, state } = text;
    const credential = { type: 'jwt', audience: text.key, scopes: [text.rule], lifetime_seconds: 300 } as const;
    const decisions = [
      { ...APPROVAL, person },
      { ...DENIAL, person, reason: text.reason },
    ];
    const closed_at = state === 'pending' ? null : NOW;
    return makeRecord(
      { action, resource, justification, on_behalf_of, rule, state, parameters, credential, closed_at },
      {
        agent: { id: 'agt_1', name: text.name, owner: person },
        decisions: state === 'pending' ? decisions.slice(0, 1) : decisions,
        result: { status: 'failed', detail: text.detail, result_digest: null, reported_at: NOW },
      },
    );
  });

function messagesOf(record: RequestRecord): Message[] {
  const waiting = { items: Array.from({ length: 20 }, () => record), has_more: true };
  return [
    drawCard(record, NOW),
    drawMinimalCard(record, NOW),
    drawReminder(record),
    drawOutcome(record, NOW),
    drawWaitingList(waiting),
    answerCounted(record, 'deny'),
    answerRefused(record, 'closed', 'U0FINLEAD'),
    answerRefused(record, 'not_in_group', 'U0MEMBER'),
  ];
}

describe('text from outside', () => {
  test('is never read as markup, whatever it holds', () => {
    fc.assert(
      fc.property(hostileRecord, (record) => {
        const drawn: Drawn[] = [
          ...messagesOf(record),
          drawDenyModal(record, originOf(record)),
          drawReviewModal(record, originOf(record)),
          drawHome({ items: [record], has_more: false }),
        ];
        expect(drawn.flatMap(mrkdwnIn)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('cannot ping or link from the notification text', () => {
    fc.assert(
      fc.property(hostileRecord, (record) => {
        for (const { text } of messagesOf(record)) {
          expect(text).not.toMatch(/[<>]/);
          expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
          expect([...text].length).toBeLessThanOrEqual(4_000);
        }
      }),
      RUNS,
    );
  });

  test('never makes a message that Slack refuses, and a card stays within 10,000 characters', () => {
    fc.assert(
      fc.property(hostileRecord, (record) => {
        for (const message of messagesOf(record)) {
          expect(messageFaults(message)).toEqual([]);
          expect(charactersIn(message)).toBeLessThanOrEqual(CARD_CHARACTERS_MAX);
        }
      }),
      RUNS,
    );
  });

  test('shows no hidden character in any message', () => {
    fc.assert(
      fc.property(hostileRecord, (record) => {
        for (const message of messagesOf(record)) {
          const words = wordsIn(message);
          expect(showHidden(words)).toBe(words);
        }
      }),
      RUNS,
    );
  });

  test.each(HOSTILE.map((text) => [text]))('is shown as it is, hidden characters as escapes: %j', (text) => {
    const card = drawCard(makeRecord({ parameters: { note: text }, justification: text }), NOW);
    expect(preformattedIn(card).replaceAll('\\n\n    ', '\\n')).toBe(
      showHidden(JSON.stringify({ note: text }, null, 2)),
    );
    expect(mrkdwnIn(card).join('')).not.toContain(text);
  });
});

/** Parameters up to 64 KiB that try to be hard to show whole. */
const bigParameters: fc.Arbitrary<JsonObject> = fc.oneof(
  anyText(BODY_BYTES_MAX).map((text): JsonObject => ({ text })),
  fc.integer({ min: 1, max: 50_000 }).map((n): JsonObject => ({ text: '\u007f'.repeat(n) })),
  fc.integer({ min: 1, max: 21_000 }).map((n): JsonObject => ({ text: '\u200b'.repeat(n) })),
  fc.integer({ min: 1, max: 16_000 }).map((n): JsonObject => ({ list: Array.from({ length: n }, () => 1) })),
  fc.integer({ min: 1, max: 60_000 }).map((n): JsonObject => ({ text: '&<>'.repeat(n / 3) })),
  fc
    .integer({ min: 1, max: 999 })
    .map((n): JsonObject => Object.fromEntries(Array.from({ length: n }, (_, i) => [`${i}`, 'x'.repeat(40)]))),
);

describe('content of any size', () => {
  test('a card that holds Approve shows all of the content, the whole title and the whole credential', () => {
    fc.assert(
      fc.property(hostileRecord, bigParameters, fc.boolean(), (base, big, isBig) => {
        const { id: _id, needs_review: _needs, ...rest } = base.request;
        const record = makeRecord({
          ...rest,
          ...(isBig ? { parameters: big } : {}),
          state: 'pending',
          closed_at: null,
        });
        const card = drawCard(record, NOW);
        if (!buttonsIn(card).includes('approve')) return;
        expect(preformattedIn(card)).toBe(contentText(record.request));
        const [head] = card.blocks;
        expect(head?.type === 'header' ? head.text.text : '').not.toMatch(/…\?$/);
      }),
      RUNS,
    );
  });

  test('a card without Approve says how much there is, and offers Review', () => {
    const card = drawCard(makeRecord({ parameters: { text: 'x'.repeat(18_180) } }), NOW);
    expect(buttonsIn(card)).toEqual(['review', 'deny']);
    expect(wordsIn(card)).toContain('Only the beginning of 18,196 characters is shown here. Review shows all of it.');
  });

  test('a card whose buttons are gone no longer sends anybody to Review', () => {
    const parameters = { text: 'x'.repeat(18_180) };
    const card = drawCard(makeRecord({ parameters, state: 'expired', closed_at: NOW }), NOW);
    expect(wordsIn(card)).toContain(
      'Only the beginning of 18,196 characters is shown here. The record holds all of it.',
    );
  });

  test.each([
    ['title', { resource: 'x'.repeat(400) }],
    ['credential', { credential: { type: 'jwt', audience: 'a'.repeat(700), scopes: ['s'], lifetime_seconds: 60 } }],
    ['escapes', { parameters: { text: '&'.repeat(1_500) } }],
  ] as const)('a card that cuts anything else has no Approve either: %s', (_what, patch) => {
    const card = drawCard(makeRecord(patch), NOW);
    expect(buttonsIn(card)).toEqual(['review', 'deny']);
    expect(wordsIn(card)).toContain('Review shows all of it.');
  });

  test.each([
    ['the record says that it needs Review', { needs_review: true }],
    [
      'the content is too long, whatever the record says',
      { needs_review: false, parameters: { text: 'x'.repeat(3_000) } },
    ],
  ])('a card has no Approve when %s', (_why, patch) => {
    const card = drawCard(makeRecord(patch), NOW);
    expect(buttonsIn(card)).toEqual(['review', 'deny']);
  });

  test.each([['𝒳'], ['"'], ['語'], ['&']])('a page stays within the bytes of a view, full of %s', (character) => {
    const record = makeRecord({ parameters: { text: character.repeat(100_000) } });
    const views = contentPages(record).map((_, page) => drawReviewModal(record, originOf(record, page)));
    expect(views.flatMap(viewFaults)).toEqual([]);
  });

  test('the stand-in card and Home never hold Approve', () => {
    const record = makeRecord();
    expect(buttonsIn(drawMinimalCard(record, NOW))).toEqual(['review', 'deny']);
    expect(buttonsIn(drawHome({ items: [record], has_more: false }))).toEqual(['review', 'deny']);
  });

  test('the Review modal shows every character, page by page, each within Slack’s limits', () => {
    fc.assert(
      fc.property(bigParameters, anyText(3_000), anyText(500), (parameters, justification, resource) => {
        const record = makeRecord({ parameters, justification, resource: resource || 'x' });
        const pages = contentPages(record);
        const views = pages.map((_, page) => drawReviewModal(record, originOf(record, page)));
        for (const view of views) expect(viewFaults(view)).toEqual([]);
        expect(views.map(preformattedIn).join('')).toBe(contentText(record.request));
      }),
      drawn(30, 10),
    );
  });

  test('only the last page of the Review modal approves', () => {
    const record = makeRecord({ parameters: { text: '\u007f'.repeat(50_000) } });
    const views = contentPages(record).map((_, page) => drawReviewModal(record, originOf(record, page)));
    expect(views.length).toBeGreaterThan(1);
    const ends = views.map((view) => [view.callback_id, view.submit?.text]);
    expect(ends.slice(0, -1).every(([id, label]) => id === 'review_page' && label === 'Next page')).toBe(true);
    expect(ends.at(-1)).toEqual(['review_submit', 'Approve']);
  });
});
