// What a block needs from the message or view it stands in: how to act, what is typed, what is wrong. It draws nothing.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { FormValue, JsonObject } from '../../src/protocol.ts';
import { listAt, objectAt, stringsAt, textAt } from '../json.ts';

/** What the person typed or chose so far: block id, then action id. */
export type Drafts = Record<string, Record<string, FormValue>>;

export type Surface = {
  /** Prefix of DOM ids; one per message or view. */
  id: string;
  /** `block_id/action_id` of the act that waits for the app, or null. */
  busy: string | null;
  drafts: Drafts;
  /** Field errors by block id. */
  errors: Record<string, string>;
  act: (blockId: string, actionId: string, value?: FormValue) => void;
  change: (blockId: string, actionId: string, value: FormValue) => void;
};

export const SurfaceContext = createContext<Surface | null>(null);

/** The surface around a block. Throws outside of one: a mistake of ours. */
export function useSurface(): Surface {
  const surface = useContext(SurfaceContext);
  if (surface === null) throw new Error('No surface around this block.');
  return surface;
}

/** The value an element shows: the draft if there is one, else what the app set. */
export function shownValue(surface: Surface, blockId: string, element: JsonObject): FormValue {
  const draft = surface.drafts[blockId]?.[textAt(element, 'action_id')];
  return draft === undefined ? initialValue(element) : draft;
}

/** What the app put into an element at first. */
export function initialValue(element: JsonObject): FormValue {
  const options = listAt(element, 'initial_options');
  if (options.length > 0) return options.map((option) => textAt(option, 'value'));
  const option = objectAt(element, 'initial_option');
  if (option !== null) return textAt(option, 'value');
  const several = ['initial_users', 'initial_conversations', 'initial_channels'].flatMap((key) =>
    stringsAt(element, key),
  );
  if (several.length > 0) return several;
  const keys = [
    'initial_value',
    'initial_date',
    'initial_time',
    'initial_user',
    'initial_conversation',
    'initial_channel',
  ];
  return keys.map((key) => textAt(element, key)).find((text) => text !== '') ?? null;
}

/** The drafts of the fields that are still there: an update may have taken some away. */
export function keptDrafts(drafts: Drafts, blocks: JsonObject[]): Drafts {
  const out: Drafts = {};
  for (const block of blocks) {
    const typed = drafts[textAt(block, 'block_id')];
    if (typed === undefined) continue;
    const elements = [...listAt(block, 'elements'), objectAt(block, 'element'), objectAt(block, 'accessory')];
    const ids = elements.map((element) => textAt(element, 'action_id'));
    const kept = Object.entries(typed).filter(([id]) => ids.includes(id));
    if (kept.length > 0) out[textAt(block, 'block_id')] = Object.fromEntries(kept);
  }
  return out;
}
