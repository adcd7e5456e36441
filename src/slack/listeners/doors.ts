// What each button, window and other way into this door asks of whoever uses it. To decide is no permission: policy and groups
// say who does, at the click.

import type { Gate } from '../../domain/people/roles.ts';
import type { ACTIONS, CALLBACKS } from '../draw/buttons.ts';

export const ACTION_DOORS: Readonly<Record<keyof typeof ACTIONS, Gate>> = {
  approve: 'by_policy',
  deny: 'by_policy',
  review: 'by_policy',
};

export const VIEW_DOORS: Readonly<Record<keyof typeof CALLBACKS, Gate>> = {
  deny: 'by_policy',
  review: 'by_policy',
  reviewPage: 'by_policy',
  reviewMore: 'by_policy',
  approve: 'by_policy',
};

/** What waits for oneself: an account that nobody knows is told why it sees nothing. */
export const OTHER_DOORS = {
  app_home_opened: 'by_policy',
  '/placet': 'by_policy',
} as const satisfies Readonly<Record<string, Gate>>;
