// Does a change of policy only narrow? It does where it is proved that for every request it leaves the same people or fewer
// able to decide, as many or more needed, and no verdict nearer to allow. Whatever is not proved widens. Pure.

import { type Difference, differencesOf, isSame } from './differences.ts';
import type { Match, PolicyDocument, Rule } from './policy.ts';

/** Members of a rule that mean nothing once it denies. Any other one may say more, so it is not in here. */
const OF_NO_EFFECT = [
  'approvers',
  'quorum',
  'stages',
  'distinct_stages',
  'timeout_seconds',
  'hours',
  'justification',
  'reason',
  'confirm',
  'credential',
];

/** The differences that are not proved to narrow; none when the whole change is. */
export function wideningsOf(
  from: PolicyDocument | null,
  to: PolicyDocument,
  author_addresses: readonly string[],
): readonly Difference[] {
  const differences = differencesOf(from, to);
  if (from === null) return differences;
  return differences.filter((difference) => !isNarrower(difference, { from, to, author_addresses }));
}

type Change = {
  readonly from: PolicyDocument;
  readonly to: PolicyDocument;
  readonly author_addresses: readonly string[];
};

function isNarrower({ path, from, to }: Difference, change: Change): boolean {
  const [section, name = '', member, ...deeper] = path;
  if (deeper.length > 0) return false;
  if (section === 'approver_groups') return member === 'members' && isFewer(from, to) && !hasStandIns(change);
  if (section === 'roles') return member === undefined && isFewer(from, to) && keepsAnother(to, change);
  if (section !== 'rules' || name === '') return false;
  // A new rule that denies beats every other and is judged by none.
  if (member === undefined) return from === undefined && (to as Rule).effect === 'deny';
  const [before, after] = [ruleOf(change.from, name), ruleOf(change.to, name)];
  if (before === undefined || after === undefined) return false;
  // One that denies beats every other; one that is switched on where it was off is as good as new.
  if (member === 'off') return to === undefined && after.effect === 'deny';
  if (after.effect === 'deny' && before.effect !== 'deny') return member === 'effect' || OF_NO_EFFECT.includes(member);
  if (before.effect !== 'require' || after.effect !== 'require') return false;
  const rivals = rivalsOf(before, change);
  if (!rivals.every((other) => isSame(demandOf(other), demandOf(before)))) return false;
  // With a higher one it may judge in the place of a rule that leaves less time.
  const isFirstToEnd = rivals.every((other) => after.timeout_seconds <= other.timeout_seconds);
  if (member === 'quorum') return (to as number) > (from as number) && isFirstToEnd;
  return member === 'timeout_seconds' && (to as number) < (from as number);
}

/** Some were taken from a list, none was added, and somebody is left. */
function isFewer(from: unknown, to: unknown): boolean {
  if (!Array.isArray(from) || !Array.isArray(to)) return false;
  return to.length > 0 && to.length < from.length && to.every((item) => from.includes(item));
}

/** A role is taken from somebody while somebody else than the author still has it. */
function keepsAnother(to: unknown, { author_addresses }: Change): boolean {
  return (to as readonly string[]).some((address) => !author_addresses.includes(address));
}

/** Where others stand in for people who cannot be asked, fewer members may bring others in. */
function hasStandIns({ from, to }: Change): boolean {
  return [from, to].some((document) => hasMember(document, ['fallback', 'escalate', 'delegate']));
}

function hasMember(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => names.includes(name) || hasMember(inner, names));
}

/**
 * The rules that may match the same and require approval. Another quorum or timeout may let another one of them judge: it asks
 * nobody else and gives nothing else where all of them have the same people and the same credential.
 */
function rivalsOf(rule: Rule, { from, to }: Change): readonly Rule[] {
  return [...from.rules, ...to.rules].filter(
    (other) => other.name !== rule.name && other.effect === 'require' && !isApart(other.match, rule.match),
  );
}

/**
 * All that a rule asks and gives but how many and how fast; what this version of the program does not know is compared as well.
 */
function demandOf({
  name: _name,
  match: _match,
  when: _when,
  quorum: _quorum,
  timeout_seconds: _timeout,
  ...rest
}: Rule) {
  return { ...rest, approvers: [...new Set(rest.approvers)].sort() };
}

/** True where no request can match both. */
function isApart(a: Match, b: Match): boolean {
  const areApart = (one: readonly string[], other: readonly string[]) =>
    [...one, ...other].every((pattern) => !pattern.includes('*')) && !one.some((name) => other.includes(name));
  return (
    areApart([a.action], [b.action]) ||
    areApart([a.resource], [b.resource]) ||
    areApart(a.agents, b.agents) ||
    areApart(a.environments, b.environments)
  );
}

function ruleOf(document: PolicyDocument, name: string): Rule | undefined {
  return document.rules.find((rule) => rule.name === name);
}
