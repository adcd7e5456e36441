// The blocks themselves, per surface. Limits from https://docs.slack.dev/reference/block-kit/blocks.
import { accessoryElements, actionElements, image, inputElements } from './elements.ts';
import { richText } from './rich-text.ts';
import {
  all,
  array,
  boolean,
  byType,
  type Check,
  isObject,
  issue,
  needsOneOf,
  object,
  oneOf,
  string,
} from './schema.ts';
import { anyText, identifier, plainText } from './texts.ts';

export type Surface = 'message' | 'modal' | 'home';

const block_id = identifier;
const contextElements: Record<string, Check> = { image, plain_text: anyText(3000), mrkdwn: anyText(3000) };

const section = all(
  needsOneOf('text', 'fields'),
  object({
    optional: {
      block_id,
      text: anyText(3000),
      fields: array(anyText(2000), 10, 1),
      accessory: byType(() => accessoryElements),
      expand: boolean,
    },
  }),
);

const input = all(
  object({
    required: { label: plainText(2000), element: byType(() => inputElements) },
    optional: { block_id, hint: plainText(2000), optional: boolean, dispatch_action: boolean },
  }),
);

const imageBlock = all(
  needsOneOf('image_url', 'slack_file'),
  object({
    required: { alt_text: string(2000) },
    optional: {
      block_id,
      image_url: string(3000),
      slack_file: object({ optional: { url: string(3000), id: string(64) } }),
      title: plainText(2000),
    },
  }),
);

const tableCell = byType(() => ({
  rich_text: richText,
  raw_text: object({ required: { text: string(3000, 1) } }),
}));
const table = object({
  required: { rows: array(array(tableCell, 20, 1), 100, 1) },
  optional: {
    block_id,
    column_settings: array(object({ optional: { align: oneOf('left', 'center', 'right'), is_wrapped: boolean } }), 20),
  },
});

const everywhere: Record<string, Check> = {
  section,
  header: object({ required: { text: plainText(150) }, optional: { block_id } }),
  context: object({
    required: {
      elements: array(
        byType(() => contextElements),
        10,
        1,
      ),
    },
    optional: { block_id },
  }),
  actions: object({
    required: {
      elements: array(
        byType(() => actionElements),
        25,
        1,
      ),
    },
    optional: { block_id },
  }),
  divider: object({ optional: { block_id } }),
  image: imageBlock,
  rich_text: richText,
  input,
  alert: object({
    required: { text: anyText(3000) },
    optional: { block_id, level: oneOf('default', 'info', 'warning', 'error', 'success') },
  }),
};

const childBlocks = Object.fromEntries(
  Object.entries({ ...everywhere, table }).filter(([type]) => type !== 'alert'),
) as Record<string, Check>;

const collapsedNeedsCollapsible: Check = (value, path, issues) => {
  if (isObject(value) && value['default_collapsed'] === true && value['is_collapsible'] !== true) {
    issue(issues, path, 'default_collapsed requires is_collapsible');
  }
};
const container = all(
  needsOneOf('title', 'rich_text_title'),
  collapsedNeedsCollapsible,
  object({
    required: {
      child_blocks: array(
        byType(() => childBlocks),
        10,
        1,
      ),
    },
    optional: {
      block_id,
      title: plainText(150),
      rich_text_title: richText,
      subtitle: anyText(150),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: image,
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    },
  }),
);

const messageOnly: Record<string, Check> = {
  markdown: object({ required: { text: string(12_000, 1) }, optional: { block_id } }),
  table,
  container,
};

const bySurface: Record<Surface, Record<string, Check>> = {
  message: { ...everywhere, ...messageOnly },
  modal: { ...everywhere, container },
  home: { ...everywhere, container },
};

/** Blocks in one message, and in one modal or Home. */
const BLOCKS_MAX: Record<Surface, number> = { message: 50, modal: 100, home: 100 };

/** The list of blocks of a surface: shapes, number, and ids used twice. */
export function blockList(surface: Surface): Check {
  return all(
    array(
      byType(() => bySurface[surface]),
      BLOCKS_MAX[surface],
    ),
    uniqueBlockIds,
  );
}

const uniqueBlockIds: Check = (value, path, issues) => {
  if (!Array.isArray(value)) return;
  const seen = new Set<string>();
  for (const [index, block] of value.entries()) {
    if (!isObject(block)) continue;
    const id = block['block_id'];
    if (typeof id === 'string' && id !== '' && seen.has(id)) {
      issue(issues, `${path}/${index}/block_id`, `block_id already exists: ${id}`);
    }
    if (typeof id === 'string') seen.add(id);
    uniqueActionIds(block['elements'], `${path}/${index}/elements`, issues);
    if (Array.isArray(block['child_blocks']))
      uniqueBlockIds(block['child_blocks'], `${path}/${index}/child_blocks`, issues);
  }
};

const uniqueActionIds: Check = (elements, path, issues) => {
  if (!Array.isArray(elements)) return;
  const seen = new Set<string>();
  for (const [index, element] of elements.entries()) {
    const id = isObject(element) ? element['action_id'] : undefined;
    if (typeof id !== 'string') continue;
    if (seen.has(id)) issue(issues, `${path}/${index}/action_id`, `action_id already exists: ${id}`);
    seen.add(id);
  }
};
