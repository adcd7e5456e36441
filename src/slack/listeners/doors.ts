// What each button, window and other way into this door asks of whoever uses it. To decide is no permission: policy and groups
// say who does, at the click.

import type { Gate } from '../../domain/people/roles.ts';
import type { ACTIONS, CALLBACKS } from '../draw/buttons.ts';
import type { SETTINGS_ACTIONS } from '../draw/settings-home.ts';
import type { SETTINGS_CALLBACKS } from '../draw/settings-modals.ts';

export const ACTION_DOORS: Readonly<Record<keyof typeof ACTIONS, Gate>> = {
  approve: 'by_policy',
  deny: 'by_policy',
  review: 'by_policy',
  // Whoever approved it and the agent's owner may, too: looked at with the request.
  revoke: 'by_policy',
};

export const VIEW_DOORS: Readonly<Record<keyof typeof CALLBACKS, Gate>> = {
  deny: 'by_policy',
  review: 'by_policy',
  reviewPage: 'by_policy',
  reviewMore: 'by_policy',
  approve: 'by_policy',
};

/** The buttons of Settings: a role of Placet lets them do something, being an admin of Slack does not. */
export const SETTINGS_DOORS: Readonly<Record<keyof typeof SETTINGS_ACTIONS, Gate>> = {
  showSettings: 'policy.read',
  showWaiting: 'by_policy',
  newGroup: 'policy.change',
  changeGroup: 'policy.change',
  deleteGroup: 'policy.change',
  changeRule: 'policy.change',
  switchRule: 'policy.change',
  rollBack: 'policy.change',
};

export const SETTINGS_VIEW_DOORS: Readonly<Record<keyof typeof SETTINGS_CALLBACKS, Gate>> = {
  group: 'policy.change',
  rule: 'policy.change',
  step: 'policy.change',
};

/** What waits for oneself: an account that nobody knows is told why it sees nothing. */
export const OTHER_DOORS = {
  app_home_opened: 'by_policy',
  '/placet': 'by_policy',
  '/placet group': 'policy.read',
  '/placet group …': 'policy.change',
} as const satisfies Readonly<Record<string, Gate>>;
