// The rules under which requests are asked and judged: one that allows, one that asks, one that denies.
import { makeRuleFor } from '../support/builders.ts';

export const FREE = { effect: 'allow', approvers: [] } as const;
export const NEVER = { effect: 'deny', approvers: [], credential: null } as const;

export const RULES = [
  makeRuleFor('order/free/*', { name: 'free', ...FREE }),
  makeRuleFor('order/*', { name: 'refunds' }),
  makeRuleFor('order/*/never', { name: 'never', ...NEVER }),
];
