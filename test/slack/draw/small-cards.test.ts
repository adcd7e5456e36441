// The small messages around a card, and the answers to clicks.

import { describe, expect, test } from '@jest/globals';
import { answerClickError, answerCounted, answerRefused } from '../../../src/slack/draw/answers.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { drawDenyModal, readOrigin, writeOrigin } from '../../../src/slack/draw/modals.ts';
import { drawReviewModal } from '../../../src/slack/draw/review-modal.ts';
import { drawMinimalCard, drawOutcome, drawReminder, drawStaleCard } from '../../../src/slack/draw/small-cards.ts';
import { drawHome } from '../../../src/slack/draw/waiting-list.ts';
import { buttonsIn, kindsIn, messageFaults, viewFaults, wordsIn } from './drawn.ts';
import { APPROVAL, approvedRecord, DIGEST, deniedRecord, makeRecord, NOW } from './request-records.ts';

describe('the small messages', () => {
  test('the stand-in card has the title, the id and Review, and says that the content is not there', () => {
    const record = makeRecord();
    const minimal = drawMinimalCard(record, NOW);
    expect(messageFaults(minimal)).toEqual([]);
    expect(wordsIn(minimal)).toContain('orders.refund on order/A-1001');
    expect(wordsIn(minimal)).toContain(record.request.id);
    expect(wordsIn(minimal)).toContain('Review shows all of it.');
  });

  test('the stand-in card loses its buttons and says how it ended once it is over', () => {
    const minimal = drawMinimalCard(deniedRecord(), NOW);
    expect(buttonsIn(minimal)).toEqual([]);
    expect(wordsIn(minimal)).toContain('Denied');
  });

  test('a dead copy has no button, and keeps rich text so that Slack takes it in place of a card', () => {
    const dead = drawStaleCard('apr_1');
    expect(messageFaults(dead)).toEqual([]);
    expect(buttonsIn(dead)).toEqual([]);
    expect(kindsIn(dead)).toContain('rich_text');
  });

  test('the reminder says what waits, for how many and until when, and pings nobody', () => {
    const reminder = drawReminder(makeRecord({}, { decisions: [APPROVAL] }));
    expect(messageFaults(reminder)).toEqual([]);
    expect(reminder.text).toBe(
      'Still waiting: orders.refund on order/A-1001, by orders-agent, run by Support. Needs 1 more of payments. Expires 2026-11-21 14:30 UTC.',
    );
    expect(JSON.stringify(reminder)).not.toMatch(/"type":"(user|usergroup|broadcast)"/);
  });

  test('the outcome tells the owner what was asked, how it ended and why', () => {
    const outcome = drawOutcome(deniedRecord(), NOW);
    expect(messageFaults(outcome)).toEqual([]);
    expect(outcome.text).toBe(
      'orders-agent, run by Support: orders.refund on order/A-1001. Denied by Treasurer at 2026-11-21 14:01 UTC. Reason: “Paid back already.”',
    );
  });

  test('the outcome names what became of an approval', () => {
    const result = { status: 'succeeded', detail: null, result_digest: null, reported_at: NOW } as const;
    expect(drawOutcome(approvedRecord({ result }), NOW).text).toContain('Ran at 2026-11-21 14:05 UTC, succeeded.');
  });

  test('the notification text of a card never holds a reading of Slack’s markup', () => {
    const { text } = drawCard(makeRecord({ resource: '<!channel> & <@U0FINLEAD>' }), NOW);
    expect(text).toContain('&lt;!channel&gt; &amp; &lt;@U0FINLEAD&gt;');
  });
});

describe('answers', () => {
  test('a denial answers with the outcome', () => {
    expect(answerCounted(deniedRecord(), 'deny').text).toContain('Your denial counts. Denied by Treasurer');
  });

  test('one who has denied is told of the denial', () => {
    expect(answerRefused(deniedRecord(), 'already_counted', 'U0TREASURER').text).toContain('Your denial was already');
  });

  test.each(['not_verified', 'not_recorded', 'unknown_card', 'stale_card', 'unknown_action', 'not_shown'] as const)(
    'trouble is told with what to do, never as a success: %s',
    (error) => {
      const answer = answerClickError(error, 'apr_1');
      expect(messageFaults(answer)).toEqual([]);
      expect(answer.text).toMatch(/Nothing was recorded|could not confirm/);
    },
  );
});

describe('modals', () => {
  const origin = { request_id: 'apr_1', digest: DIGEST, channel_id: 'C1', ts: '1.2', page: 0 };

  test('the Deny modal asks for 3 to 500 characters and is taken by Slack', () => {
    const view = drawDenyModal(makeRecord(), origin);
    expect(viewFaults(view)).toEqual([]);
    expect(JSON.stringify(view.blocks)).toContain('"min_length":3,"max_length":500');
  });

  test('the Review modal says each thing once: what it is about, all of the content, and only then the agent’s words', () => {
    const words = wordsIn(drawReviewModal(makeRecord(), origin));
    const order = ['orders.refund', 'order/A-1001', 'Needs', 'Credential', 'What will run', '"amount": 120', 'Why ('];
    const places = order.map((word) => words.indexOf(word));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(words.split('Credential').length).toBe(2);
  });

  test.each([
    ['2 hidden characters', { resource: 'order/\u200bA\u202e1' }],
    ['1 hidden character,', { parameters: { note: 'a\u2060b' } }],
    ['“p\\u{430}ypal.example”', { parameters: { host: 'pаypal.example' } }],
    ['from right to left', { resource: 'order/שלום' }],
  ])('text that misleads is warned of on the card and in the modal: %s', (words, patch) => {
    const record = makeRecord(patch);
    expect(wordsIn(drawCard(record, NOW))).toContain(words);
    expect(wordsIn(drawReviewModal(record, origin))).toContain(words);
  });

  test('a modal remembers where it was opened, and only that', () => {
    expect(readOrigin(writeOrigin(origin, makeRecord()))).toEqual({ ...origin, stage: 0 });
    expect(readOrigin('')).toBeNull();
    for (const missing of ['request_id', 'digest', 'page']) {
      expect(readOrigin(JSON.stringify({ ...origin, [missing]: undefined }))).toBeNull();
    }
    expect(readOrigin(JSON.stringify({ ...origin, page: -1 }))).toBeNull();
    expect(readOrigin(JSON.stringify({ ...origin, ts: undefined }))).toEqual({ ...origin, stage: 0, ts: null });
  });

  test('a full Home tab is taken by Slack', () => {
    const items = Array.from({ length: 50 }, () => makeRecord());
    expect(viewFaults(drawHome({ items, has_more: true }))).toEqual([]);
    expect(wordsIn(drawHome({ items, has_more: true }))).toContain('more than 35 more');
  });
});
