// Edits the text of a policy, one change at a time: what the change does not touch stays as it was written, comments and order
// included. Judges nothing: what comes out is read and linted like any other text.

import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { PlacetError } from '../domain/errors.ts';
import { addressOf } from '../domain/people/address.ts';
import { TIMEOUT_SECONDS_DEFAULT } from '../domain/policy/policy.ts';
import type { JsonObject, JsonValue } from '../domain/request/request.ts';
import { formatDuration } from './duration.ts';

/** Whom a stage asks, and how many of them. */
export type StageEdit = { readonly approvers: readonly string[]; readonly quorum: number };

/** One change of the text. */
export type PolicyEdit =
  /** The group as the file would have it, in place of what stands there. */
  | { readonly kind: 'set_group'; readonly name: string; readonly entry: JsonObject }
  /** The group with these members more and less, and with these options. */
  | {
      readonly kind: 'change_group';
      readonly name: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
      readonly options: JsonObject;
    }
  | { readonly kind: 'delete_group'; readonly name: string }
  | {
      readonly kind: 'change_rule';
      readonly name: string;
      /** One for each stage that it has; left out where they stay. */
      readonly stages?: readonly StageEdit[];
      /** As the file writes durations. */
      readonly timeout?: string;
    }
  | { readonly kind: 'switch_rule'; readonly name: string; readonly is_on: boolean };

const TIMEOUT_DEFAULT = formatDuration(TIMEOUT_SECONDS_DEFAULT);
const FORM = { version: '1.2', schema: 'core', merge: false, stringKeys: true } as const;

/** The text with the change in it. Throws not_found for a group or rule that is not there, invalid_request for other stages. */
export function editText(source: string, edit: PolicyEdit): string {
  const yaml = parseDocument(source, FORM);
  if (!isMap(yaml.contents)) throw new PlacetError('not_found', { policy: 'the text has no members' });
  apply(yaml, yaml.contents, edit);
  const text = yaml.toString({ lineWidth: 0, indent: indentOf(source), indentSeq: !/^[\w-]+:[^\n]*\n-/m.test(source) });
  const kept = withWrittenLines(source, text);
  const isSame = JSON.stringify(parseDocument(kept, FORM).toJS()) === JSON.stringify(yaml.toJS());
  const edited = isSame ? kept : text;
  return source.includes('\r\n') ? edited.replaceAll('\n', '\r\n') : edited;
}

/** Lines that differ from those of the source in their spaces alone, as the source has them. */
function withWrittenLines(source: string, text: string): string {
  const bare = (line: string) => line.replace(/\s+/g, '');
  const lines = source.split(/\r?\n/);
  const written = lines.map(bare);
  let from = 0;
  const kept = text.split('\n').map((line) => {
    const at = bare(line) === '' ? -1 : written.indexOf(bare(line), from);
    if (at < 0) return line;
    from = at + 1;
    return lines[at] ?? line;
  });
  return kept.join('\n');
}

/** As deep as the text's first indented line is. */
function indentOf(source: string): number {
  return /^( +)[^\s#]/m.exec(source)?.[1]?.length ?? 2;
}

function apply(yaml: Document, root: YAMLMap, edit: PolicyEdit): void {
  switch (edit.kind) {
    case 'set_group':
      setGroup(yaml, groupsOf(yaml, root), edit);
      break;
    case 'change_group':
      changeGroup(yaml, groupsOf(yaml, root), edit);
      break;
    case 'delete_group':
      if (!groupsOf(yaml, root).delete(edit.name)) throw new PlacetError('not_found', { group: edit.name });
      break;
    case 'change_rule':
      changeRule(yaml, ruleOf(root, edit.name), edit);
      break;
    case 'switch_rule':
      if (edit.is_on) ruleOf(root, edit.name).delete('off');
      else ruleOf(root, edit.name).set('off', true);
      break;
  }
}

/** The section of groups; a text without one gets it before its rules, where readers look for it. */
function groupsOf(yaml: Document, root: YAMLMap): YAMLMap {
  const found = root.get('approver_groups', true);
  if (isMap(found)) {
    if (found.items.length === 0 && root.flow !== true) found.flow = false;
    return found;
  }
  root.delete('approver_groups');
  const pair = yaml.createPair('approver_groups', {});
  const groups = pair.value as YAMLMap;
  groups.flow = root.flow === true;
  const at = root.items.findIndex(({ key }) => isScalar(key) && key.value === 'rules');
  root.items.splice(at < 0 ? root.items.length : at, 0, pair);
  return groups;
}

type Named<Kind extends PolicyEdit['kind']> = Extract<PolicyEdit, { kind: Kind }>;

function setGroup(yaml: Document, groups: YAMLMap, { name, entry }: Named<'set_group'>): void {
  const group = groups.get(name, true);
  if (!isMap(group)) {
    groups.set(name, yaml.createNode(entry, { flow: true }));
    return;
  }
  for (const key of keysOf(group)) if (!Object.hasOwn(entry, key)) group.delete(key);
  for (const [key, value] of Object.entries(entry)) put(yaml, group, key, value);
}

function changeGroup(yaml: Document, groups: YAMLMap, { name, add, remove, options }: Named<'change_group'>): void {
  const group = groups.get(name, true);
  if (!isMap(group)) throw new PlacetError('not_found', { group: name });
  const members = group.get('members', true);
  const listed = isSeq(members) ? members.items.map(textOf) : [];
  const gone = new Set(remove.map(addressOf));
  const kept = listed.filter((email) => !gone.has(addressOf(email)));
  const known = new Set(kept.map(addressOf));
  const wanted = [...kept, ...add.filter((email) => !known.has(addressOf(email)))];
  if (wanted.length > 0) put(yaml, group, 'members', wanted);
  else group.delete('members');
  // A user group stands in place of the people that were listed.
  if (typeof options['slack_user_group'] === 'string') group.delete('members');
  for (const [key, value] of Object.entries(options)) {
    if (value === null) group.delete(key);
    else put(yaml, group, key, value);
  }
}

function changeRule(yaml: Document, rule: YAMLMap, { stages, timeout }: Named<'change_rule'>): void {
  if (timeout !== undefined && (rule.has('timeout') || timeout !== TIMEOUT_DEFAULT)) rule.set('timeout', timeout);
  if (stages === undefined) return;
  const written = rule.get('stages', true);
  const places = isSeq(written) ? written.items.filter(isMap) : [rule];
  if (places.length !== stages.length)
    throw new PlacetError('invalid_request', { reason: `the rule has ${places.length} stages, not ${stages.length}` });
  stages.forEach(({ approvers, quorum }, at) => {
    const place = places[at] as YAMLMap;
    put(yaml, place, 'approvers', [...approvers]);
    // One is what is meant where nothing stands.
    if (quorum !== 1 || place.has('quorum')) put(yaml, place, 'quorum', quorum);
  });
}

function ruleOf(root: YAMLMap, name: string): YAMLMap {
  const rules = root.get('rules', true);
  const found = isSeq(rules) ? rules.items.find((item) => isMap(item) && nameOf(item) === name) : undefined;
  if (!isMap(found)) throw new PlacetError('not_found', { rule: name });
  return found;
}

/** As the form reads names: spaces at either end do not count. */
function nameOf(rule: YAMLMap): string {
  return String(rule.get('name')).trim();
}

/** Sets a member; items that a list keeps stay the nodes they are, with their comments and quotes. */
function put(yaml: Document, map: YAMLMap, key: string, value: JsonValue): void {
  const before = map.get(key, true);
  if (isScalar(before) && (typeof value !== 'object' || value === null)) {
    before.value = value;
    return;
  }
  if (isSeq(before) && Array.isArray(value)) {
    keepItems(yaml, before, value);
    return;
  }
  map.set(key, yaml.createNode(value, { flow: true }));
}

function keepItems(yaml: Document, list: YAMLSeq, wanted: readonly JsonValue[]): void {
  const before = new Map(list.items.map((item) => [textOf(item), item as Node] as const));
  list.items = wanted.map((value) => before.get(String(value)) ?? yaml.createNode(value, { flow: true }));
}

function keysOf(map: YAMLMap): string[] {
  return map.items.map(({ key }) => textOf(key));
}

function textOf(node: unknown): string {
  return String(isScalar(node) ? node.value : node);
}
