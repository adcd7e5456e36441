// The rich_text block. Shapes from https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
import { array, boolean, byType, type Check, integer, object, oneOf, pattern, string } from './schema.ts';
import { identifier } from './texts.ts';

/** Inline elements in one section: far above what the content limit lets through, so that a list stays bounded. */
const INLINE_MAX = 2_000;
const PARTS_MAX = 300;

const style = object({
  optional: Object.fromEntries(
    ['bold', 'italic', 'strike', 'code', 'underline', 'highlight', 'client_highlight', 'unlink'].map((name) => [
      name,
      boolean,
    ]),
  ),
});
const id = string(64, 1);
const longText = string(Number.MAX_SAFE_INTEGER, 1);

const inline: Record<string, Check> = {
  text: object({ required: { text: longText }, optional: { style } }),
  link: object({ required: { url: string(3000, 1) }, optional: { text: string(3000), unsafe: boolean, style } }),
  user: object({ required: { user_id: id }, optional: { style } }),
  usergroup: object({ required: { usergroup_id: id }, optional: { style } }),
  channel: object({ required: { channel_id: id }, optional: { style } }),
  emoji: object({
    required: { name: string(100, 1) },
    optional: { unicode: string(100), url: string(3000), skin_tone: integer(1, 6), style },
  }),
  broadcast: object({ required: { range: oneOf('here', 'channel', 'everyone') }, optional: { style } }),
  color: object({ required: { value: pattern(/^#[0-9a-fA-F]{6}$/, 'a colour (#RRGGBB)') }, optional: { style } }),
  date: object({
    required: { timestamp: integer(0, 99_999_999_999), format: string(200, 1) },
    optional: { url: string(3000), fallback: string(3000), style },
  }),
};

const inlineElements = array(
  byType(() => inline),
  INLINE_MAX,
);
const section = object({ required: { elements: inlineElements } });

const parts: Record<string, Check> = {
  rich_text_section: section,
  rich_text_preformatted: object({
    required: {
      elements: array(
        byType(() => ({ text: inline['text'] as Check, link: inline['link'] as Check })),
        INLINE_MAX,
      ),
    },
    optional: { border: integer(0, 1), language: string(64) },
  }),
  rich_text_quote: object({ required: { elements: inlineElements }, optional: { border: integer(0, 1) } }),
  rich_text_list: object({
    required: {
      style: oneOf('bullet', 'ordered'),
      elements: array(
        byType(() => ({ rich_text_section: section })),
        INLINE_MAX,
        1,
      ),
    },
    optional: { indent: integer(0, 8), offset: integer(0, 1_000_000), border: integer(0, 1) },
  }),
};

/** The rich_text block. */
export const richText: Check = object({
  required: {
    elements: array(
      byType(() => parts),
      PARTS_MAX,
      1,
    ),
  },
  optional: { block_id: identifier },
});
