// What fits a card: only what it shows whole may be approved from it.

import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/request/request.ts';
import { CARD_CONTENT_CHARACTERS_MAX, CARD_CONTENT_LINES_MAX, fitsCard } from '../../../src/slack/draw/card-limits.ts';

const action = (parameters: JsonObject) => ({
  action: 'orders.refund',
  resource: 'order/A-1',
  parameters,
  credential: null,
  presentation: null,
});

test('content that is longer or taller than the card leaves must be opened', () => {
  expect(fitsCard(action({ text: 'x'.repeat(CARD_CONTENT_CHARACTERS_MAX - 16) }))).toBe(true);
  expect(fitsCard(action({ text: 'x'.repeat(CARD_CONTENT_CHARACTERS_MAX - 15) }))).toBe(false);
  const lines = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, place) => [`m${place}`, 1]));
  expect(fitsCard(action(lines(CARD_CONTENT_LINES_MAX - 2)))).toBe(true);
  expect(fitsCard(action(lines(CARD_CONTENT_LINES_MAX - 1)))).toBe(false);
});

test('content that is long only by hidden characters must be opened too', () => {
  expect(fitsCard({ ...action({}), resource: 'r'.repeat(140) })).toBe(false);
  const scopes = Array.from({ length: 20 }, (_, index) => `orders:refund-${index}-${'x'.repeat(30)}`);
  const credential = { type: 'jwt' as const, audience: 'https://orders.example', scopes, lifetime_seconds: 300 };
  expect(fitsCard({ ...action({}), credential })).toBe(false);
  expect(fitsCard(action({ text: '&'.repeat(1_000) }))).toBe(false);
  expect(fitsCard(action({ text: '\u200b'.repeat(CARD_CONTENT_CHARACTERS_MAX / 4) }))).toBe(false);
});
