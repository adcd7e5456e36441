// What a person reads of a message or view.
import type { Message } from './protocol.ts';

/** All words, in reading order, without line breaks between its blocks; people as @ and their id. */
export function words({ blocks }: Pick<Message, 'blocks'>): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { type, text, fallback, user_id } = value as Record<string, unknown>;
    if (typeof text === 'string') texts.push(text);
    if (type === 'date') texts.push(String(fallback));
    if (type === 'user') texts.push(`@${String(user_id)}`);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(blocks);
  return texts.join('');
}
