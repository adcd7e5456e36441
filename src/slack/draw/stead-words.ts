// What we call a decision that somebody made in the place of others, who are away. Pure.

import type { NamedDecision } from '../../domain/request/record.ts';
import { listed, short } from './text.ts';

const NAMES_LENGTH_MAX = 60;

/** " for Ann, who is away"; empty where a person decided by a right of its own. */
export function steadText({ stands_in_for }: Pick<NamedDecision, 'stands_in_for'>): string {
  const names = (stands_in_for ?? []).map(({ name }) => name);
  if (names.length === 0) return '';
  return ` for ${short(listed(names), NAMES_LENGTH_MAX)}, who ${names.length === 1 ? 'is' : 'are'} away`;
}
