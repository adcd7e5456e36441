// Looks into drawn messages and views: which texts they hold, by kind, and what Slack would say to them.

import { contentLength, findMessageFault } from '../../../playground/src/blocks/message.ts';
import { findViewFault } from '../../../playground/src/blocks/view.ts';
import type { Json } from '../../../playground/src/protocol.ts';
import type { HomeView, Message, Modal } from '../../../src/slack/draw/block-kit.ts';

export type Drawn = Message | Modal | HomeView;

/** The drawn thing as it goes over the wire. */
export function wire(drawn: Drawn | Message['blocks']): Json {
  return JSON.parse(JSON.stringify(drawn)) as Json;
}

/** What Slack refuses in this message: codes and words; empty when it takes it. */
export function messageFaults(message: Message): string[] {
  const fault = findMessageFault(wire(message.blocks));
  return fault === null ? [] : [fault.code, ...fault.messages];
}

/** What Slack refuses in this modal or Home view. */
export function viewFaults(view: Modal | HomeView): string[] {
  const fault = findViewFault(wire(view), view.type);
  return fault === null ? [] : [fault.code, ...fault.messages];
}

/** Characters in all texts of the message's blocks. */
export function charactersIn(message: Message): number {
  return contentLength(wire(message.blocks));
}

/** Every object in the drawn thing, outermost first. */
export function objectsIn(value: Json): Record<string, Json>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (value === null || typeof value !== 'object') return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

/** The texts that Slack reads as markup. */
export function mrkdwnIn(drawn: Drawn): string[] {
  return objectsIn(wire(drawn))
    .filter((object) => object['type'] === 'mrkdwn' || object['type'] === 'markdown')
    .map((object) => String(object['text']));
}

/** All words that a reader sees, in reading order, dates as their fallback. */
export function wordsIn(drawn: Drawn): string {
  return objectsIn(wire(drawn))
    .filter((object) => typeof object['text'] === 'string' || object['type'] === 'date')
    .map((object) => String(object['type'] === 'date' ? object['fallback'] : object['text']))
    .join('\n');
}

/** The text of all preformatted boxes, joined. */
export function preformattedIn(drawn: Drawn): string {
  return objectsIn(wire(drawn))
    .filter((object) => object['type'] === 'rich_text_preformatted')
    .flatMap((object) => objectsIn(object['elements'] ?? []))
    .map((object) => String(object['text']))
    .join('');
}

/** Action ids of the buttons, in order. */
export function buttonsIn(drawn: Drawn): string[] {
  return objectsIn(wire(drawn))
    .filter((object) => object['type'] === 'button')
    .map((object) => String(object['action_id']));
}

/** Kinds of the blocks, in order. */
export function kindsIn(drawn: Drawn): string[] {
  return drawn.blocks.map((block) => block.type);
}
