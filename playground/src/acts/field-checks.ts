// What Slack's client checks of a modal before it submits: required fields, lengths, numbers, addresses.
import { isObject } from '../blocks/schema.ts';
import type { JsonObject } from '../protocol.ts';
import type { StateValues } from './elements.ts';

/** Errors by block id; empty: the form may go. */
export function checkFields(blocks: JsonObject[], state: StateValues): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of blocks) {
    const { element } = block;
    if (block['type'] !== 'input' || !isObject(element)) continue;
    const blockId = String(block['block_id']);
    const value = state[blockId]?.[String(element['action_id'])] ?? {};
    const error = isEmpty(value)
      ? block['optional'] === true
        ? null
        : 'Please complete this required field.'
      : checkText(element, value['value']);
    if (error) errors[blockId] = error;
  }
  return errors;
}

function isEmpty(value: JsonObject): boolean {
  return Object.entries(value).every(
    ([name, entry]) =>
      name === 'type' || entry === null || (Array.isArray(entry) ? entry.length === 0 : String(entry).trim() === ''),
  );
}

/** Characters in one field when the app sets no limit. */
const FIELD_LENGTH_MAX = 3_000;

function checkText(element: JsonObject, value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const length = [...value].length;
  const min = Number(element['min_length'] ?? 0);
  const max = Number(element['max_length'] ?? FIELD_LENGTH_MAX);
  if (length < min) return `Must be at least ${min} characters.`;
  if (length > max) return `Must be at most ${max} characters.`;
  switch (element['type']) {
    case 'number_input':
      return checkNumber(element, value);
    case 'email_text_input':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : 'Please enter a valid email address.';
    case 'url_text_input':
      return URL.canParse(value) ? null : 'Please enter a valid URL.';
    default:
      return null;
  }
}

function checkNumber(element: JsonObject, value: string): string | null {
  const number = Number(value);
  if (!Number.isFinite(number)) return 'Please enter a number.';
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(number)) return 'Please enter a whole number.';
  if (element['min_value'] !== undefined && number < Number(element['min_value'])) {
    return `Must be at least ${String(element['min_value'])}.`;
  }
  if (element['max_value'] !== undefined && number > Number(element['max_value'])) {
    return `Must be at most ${String(element['max_value'])}.`;
  }
  return null;
}
