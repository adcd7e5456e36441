// What Slack checks of a message's content: blocks, their total, text, attachments.
import type { Json, JsonObject } from '../protocol.ts';
import { blockList } from './layout.ts';
import { type Issues, isObject, storedLength } from './schema.ts';

/** All blocks of a message together; undocumented, see https://github.com/slackapi/bolt-js/issues/2509. */
const MESSAGE_CONTENT_MAX = 13_200;
/** All markdown blocks of one payload together. */
const MARKDOWN_MAX = 12_000;

export type BlockFault = { code: 'invalid_blocks' | 'msg_blocks_too_long'; messages: string[] };

/** The fault in a message's blocks, or null. */
export function findMessageFault(blocks: Json): BlockFault | null {
  const issues: Issues = [];
  blockList('message')(blocks, '/blocks', issues);
  if (issues.length > 0) return { code: 'invalid_blocks', messages: issues };
  const list = blocks as JsonObject[];
  const markdown = list.filter((block) => block['type'] === 'markdown');
  if (contentLength(markdown) > MARKDOWN_MAX) {
    const text = `[ERROR] markdown blocks must be less than ${MARKDOWN_MAX + 1} characters together [json-pointer:/blocks]`;
    return { code: 'invalid_blocks', messages: [text] };
  }
  if (contentLength(list) > MESSAGE_CONTENT_MAX) return { code: 'msg_blocks_too_long', messages: [] };
  return null;
}

/** Characters of content in all texts of the blocks, as Slack stores them. */
export function contentLength(value: Json): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + contentLength(entry), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [name, entry]) => {
    if (name === 'text' && typeof entry === 'string') return sum + storedLength(entry, value['type'] !== 'mrkdwn');
    if (name === 'alt_text' && typeof entry === 'string') return sum + storedLength(entry);
    return sum + contentLength(entry);
  }, 0);
}
