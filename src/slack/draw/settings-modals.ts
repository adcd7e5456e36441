// The forms of Settings: of a group and of a rule. Pure. They keep a name and a version, never a right.

import type { GroupEntry, Rule } from '../../domain/policy/policy.ts';
import { GROUP_MEMBERS_MAX, QUORUM_MAX } from '../../domain/policy/policy.ts';
import { writtenDuration } from '../../domain/policy/policy-words.ts';
import { stagesOf } from '../../domain/policy/rule-stages.ts';
import {
  type Block,
  type FieldBlock,
  type FieldInput,
  type Modal,
  type Option,
  paragraph,
  plain,
} from './block-kit.ts';
import { cut } from './text.ts';

export const SETTINGS_CALLBACKS = {
  group: 'settings_group',
  rule: 'settings_rule',
  step: 'settings_step',
} as const;

export const FIELDS = {
  name: 'name',
  people: 'people',
  remove: 'remove',
  user_group: 'user_group',
  channel: 'channel',
  timeout: 'timeout',
} as const;
/** The fields of a stage, from 0. */
export const stageFields = (stage: number) => ({ groups: `groups_${stage}`, quorum: `quorum_${stage}` });

/** Each is asked of Slack when the form is handed in, within its three seconds. */
const PEOPLE_PICKED_MAX = 20;
const OPTIONS_MAX = 100;
const OPTION_LENGTH_MAX = 75;
const GROUP_NAME_LENGTH_MAX = 100;
const TIMEOUT_LENGTH_MAX = 20;
/** A paragraph holds 3,000 characters. */
const PARAGRAPH_LENGTH_MAX = 2_800;
const NO_USER_GROUP = 'none';

/** What a form keeps: which version it was drawn from, and what it is about; null for a new group. */
export type FormMemory = { readonly base: number; readonly name: string | null };
/** The form of a group; `user_groups` are those of Slack, empty where it has none. */
export function drawGroupForm(
  of: { readonly base: number; readonly name: string | null; readonly group: GroupEntry | null },
  user_groups: readonly Option[],
): Modal {
  const { base, name, group } = of;
  const memory: FormMemory = { base, name };
  const members = (group?.members ?? []).filter(isOption).slice(0, OPTIONS_MAX);
  return form(SETTINGS_CALLBACKS.group, name === null ? 'New group' : 'Change group', memory, [
    ...(name === null
      ? [
          field(
            FIELDS.name,
            'Name',
            false,
            { type: 'plain_text_input', max_length: GROUP_NAME_LENGTH_MAX },
            'In a-z, 0-9, dot, dash and underscore, such as payments.',
          ),
        ]
      : [paragraph(`The group “${name}”.`)]),
    field(FIELDS.people, group === null ? 'People' : 'Add people', true, {
      type: 'multi_users_select',
      max_selected_items: Math.min(PEOPLE_PICKED_MAX, GROUP_MEMBERS_MAX),
    }),
    ...(members.length === 0
      ? []
      : [
          field(FIELDS.remove, 'Remove people', true, {
            type: 'multi_static_select',
            options: members.map((email) => option(email)),
          }),
        ]),
    ...userGroupField(group, user_groups),
    field(
      FIELDS.channel,
      'Channel for its cards',
      false,
      {
        type: 'conversations_select',
        filter: { include: ['public', 'private'], exclude_bot_users: true, exclude_external_shared_channels: true },
        ...(group === null ? {} : { initial_conversation: group.channel }),
      },
      'Invite the app there.',
    ),
  ]);
}

function userGroupField(group: GroupEntry | null, user_groups: readonly Option[]): Block[] {
  const present = group?.slack_user_group ?? null;
  const known = user_groups.slice(0, OPTIONS_MAX - 2);
  const options = [
    { text: plain('None: the people above'), value: NO_USER_GROUP },
    ...known,
    ...(present === null || known.some(({ value }) => value === present) ? [] : [option(present)]),
  ];
  if (options.length === 1) return [paragraph('Slack shows no user group here; a group is the people that it names.')];
  const chosen = options.find(({ value }) => value === (present ?? NO_USER_GROUP));
  return [
    field(
      FIELDS.user_group,
      'Or a Slack user group',
      false,
      { type: 'static_select', options, ...(chosen === undefined ? {} : { initial_option: chosen }) },
      'Whoever Slack lists there at the click may decide.',
    ),
  ];
}

/** The user group that was chosen; null for none. */
export function chosenUserGroup(value: string | null): string | null {
  return value === NO_USER_GROUP ? null : value;
}

/** The form of a rule that requires approval: whom each stage asks and how many, and how long all have. */
export function drawRuleForm(base: number, rule: Rule, { names }: { readonly names: readonly string[] }): Modal {
  const memory: FormMemory = { base, name: rule.name };
  const stages = stagesOf(rule);
  const fields = stages.flatMap(({ approvers, quorum }, at) => {
    const ids = stageFields(at);
    const of = stages.length === 1 ? '' : ` of stage ${at + 1}`;
    // Those that it asks first, so that none of them is cut off.
    const options = [...new Set([...approvers, ...names])].slice(0, OPTIONS_MAX).map((name) => option(name));
    const initial_options = options.filter(({ value }) => approvers.includes(value));
    return [
      field(ids.groups, `Groups${of}`, false, { type: 'multi_static_select', options, initial_options }),
      field(ids.quorum, `How many people${of}`, false, {
        type: 'number_input',
        is_decimal_allowed: false,
        min_value: '1',
        max_value: String(QUORUM_MAX),
        initial_value: String(quorum),
      }),
    ];
  });
  return form(SETTINGS_CALLBACKS.rule, 'Change rule', memory, [
    paragraph(`The rule “${cut(rule.name, PARAGRAPH_LENGTH_MAX)}”.`),
    ...fields,
    field(
      FIELDS.timeout,
      'How long they have',
      false,
      {
        type: 'plain_text_input',
        max_length: TIMEOUT_LENGTH_MAX,
        initial_value: writtenDuration(rule.timeout_seconds),
      },
      'Such as 10m, 1h30m or 2d.',
    ),
  ]);
}

function form(callback_id: string, title: string, memory: FormMemory, blocks: Block[]): Modal {
  return {
    type: 'modal',
    callback_id,
    private_metadata: JSON.stringify(memory),
    title: plain(title),
    submit: plain('Next'),
    close: plain('Cancel'),
    blocks,
  };
}

function field(id: string, label: string, optional: boolean, element: FieldInput, hint?: string): FieldBlock {
  const picker = { ...element, action_id: id };
  return {
    type: 'input',
    block_id: id,
    label: plain(label),
    optional,
    element: picker,
    ...(hint === undefined ? {} : { hint: plain(hint) }),
  };
}

/** Slack takes so many characters as the value of an option; a longer address is changed in the file. */
const OPTION_VALUE_LENGTH_MAX = 150;

function isOption(value: string): boolean {
  return value.length <= OPTION_VALUE_LENGTH_MAX;
}

/** An option of this value; Slack takes 75 characters as its text. */
export function option(value: string, text = value): Option {
  return { text: plain(cut(text, OPTION_LENGTH_MAX)), value };
}
