// What `placet init` would change in a project: lines that are added, and no line that is taken away. Pure; reads nothing.

import { PlacetError } from '../domain/errors.ts';
import type { PolicyDocument } from '../domain/policy/policy.ts';
import { parsePolicyFile } from '../policy/read.ts';
import type { Framework } from './init-lines.ts';

/** A file as it is found; null where there is none. */
export type Found = (path: string) => string | null;

export type Change = {
  readonly path: string;
  /** The file as it was read; null of a new one. */
  readonly before: string | null;
  /** Stands behind so many lines of it. */
  readonly at: number;
  readonly lines: readonly string[];
};

export type Choices = {
  readonly framework: Framework;
  readonly url: string;
  readonly agent: string;
  readonly policy: string;
  /** The group that is asked, and, for a policy that is new, who is in it and where its cards go. */
  readonly group: string;
  readonly members: readonly string[];
  readonly channel: string;
};

/** Stands for the key until it is made, which is after whoever runs the command has agreed. */
export const KEY_TO_COME = '(made once you agree)';

const ENV = '.env';
const IGNORE = '.gitignore';

/** The changes, none of them for what is there already. Throws PlacetError `conflict` for what would have to be overwritten. */
export function planInit(found: Found, choices: Choices): readonly Change[] {
  return [ignored(found), environment(found, choices), lines(found, choices), policy(found, choices)].filter(
    (change) => change !== null,
  );
}

/** The text of a file once it is changed. */
export function changedText({ before, at, lines }: Change): string {
  const had = splitLines(before ?? '');
  const ending = before?.includes('\r\n') ? '\r\n' : '\n';
  return [...had.slice(0, at), ...lines, ...had.slice(at)].map((line) => line + ending).join('');
}

export function hasKey(text: string | null): boolean {
  return splitLines(text ?? '').some((line) => /^\s*(?:export\s+)?PLACET_AGENT_KEY\s*=\s*\S/.test(line));
}

const splitLines = (text: string): string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));

function append(path: string, before: string | null, lines: readonly string[]): Change {
  return { path, before, at: splitLines(before ?? '').length, lines };
}

/** Git must never see the key. A line that takes the file back in comes before ours, which is the last. */
function ignored(found: Found): Change | null {
  const text = found(IGNORE);
  const about = splitLines(text ?? '').filter((line) => /^!?\/?(?:\*\*\/)?\.env(?:\*|\.\*)?\s*$/.test(line.trim()));
  const last = about.at(-1)?.trim() ?? '!';
  // `.env.*` is about other files.
  return last.startsWith('!') || last.endsWith('.*') ? append(IGNORE, text, [ENV]) : null;
}

function environment(found: Found, { url }: Choices): Change | null {
  const text = found(ENV);
  const has = (name: string) =>
    splitLines(text ?? '').some((line) => new RegExp(`^\\s*(export\\s+)?${name}=`).test(line));
  if (has('PLACET_AGENT_KEY') && !hasKey(text))
    throw new PlacetError('conflict', { path: ENV, line: 'PLACET_AGENT_KEY=' });
  const lines = [
    ...(has('PLACET_URL') ? [] : [`PLACET_URL=${url}`]),
    ...(hasKey(text) ? [] : [`PLACET_AGENT_KEY=${KEY_TO_COME}`]),
  ];
  return lines.length === 0 ? null : append(ENV, text, lines);
}

function lines(found: Found, { framework: { file, lines: wanted } }: Choices): Change | null {
  const text = found(file);
  if (text === null) return append(file, null, wanted);
  if (splitLines(text).join('\n') === wanted.join('\n')) return null;
  throw new PlacetError('conflict', { path: file });
}

/** A rule for this agent's tools: as long as no other says more, people are asked before each. */
function policy(found: Found, choices: Choices): Change | null {
  const { policy: path, agent, group, members, channel } = choices;
  const text = found(path);
  const name = `tools of ${agent}`;
  const rule = [
    `- name: ${name}`,
    `  match: { action: "*", resource: "tool/*", agents: [${agent}] }`,
    '  effect: require',
    `  approvers: [${group}]`,
    '  timeout: 1h',
  ];
  if (text === null) {
    const people = `members: [${members.join(', ')}], channel: ${channel}`;
    const whole = [
      'version: 1',
      'approver_groups:',
      `  ${group}: { ${people} }`,
      'rules:',
      ...rule.map((line) => `  ${line}`),
    ];
    return checked({ path, before: null, at: 0, lines: whole }, null);
  }
  const before = documentOf(path, text);
  if (before.rules.some((known) => known.name === name)) return null;
  const had = splitLines(text);
  const at = had.findIndex((line) => /^rules:\s*(?:#.*)?$/.test(line));
  const first = had.slice(at + 1).find((line) => /^\s*-\s/.test(line)) ?? '  -';
  const indent = first.slice(0, first.indexOf('-'));
  if (at < 0) throw new PlacetError('conflict', { path });
  return checked({ path, before: text, at: at + 1, lines: rule.map((line) => indent + line) }, before);
}

/** What is added must be one rule more, and change nothing else. */
function checked(change: Change, before: PolicyDocument | null): Change {
  const after = documentOf(change.path, changedText(change));
  const rest = before === null ? null : JSON.stringify({ ...after, rules: after.rules.slice(1) });
  if (rest !== null && rest !== JSON.stringify(before)) throw new PlacetError('conflict', { path: change.path });
  return change;
}

function documentOf(path: string, text: string): PolicyDocument {
  const read = parsePolicyFile(new TextEncoder().encode(text));
  if (read.kind === 'document') return read.document;
  const [first] = read.problems;
  throw new PlacetError('policy_invalid', { path, line: first?.line, message: first?.message });
}
