// The card in the policy's words: they head it, and what is digested stays on it, whatever an agent writes.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fillTitle, readTitle } from '../../../src/domain/policy/title.ts';
import { oneLine } from '../../../src/domain/request/display.ts';
import { drawCard } from '../../../src/slack/draw/card.ts';
import { drawDenyModal } from '../../../src/slack/draw/modals.ts';
import { drawReviewModal } from '../../../src/slack/draw/review-modal.ts';
import { drawReminder } from '../../../src/slack/draw/small-cards.ts';
import { drawHome } from '../../../src/slack/draw/waiting-list.ts';
import { buttonsIn, charactersIn, messageFaults, mrkdwnIn, preformattedIn, viewFaults, wordsIn } from './drawn.ts';
import { anyText } from './hostile.ts';
import { DIGEST, makeRecord, NOW } from './request-records.ts';

const presentation = { title: 'Refund 120 EUR for order/A-1001', risk: 'high', show: ['currency'] } as const;
const titled = makeRecord({ presentation });
const origin = { request_id: titled.request.id, digest: DIGEST, channel_id: null, ts: null, page: 0 };

describe('a card with a title', () => {
  test('has it as its heading, and shows risk, action, resource and digest', () => {
    const card = drawCard(titled, NOW);
    expect(card.blocks[0]).toMatchObject({ type: 'header', text: { text: 'Refund 120 EUR for order/A-1001?' } });
    const words = wordsIn(card);
    for (const word of ['orders.refund', 'order/A-1001', 'Risk', 'high', DIGEST.slice(0, 19)])
      expect(words).toContain(word);
    expect(preformattedIn(card)).toBe('{\n  "currency": "EUR",\n  "amount": 120\n}');
    expect(card.text).toContain('Approval needed: Refund 120 EUR for order/A-1001, by');
  });

  test('is one in Review, Deny, Home and the reminder as well, with action and resource', () => {
    const views = [
      drawReviewModal(titled, origin),
      drawDenyModal(titled, origin),
      drawHome({ items: [titled], has_more: false }),
      drawReminder(titled),
    ];
    for (const view of views) {
      expect(wordsIn(view)).toContain('Refund 120 EUR for order/A-1001');
      expect(wordsIn(view)).toContain('orders.refund');
    }
  });
});

test('a masked parameter is there by type and length, in its order, and no text of an agent reads the same', () => {
  const commitment = DIGEST;
  const masked = {
    card: { commitment, type: 'string', length: 16 },
    amount: { commitment, type: 'number', length: 1 },
  } as const;
  const parameters = { a: '(masked: text, 16 characters)', z: '"x": (masked: text, 16 characters)' };
  const card = drawCard(makeRecord({ parameters, masked, presentation: { ...presentation, show: ['card'] } }), NOW);
  expect(preformattedIn(card).split('\n')).toEqual([
    '{',
    '  "card": (masked: text, 16 characters),',
    '  "a": "(masked: text, 16 characters)",',
    '  "amount": (masked: number, 1 character),',
    '  "z": "\\"x\\": (masked: text, 16 characters)"',
    '}',
  ]);
  expect(wordsIn(card)).toContain('(4 parameters)');
});

test('a card without one is as it always was', () => {
  const card = drawCard(makeRecord(), NOW);
  expect(card.blocks[0]).toMatchObject({ text: { text: 'orders.refund on order/A-1001?' } });
  expect(wordsIn(card)).not.toContain('Risk');
});

test('whatever fills the title stays text, within Slack’s limits, and hides nothing over a live Approve', () => {
  const reading = readTitle('Refund {parameters.value} for {resource}, {parameters.value}');
  const title = reading.kind === 'title' ? reading.title : [];
  fc.assert(
    fc.property(
      anyText(400).filter((text) => text !== ''),
      anyText(500).filter((text) => text !== ''),
      (value, resource) => {
        const action = { action: 'orders.refund', resource, parameters: { value } };
        const heading = fillTitle(title, { ...action, agent: 'support', environment: 'production' });
        const record = makeRecord({ ...action, presentation: { title: heading, risk: 'high', show: [] } });
        const card = drawCard(record, NOW);
        expect(messageFaults(card)).toEqual([]);
        expect(viewFaults(drawReviewModal(record, origin))).toEqual([]);
        expect(mrkdwnIn(card)).toEqual([]);
        expect(charactersIn(card)).toBeLessThanOrEqual(10_000);
        if (buttonsIn(card).includes('approve')) expect(wordsIn(card)).toContain(oneLine(resource));
      },
    ),
    { numRuns: 60 },
  );
});
