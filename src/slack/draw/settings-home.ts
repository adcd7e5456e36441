// The Settings tab of Home, for those whose role lets them see it: groups, rules as sentences, versions with who changed
// what. Pure.

import { sourceName, sourceOf } from '../../domain/people/membership.ts';
import type { Permission } from '../../domain/people/roles.ts';
import type { GroupEntry, Rule } from '../../domain/policy/policy.ts';
import { ruleSentence } from '../../domain/policy/policy-words.ts';
import type { Settings, SettingsVersion } from '../../service/admin/settings.ts';
import { type Block, type Button, context, type HomeView, header, plain } from './block-kit.ts';
import { cut, type Phrase, sentence } from './text.ts';

export const SETTINGS_ACTIONS = {
  showSettings: 'settings_show',
  showWaiting: 'settings_waiting',
  newGroup: 'settings_group_new',
  changeGroup: 'settings_group_change',
  deleteGroup: 'settings_group_delete',
  changeRule: 'settings_rule_change',
  switchRule: 'settings_rule_switch',
  rollBack: 'settings_roll_back',
} as const;

/** Home holds 100 blocks: two for each group and rule, two for each version, and what stands around them. */
const GROUPS_SHOWN_MAX = 15;
const RULES_SHOWN_MAX = 15;
const NAME_LENGTH_MAX = 100;
const MEMBERS_LENGTH_MAX = 600;
const SENTENCE_LENGTH_MAX = 1_000;
const CHANGES_SHOWN_MAX = 3;

/** From which group and which rule on the page is drawn. */
export type SettingsPlaces = { readonly groups: number; readonly rules: number };
export const FIRST_PLACES: SettingsPlaces = { groups: 0, rules: 0 };

/** Where a button of this value leads; the beginning for any other text. */
export function readPlaces(value: string): SettingsPlaces {
  const [, groups, rules] = /^(\d{1,4})\.(\d{1,4})$/.exec(value) ?? [];
  return { groups: Number(groups ?? 0), rules: Number(rules ?? 0) };
}

/** The row of tabs above the waiting list, for those who may see the settings. */
export function tabBlocks(permissions: readonly Permission[]): Block[] {
  if (!permissions.includes('policy.read')) return [];
  return [
    {
      type: 'actions',
      block_id: 'settings_tab',
      elements: [button(SETTINGS_ACTIONS.showSettings, 'Settings', { value: placesText(FIRST_PLACES), of: '' })],
    },
  ];
}

/** The whole tab. What somebody may not do has no button; what the buttons do is judged when they are used. */
export function drawSettings(settings: Settings, places: SettingsPlaces): HomeView {
  const may = settings.permissions.includes('policy.change');
  const names = settings.groups.map(({ name }) => name);
  const shown = names.slice(places.groups, places.groups + GROUPS_SHOWN_MAX);
  const rules = settings.document.rules.slice(places.rules, places.rules + RULES_SHOWN_MAX);
  const top: Button[] = [
    button(SETTINGS_ACTIONS.showWaiting, 'Waiting for you', { value: 'waiting', of: '' }),
    ...(may
      ? [{ ...button(SETTINGS_ACTIONS.newGroup, 'New group…', { value: 'new', of: '' }), style: 'primary' as const }]
      : []),
  ];
  const blocks: Block[] = [
    header('Settings'),
    { type: 'actions', block_id: 'settings_top', elements: top },
    context(`Policy version ${settings.number}. Each change is a new version, and says first what it would do.`),
    header('Approver groups'),
    ...(names.length === 0 ? [sentence(['There is no group yet.'])] : []),
    ...shown.flatMap((name, at) => groupBlocks(name, settings.document.approver_groups[name], { at, may })),
    ...moreBlock('groups', names.length, places),
    header('Rules'),
    ...(settings.document.rules.length === 0 ? [sentence(['There is no rule, so everything is denied.'])] : []),
    ...rules.flatMap((rule, at) => ruleBlocks(rule, { at, may })),
    ...moreBlock('rules', settings.document.rules.length, places),
    header('Versions'),
    ...settings.versions.flatMap((version, at) => versionBlocks(version, { at, may })),
  ];
  return { type: 'home', blocks };
}

type Row = { readonly at: number; readonly may: boolean };

function groupBlocks(name: string, group: GroupEntry | undefined, { at, may }: Row): Block[] {
  if (group === undefined) return [];
  const phrase: Phrase = [
    { bold: cut(name, NAME_LENGTH_MAX) },
    '  ',
    ...memberPhrase(group),
    ', asked in ',
    { channel: group.channel },
  ];
  const elements = [
    button(SETTINGS_ACTIONS.changeGroup, 'Change…', { value: name, of: name }),
    button(SETTINGS_ACTIONS.deleteGroup, 'Delete…', { value: name, of: name }),
  ];
  return [sentence(phrase), ...(may ? [actions(`settings_group_${at}`, elements)] : [])];
}

/** Who is in the group, and where that comes from. */
export function memberPhrase(group: GroupEntry): Phrase {
  const source = sourceOf(group);
  switch (source.kind) {
    case 'listed':
      return [cut(group.members.join(', '), MEMBERS_LENGTH_MAX)];
    case 'slack_user_group':
      return ['whoever is in ', { user_group: source.id }];
    case 'channel_members':
      return ['whoever is in ', { channel: source.id }];
    case 'on_call':
      return [`whoever of ${groupList(group.on_call?.among)} is on call, as ${sourceName(source)} says`];
    case 'groups':
      return [`the people of ${groupList(group.groups)}`];
  }
}

function groupList(names: readonly string[] = []): string {
  return cut(names.join(', '), MEMBERS_LENGTH_MAX);
}

function ruleBlocks(rule: Rule, { at, may }: Row): Block[] {
  const phrase: Phrase = [
    { bold: cut(rule.name, NAME_LENGTH_MAX) },
    '  ',
    cut(ruleSentence(rule), SENTENCE_LENGTH_MAX),
  ];
  const switching = rule.off === true ? 'Switch on…' : 'Switch off…';
  const elements = [
    ...(rule.effect === 'require'
      ? [button(SETTINGS_ACTIONS.changeRule, 'Change…', { value: rule.name, of: rule.name })]
      : []),
    button(SETTINGS_ACTIONS.switchRule, switching, { value: rule.name, of: rule.name }),
  ];
  return [sentence(phrase), ...(may ? [actions(`settings_rule_${at}`, elements)] : [])];
}

function versionBlocks(version: SettingsVersion, { at, may }: Row): Block[] {
  const { number, author, applied_at, via, plan } = version;
  const more = plan.length > CHANGES_SHOWN_MAX ? `; and ${plan.length - CHANGES_SHOWN_MAX} more` : '';
  const what = cut(`${plan.slice(0, CHANGES_SHOWN_MAX).join('; ')}${more}`, SENTENCE_LENGTH_MAX);
  const phrase: Phrase = [
    { bold: `Version ${number}` },
    `  by ${cut(author, NAME_LENGTH_MAX)}, ${VIA[via]}, `,
    { due: applied_at },
    `: ${what}`,
  ];
  const back = button(SETTINGS_ACTIONS.rollBack, 'Go back to this…', {
    value: String(number),
    of: `version ${number}`,
  });
  return [sentence(phrase), ...(may && at > 0 ? [actions(`settings_version_${at}`, [back])] : [])];
}

const VIA = { cli: 'on the command line', api: 'over the API', slack: 'in Slack' } as const;

function moreBlock(what: keyof SettingsPlaces, count: number, places: SettingsPlaces): Block[] {
  const size = what === 'groups' ? GROUPS_SHOWN_MAX : RULES_SHOWN_MAX;
  if (count <= size) return [];
  const from = places[what];
  const next = from + size < count ? from + size : 0;
  const label = next === 0 ? `First ${what}` : `More ${what}`;
  const value = placesText({ ...places, [what]: next });
  return [
    context(`${what} ${from + 1} to ${Math.min(count, from + size)} of ${count}`),
    actions(`settings_more_${what}`, [button(SETTINGS_ACTIONS.showSettings, label, { value, of: '' })]),
  ];
}

function placesText({ groups, rules }: SettingsPlaces): string {
  return `${groups}.${rules}`;
}

function actions(block_id: string, elements: Button[]): Block {
  return { type: 'actions', block_id, elements };
}

const SPOKEN_LENGTH_MAX = 75;

/** `of` is what the button is about, for those who hear it. */
function button(
  action_id: string,
  label: string,
  { value, of }: { readonly value: string; readonly of: string },
): Button {
  const accessibility_label = cut(`${label.replace('…', '')} ${of}`.trim(), SPOKEN_LENGTH_MAX);
  return { type: 'button', action_id, text: plain(label), value, accessibility_label };
}
