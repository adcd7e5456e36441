// Interactive elements and images. Limits from https://docs.slack.dev/reference/block-kit/block-elements.
import {
  all,
  array,
  boolean,
  type Check,
  integer,
  isObject,
  issue,
  needsOneOf,
  object,
  oneOf,
  pattern,
  string,
} from './schema.ts';
import { anyText, confirmDialog, identifier, option, plainText } from './texts.ts';

const common = { action_id: identifier, focus_on_load: boolean };
const withConfirm = { ...common, confirm: confirmDialog };
const menu = { ...withConfirm, placeholder: plainText(150) };
const field = {
  ...common,
  placeholder: plainText(150),
  dispatch_action_config: object({
    optional: { trigger_actions_on: array(oneOf('on_enter_pressed', 'on_character_entered'), 2) },
  }),
};

const selectOption = option(plainText(75));
const richOption = option(anyText(75));
const optionGroup = object({ required: { label: plainText(75), options: array(selectOption, 100, 1) } });
const options = { options: array(selectOption, 100, 1), option_groups: array(optionGroup, 100, 1) };
const date = pattern(/^\d{4}-\d{2}-\d{2}$/, 'a date (YYYY-MM-DD)');
const time = pattern(/^\d{2}:\d{2}$/, 'a time (HH:mm)');
const id = string(64, 1);

/** Which conversations are offered: https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object */
const conversationFilter = object({
  optional: {
    include: array(oneOf('im', 'mpim', 'private', 'public'), 4, 1),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  },
});

/** The chosen options must be among those offered. */
const initialAmongOptions: Check = (value, path, issues) => {
  if (!isObject(value) || !Array.isArray(value['options'])) return;
  const known = new Set(value['options'].map((entry) => (isObject(entry) ? entry['value'] : undefined)));
  const single = value['initial_option'];
  const chosen = Array.isArray(value['initial_options']) ? value['initial_options'] : single ? [single] : [];
  for (const entry of chosen) {
    if (isObject(entry) && !known.has(entry['value'])) {
      issue(issues, path, `${single ? 'initial_option' : 'initial_options'} must be among options`);
    }
  }
};

const button = object({
  required: { text: plainText(75) },
  optional: {
    action_id: identifier,
    url: string(3000),
    value: string(2000),
    style: oneOf('primary', 'danger'),
    confirm: confirmDialog,
    accessibility_label: string(75),
  },
});

export const image: Check = all(
  needsOneOf('image_url', 'slack_file'),
  object({
    required: { alt_text: string(2000) },
    optional: { image_url: string(3000), slack_file: object({ optional: { url: string(3000), id } }) },
  }),
);

/** A select of one or several, fed by `source`. */
function select(single: string, many: string, source: Record<string, Check>, one: Check): Record<string, Check> {
  const name = single.replace('_select', '');
  const initial = name === 'static' || name === 'external' ? 'option' : name.replace(/s$/, '');
  const response = name === 'conversations' || name === 'channels' ? { response_url_enabled: boolean } : {};
  return {
    [single]: all(
      object({ optional: { ...menu, ...source, ...response, [`initial_${initial}`]: one } }),
      initialAmongOptions,
    ),
    [many]: all(
      object({
        optional: { ...menu, ...source, max_selected_items: integer(1, 100), [`initial_${initial}s`]: array(one, 100) },
      }),
      initialAmongOptions,
    ),
  };
}

const selects: Record<string, Check> = {
  ...select('static_select', 'multi_static_select', options, selectOption),
  ...select('external_select', 'multi_external_select', { min_query_length: integer(0, 100) }, selectOption),
  ...select('users_select', 'multi_users_select', {}, id),
  ...select('channels_select', 'multi_channels_select', {}, id),
  ...select(
    'conversations_select',
    'multi_conversations_select',
    { default_to_current_conversation: boolean, filter: conversationFilter },
    id,
  ),
};
for (const kind of ['static_select', 'multi_static_select']) {
  selects[kind] = all(needsOneOf('options', 'option_groups'), selects[kind] as Check);
}

const choices = (initial: string, max: number, shape: Check): Check =>
  all(
    object({
      required: { options: array(shape, max, 1) },
      optional: { ...withConfirm, [initial]: initial.endsWith('s') ? array(shape, max, 1) : shape },
    }),
    initialAmongOptions,
  );

/** Elements both of messages and of inputs. */
const pickers: Record<string, Check> = {
  ...selects,
  checkboxes: choices('initial_options', 10, richOption),
  radio_buttons: choices('initial_option', 10, richOption),
  datepicker: object({ optional: { ...withConfirm, placeholder: plainText(150), initial_date: date } }),
  timepicker: object({
    optional: { ...withConfirm, placeholder: plainText(150), initial_time: time, timezone: string(100) },
  }),
  datetimepicker: object({ optional: { ...withConfirm, initial_date_time: integer(0, 99_999_999_999) } }),
};

/** Elements of an actions block. */
export const actionElements: Record<string, Check> = {
  ...pickers,
  button,
  overflow: object({
    required: { options: array(option(plainText(75), { url: string(3000) }), 5, 1) },
    optional: { action_id: identifier, confirm: confirmDialog },
  }),
};

/** What may stand beside a section's text. */
export const accessoryElements: Record<string, Check> = { ...actionElements, image };

const plainTextInput = all(
  object({
    optional: {
      ...field,
      initial_value: string(3000),
      multiline: boolean,
      min_length: integer(0, 3000),
      max_length: integer(1, 3000),
    },
  }),
  (value, path, issues) => {
    if (!isObject(value)) return;
    const { min_length: min, max_length: max } = value;
    if (typeof min === 'number' && typeof max === 'number' && min > max) {
      issue(issues, path, 'min_length must not be greater than max_length');
    }
  },
);

/** Elements of an input block. */
export const inputElements: Record<string, Check> = {
  ...pickers,
  plain_text_input: plainTextInput,
  email_text_input: object({ optional: { ...field, initial_value: string(3000) } }),
  url_text_input: object({ optional: { ...field, initial_value: string(3000) } }),
  number_input: object({
    required: { is_decimal_allowed: boolean },
    optional: { ...field, initial_value: string(100), min_value: string(100), max_value: string(100) },
  }),
};
