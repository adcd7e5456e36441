// Finds interactive elements in blocks and turns what a person entered into Slack's state shapes.
import { isObject } from '../blocks/schema.ts';
import type { FormValue, FormValues, Json, JsonObject } from '../protocol.ts';

export type Found = { block: JsonObject; blockId: string; element: JsonObject; actionId: string };

/** Every element with an action_id, in order, those in containers too. */
function elementsOf(blocks: JsonObject[]): Found[] {
  return blocks.flatMap((block) => {
    const { elements, element, accessory, child_blocks: children } = block;
    const listed = block['type'] === 'actions' && Array.isArray(elements) ? elements : [];
    const own = [...listed, element ?? null, accessory ?? null].filter(isObject);
    const found = own
      .filter((entry) => typeof entry['action_id'] === 'string')
      .map((entry) => ({
        block,
        blockId: String(block['block_id'] ?? ''),
        element: entry,
        actionId: String(entry['action_id']),
      }));
    return [...found, ...(Array.isArray(children) ? elementsOf(children.filter(isObject)) : [])];
  });
}

/** The element that a click names. */
export function findElement(blocks: JsonObject[], actionId: string, blockId?: string): Found | undefined {
  return elementsOf(blocks).find(
    (found) => found.actionId === actionId && (blockId === undefined || found.blockId === blockId),
  );
}

export type StateValues = Record<string, Record<string, JsonObject>>;

/** Thrown when an entered value does not fit its element. */
export class ValueError extends Error {
  readonly code: 'option_not_found' | 'invalid_values';

  constructor(code: 'option_not_found' | 'invalid_values', message: string) {
    super(message);
    this.name = 'ValueError';
    this.code = code;
  }
}

/** The state of all inputs: what was entered, else what was sent before, else what the app gave; throws ValueError. */
export function stateOf(blocks: JsonObject[], entered: FormValues = {}, before: StateValues = {}): StateValues {
  const unknown = unknownKeys(blocks, entered);
  if (unknown.length > 0) throw new ValueError('invalid_values', `there is no input ${unknown.join(', ')}`);
  const state: StateValues = {};
  for (const { blockId, actionId, element } of elementsOf(blocks)) {
    if (!isInput(element)) continue;
    const given = enteredValue(entered, blockId, actionId);
    const kept = before[blockId]?.[actionId];
    const value: JsonObject =
      given !== undefined
        ? enteredState(element, given)
        : kept && kept['type'] === element['type']
          ? kept
          : initialValue(element);
    state[blockId] = { ...state[blockId], [actionId]: value };
  }
  return state;
}

function enteredValue(entered: FormValues, blockId: string, actionId: string): FormValue | undefined {
  for (const key of [blockId, actionId]) {
    const given = Object.hasOwn(entered, key) ? entered[key] : undefined;
    if (given === undefined) continue;
    if (given === null || typeof given === 'string' || Array.isArray(given)) return given;
    if (Object.hasOwn(given, actionId)) return given[actionId];
  }
  return undefined;
}

/** The keys of `entered` that belong to no input: a slip of the test or the page. */
function unknownKeys(blocks: JsonObject[], entered: FormValues): string[] {
  const known = new Set(elementsOf(blocks).flatMap(({ blockId, actionId }) => [blockId, actionId]));
  return Object.keys(entered).filter((key) => !known.has(key));
}

/** Field of the state, and of `initial_…`, per element type. */
const FIELDS: Record<string, string> = {
  plain_text_input: 'value',
  email_text_input: 'value',
  url_text_input: 'value',
  number_input: 'value',
  static_select: 'selected_option',
  external_select: 'selected_option',
  radio_buttons: 'selected_option',
  checkboxes: 'selected_options',
  multi_static_select: 'selected_options',
  multi_external_select: 'selected_options',
  users_select: 'selected_user',
  multi_users_select: 'selected_users',
  channels_select: 'selected_channel',
  multi_channels_select: 'selected_channels',
  conversations_select: 'selected_conversation',
  multi_conversations_select: 'selected_conversations',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  datetimepicker: 'selected_date_time',
};

function isInput(element: JsonObject): boolean {
  return Object.hasOwn(FIELDS, String(element['type']));
}

function fieldOf(element: JsonObject): string {
  return FIELDS[String(element['type'])] ?? 'value';
}

function initialValue(element: JsonObject): JsonObject {
  const field = fieldOf(element);
  const initial = element[field === 'value' ? 'initial_value' : field.replace('selected_', 'initial_')];
  return { type: String(element['type']), [field]: initial ?? (field.endsWith('s') ? [] : null) };
}

/** The state of one element for what was entered; throws ValueError. */
export function enteredState(element: JsonObject, given: FormValue): JsonObject {
  const type = String(element['type']);
  const field = fieldOf(element);
  if (field === 'value') return { type, value: given === '' || given === null ? null : single(given) };
  if (field === 'selected_option') return { type, [field]: given === null ? null : optionOf(element, single(given)) };
  if (field === 'selected_options') return { type, [field]: list(given).map((value) => optionOf(element, value)) };
  if (field === 'selected_date_time') return { type, [field]: given === null ? null : Number(single(given)) };
  if (field.endsWith('s')) return { type, [field]: list(given) };
  return { type, [field]: given === null ? null : single(given) };
}

function single(given: FormValue): string {
  if (typeof given === 'string') return given;
  throw new ValueError('invalid_values', 'one value is expected');
}

function list(given: FormValue): string[] {
  if (given === null) return [];
  return typeof given === 'string' ? [given] : given;
}

function optionOf(element: JsonObject, value: string): Json {
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'].filter(isObject) : [];
  const lists = [element['options'], ...groups.map((group) => group['options'])];
  const options = lists.flatMap((entry) => (Array.isArray(entry) ? entry : [])).filter(isObject);
  const found = options.find((entry) => entry['value'] === value);
  if (!found) throw new ValueError('option_not_found', `there is no option ${value}`);
  return found;
}
