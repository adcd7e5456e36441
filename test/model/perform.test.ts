// Proof of what performs a program: what failed or was slow is not taken for what the product did.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { isClickError } from './history.ts';
import { answersTo } from './people.ts';
import { together } from './perform.ts';

test('no lane still runs when the failure of another is told', async () => {
  const seen: string[] = [];
  const slow = async () => {
    await turn();
    seen.push('the slow lane ended');
  };
  await together([Promise.reject(new Error('a lane failed')), slow()]).catch(({ message }) => seen.push(message));
  expect(seen).toEqual(['the slow lane ended', 'a lane failed']);
});

test('an answer that came in two ways is not taken for the answer to the next click', () => {
  const counted = { answer: 'Your approval counts.', view: null };
  const answers = answersTo(1, [counted, counted], true);
  expect(answers).toHaveLength(1);
  expect(isClickError(answers[0]?.answer ?? '')).toBe(true);
  expect(answersTo(2, [counted, counted], false)).toEqual([counted, counted]);
});
