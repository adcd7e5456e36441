// The approval request itself: when its one reminder is due.

import { expect, test } from '@jest/globals';
import { remindAt } from '../../src/domain/request/request.ts';
import { later, NOW } from './decisions.ts';

test('the one reminder is due at half time, and never for what did not wait', () => {
  expect(remindAt({ created_at: NOW, expires_at: later(600) })).toEqual(later(300));
  expect(remindAt({ created_at: NOW, expires_at: null })).toBeNull();
});
