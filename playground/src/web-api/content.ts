// Reads and checks the content of a message from a call's arguments: text, blocks, attachments, metadata.
import { fillBlocks } from '../blocks/fill.ts';
import { findMessageFault } from '../blocks/message.ts';
import { isObject } from '../blocks/schema.ts';
import type { Content } from '../core/messages.ts';
import type { Json, JsonObject } from '../protocol.ts';
import { type Args, json, optionalText } from './args.ts';
import { SlackApiError, withMessages } from './errors.ts';

const ATTACHMENTS_MAX = 100;
/** chat.postMessage cuts text here. */
const TEXT_CUT = 40_000;
const MARKDOWN_TEXT_MAX = 12_000;

/** The content that the arguments give; throws Slack's codes, no_text when there is none. */
export function readContent(args: Args): Content {
  const blocks = readBlocks(json(args, 'blocks', 'invalid_blocks_format'));
  const attachments = readAttachments(json(args, 'attachments', 'invalid_attachments_format'));
  const metadata = readMetadata(json(args, 'metadata', 'invalid_metadata_format'));
  const text = optionalText(args, 'text') ?? '';
  const markdown = optionalText(args, 'markdown_text');
  if (markdown !== undefined && (text !== '' || blocks.length > 0)) throw new SlackApiError('markdown_text_conflict');
  if (markdown !== undefined && [...markdown].length > MARKDOWN_TEXT_MAX) throw new SlackApiError('msg_too_long');
  const said = markdown ?? text;
  if (said === '' && blocks.length === 0 && attachments === undefined) throw new SlackApiError('no_text');
  return {
    text: [...said].slice(0, TEXT_CUT).join(''),
    blocks,
    ...(attachments ? { attachments } : {}),
    ...(metadata ? { metadata } : {}),
  };
}

/** Checked and filled blocks; throws invalid_blocks, invalid_blocks_format or msg_blocks_too_long. */
function readBlocks(blocks: Json | undefined): JsonObject[] {
  if (blocks === undefined) return [];
  if (!Array.isArray(blocks)) throw new SlackApiError('invalid_blocks_format');
  const fault = findMessageFault(blocks);
  if (fault) throw withMessages(fault.code, fault.messages);
  return fillBlocks(blocks);
}

function readAttachments(value: Json | undefined): JsonObject[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw new SlackApiError('invalid_attachments_format');
  if (value.length > ATTACHMENTS_MAX) throw new SlackApiError('too_many_attachments');
  return value.map((entry) => (entry['blocks'] ? { ...entry, blocks: readBlocks(entry['blocks']) } : entry));
}

function readMetadata(value: Json | undefined): JsonObject | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value) || typeof value['event_type'] !== 'string' || !isObject(value['event_payload'])) {
    throw new SlackApiError('invalid_metadata_format');
  }
  return value;
}
