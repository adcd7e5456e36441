// What a policy says of an action beside its rules: how a card names it, how much is at stake, what its parameters are. Pure.

import type { Ask, Presentation, Risk } from '../request/request.ts';
import type { ParameterSchema } from './parameter-type.ts';
import { fillTitle, readTitle } from './title.ts';

export const ACTIONS_MAX = 1_000;

export type ActionEntry = {
  /** The heading of its cards, with places for what is asked. */
  readonly title?: string | undefined;
  readonly risk?: Risk | undefined;
  readonly parameters?: ParameterSchema | undefined;
  /** Parameters that a card shows first; all others follow. */
  readonly show?: readonly string[] | undefined;
  /** Parameters whose values are never shown, and kept nowhere. */
  readonly mask?: readonly string[] | undefined;
};

/** Actions of the product itself begin so: no agent asks for one, and no rule judges one. */
const RESERVED = 'placet.';

/** True for an action that is the product's own. */
export function isReserved(action: string): boolean {
  return action.startsWith(RESERVED);
}

/** The part of a document that is read here. */
type Actions = { readonly actions?: Readonly<Record<string, ActionEntry>> | undefined };

/** What the document says of the action of this very name; null for nothing. */
export function entryOf({ actions = {} }: Actions, action: string): ActionEntry | null {
  return Object.hasOwn(actions, action) ? (actions[action] ?? null) : null;
}

type Named = Pick<Ask, 'action' | 'resource' | 'parameters'>;

/** How a card presents what is asked, as it stays whatever is applied later; null where nothing is said of it. */
export function presentationOf(
  entry: ActionEntry | null,
  ask: Named,
  agent: { readonly name: string; readonly environment: string },
): Presentation | null {
  const { title, risk, show } = entry ?? {};
  if (title === undefined && risk === undefined && show === undefined) return null;
  const { action, resource, parameters } = ask;
  const filled = { action, resource, parameters, agent: agent.name, environment: agent.environment };
  const reading = title === undefined ? null : readTitle(title);
  return {
    title: reading?.kind === 'title' ? fillTitle(reading.title, filled) : null,
    risk: risk ?? null,
    show: show ?? [],
  };
}
