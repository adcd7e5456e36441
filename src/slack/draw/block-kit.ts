// The few Block Kit shapes that we draw, and their smallest builders. Knows Slack's shapes, nothing of approvals.
// Shapes and limits: https://docs.slack.dev/reference/block-kit/blocks

export type PlainText = { type: 'plain_text'; text: string; emoji: false };

export type Inline =
  | { type: 'text'; text: string; style?: { bold: true } }
  | { type: 'user'; user_id: string }
  | { type: 'usergroup'; usergroup_id: string }
  | { type: 'channel'; channel_id: string }
  | { type: 'broadcast'; range: 'channel' }
  | { type: 'date'; timestamp: number; format: string; fallback: string };

export type RichPart =
  | { type: 'rich_text_section'; elements: Inline[] }
  | { type: 'rich_text_quote'; elements: Inline[] }
  | { type: 'rich_text_preformatted'; elements: { type: 'text'; text: string }[] };

export type Button = {
  type: 'button';
  action_id: string;
  text: PlainText;
  value: string;
  accessibility_label: string;
  style?: 'primary' | 'danger';
  /** Asked before the click is sent. */
  confirm?: { title: PlainText; text: PlainText; confirm: PlainText; deny: PlainText; style: 'danger' };
};

type ReasonInput = {
  type: 'input';
  block_id: string;
  label: PlainText;
  hint: PlainText;
  element: {
    type: 'plain_text_input';
    action_id: string;
    multiline: true;
    min_length: number;
    max_length: number;
    focus_on_load: true;
  };
};

export type Option = { text: PlainText; value: string };

export type FieldInput =
  | { type: 'multi_users_select'; max_selected_items: number }
  | { type: 'conversations_select'; filter: ConversationFilter; initial_conversation?: string }
  | { type: 'static_select'; options: Option[]; initial_option?: Option }
  | { type: 'multi_static_select'; options: Option[]; initial_options?: Option[] }
  | { type: 'number_input'; is_decimal_allowed: false; min_value: string; max_value: string; initial_value: string }
  | { type: 'plain_text_input'; max_length: number; initial_value?: string };
type ConversationFilter = {
  include: ('public' | 'private')[];
  exclude_bot_users: true;
  exclude_external_shared_channels: true;
};

/** A field that people fill from what Slack knows, or with a few characters. */
export type FieldBlock = {
  type: 'input';
  block_id: string;
  label: PlainText;
  hint?: PlainText;
  optional: boolean;
  element: FieldInput & { action_id: string };
};

export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: PlainText; expand: true }
  | { type: 'rich_text'; elements: RichPart[] }
  | { type: 'context'; elements: PlainText[] }
  | { type: 'actions'; block_id: string; elements: Button[] }
  | { type: 'divider' }
  | ReasonInput
  | FieldBlock;

/** What chat.postMessage, chat.update and a response_url take: `text` is for notifications and screen readers. */
export type Message = { text: string; blocks: Block[] };

export type Modal = {
  type: 'modal';
  callback_id: string;
  private_metadata: string;
  title: PlainText;
  submit?: PlainText;
  close: PlainText;
  blocks: Block[];
};

export type HomeView = { type: 'home'; blocks: Block[] };

/** Text that Slack reads neither as mrkdwn nor as emoji. */
export function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}

/** A header; at most 150 characters. */
export function header(text: string): Block {
  return { type: 'header', text: plain(text) };
}

/** A paragraph that Slack does not fold; at most 3,000 characters. */
export function paragraph(text: string): Block {
  return { type: 'section', text: plain(text), expand: true };
}

/** Small print, at most ten pieces. */
export function context(...texts: string[]): Block {
  return { type: 'context', elements: texts.map(plain) };
}

export function richText(...elements: RichPart[]): Block {
  return { type: 'rich_text', elements };
}

/** A monospaced box; Slack reads nothing in it. */
export function preformatted(text: string): RichPart {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text }] };
}
