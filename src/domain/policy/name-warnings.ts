// Names in a policy that are not what they seem: the product's own, and two that a reader takes for one. Pure.

import { withoutLookalikes } from '../lookalikes.ts';
import { isReserved } from './actions.ts';
import type { PolicyDocument, Problem } from './policy.ts';

/** No agent can ask for these, so what stands here of them judges and shows nothing. */
export function reservedActions({ rules, actions = {} }: PolicyDocument): Problem[] {
  const message = 'actions that begin with "placet." are the product\'s own: no agent asks for one';
  return [
    ...rules.flatMap(({ match }, index) =>
      isReserved(match.action) ? [{ path: ['rules', index, 'match', 'action'], message }] : [],
    ),
    ...Object.keys(actions).flatMap((name) => (isReserved(name) ? [{ path: ['actions', name], message }] : [])),
  ];
}

/** Two names that a reader of a card takes for one. */
export function similarNames({ rules }: PolicyDocument): Problem[] {
  const seen = new Map<string, string>();
  return rules.flatMap(({ name }, index) => {
    const plain = withoutLookalikes(name).toLowerCase().replace(/\s+/g, ' ');
    const other = seen.get(plain);
    if (other === undefined) seen.set(plain, name);
    if (other === undefined || other === name) return [];
    return [{ path: ['rules', index, 'name'], message: `reads like the name of another rule, "${other}"` }];
  });
}

/** Actions are compared letter by letter, so that a rule for `Orders.delete` says nothing of `orders.delete`. */
export function similarActions({ rules, actions = {} }: PolicyDocument): Problem[] {
  const seen = new Map(Object.keys(actions).map((name) => [name.toLowerCase(), name] as const));
  return rules.flatMap(({ match: { action } }, index) => {
    const plain = action.toLowerCase();
    const other = seen.get(plain);
    if (other === undefined) seen.set(plain, action);
    if (other === undefined || other === action) return [];
    const message = `"${action}" and "${other}" differ in capital letters alone, and are two actions`;
    return [{ path: ['rules', index, 'match', 'action'], message }];
  });
}
