// Fills in what Slack fills in when it stores blocks: block_id, action_id, emoji, verbatim. Expects checked blocks.
import { fillerId } from '../core/ids.ts';
import type { Json, JsonObject } from '../protocol.ts';
import { isObject } from './schema.ts';

const WITHOUT_ACTION_ID = new Set(['image', 'plain_text', 'mrkdwn', 'rich_text_section', 'rich_text_list']);

/** The blocks as Slack keeps and returns them. */
export function fillBlocks(blocks: Json): JsonObject[] {
  return (blocks as JsonObject[]).map(fillBlock);
}

function fillBlock(block: JsonObject): JsonObject {
  const id = block['block_id'];
  const filled = fillTexts({ ...block, block_id: typeof id === 'string' && id !== '' ? id : fillerId() }) as JsonObject;
  const { elements, element, accessory, child_blocks: children } = filled;
  return {
    ...filled,
    ...(block['type'] === 'actions' && Array.isArray(elements) ? { elements: elements.map(fillElement) } : {}),
    ...(element === undefined ? {} : { element: fillElement(element) }),
    ...(accessory === undefined ? {} : { accessory: fillElement(accessory) }),
    ...(Array.isArray(children) ? { child_blocks: fillBlocks(children) } : {}),
  };
}

function fillElement(element: Json): Json {
  if (!isObject(element) || WITHOUT_ACTION_ID.has(String(element['type']))) return element;
  const id = element['action_id'];
  return { ...element, action_id: typeof id === 'string' && id !== '' ? id : fillerId() };
}

function fillTexts(value: Json): Json {
  if (Array.isArray(value)) return value.map(fillTexts);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, entry]) => [name, fillTexts(entry)] as const);
  const defaults =
    value['type'] === 'plain_text' ? { emoji: true } : value['type'] === 'mrkdwn' ? { verbatim: false } : {};
  return { ...defaults, ...Object.fromEntries(entries) };
}
